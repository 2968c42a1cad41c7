"""Batch normalization by the statistics of all processes, as a plugin of Lightning."""

from lightning.pytorch.plugins import LayerSync
from torch.nn import Module

from pyg_skeleton.nn.norm import synchronize_norms


class SyncNorms(LayerSync):
    """Makes the batch normalization layers of a network use the statistics of the batches of all
    processes while it is trained.

    In the place of Lightning's ``sync_batchnorm=True``, whose layers take the second dimension for
    the channels and do not run on CPUs:

    .. code-block:: python

        trainer = Trainer(devices=2, strategy="ddp", plugins=[SyncNorms()])
    """

    def apply(self, model: Module) -> Module:
        """Changes the layers."""
        synchronize_norms(model)
        return model

    def revert(self, model: Module) -> Module:
        """Changes them back."""
        synchronize_norms(model, False)
        return model
