"""Less memory for activations: blocks compute them twice."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import torch
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils.checkpoint import checkpoint

#: The lists of blocks in our networks.
_LISTS = ("blocks", "joint_blocks", "part_blocks")


class Recompute(Callback):
    """Keeps the inputs of the blocks of a network for the backward pass, which computes what is
    inside of them again, by :func:`torch.utils.checkpoint.checkpoint`. The gradients and the
    running statistics are the same.

    .. code-block:: python

        trainer = Trainer(callbacks=[Recompute()])

    Raises:
        ValueError: If the network has no blocks.
    """

    def __init__(self) -> None:
        self._blocks: list[torch.nn.Module] = []

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Changes the blocks."""
        self._blocks = recompute_blocks(pl_module)
        if not self._blocks:
            kind = type(getattr(pl_module, "network", pl_module)).__name__
            raise ValueError(f"expected a network of blocks to recompute, got {kind}")

    def teardown(self, *args: Any, **kwargs: Any) -> None:
        """Changes them back."""
        for block in self._blocks:
            block.__dict__.pop("forward", None)
        self._blocks = []


def recompute_blocks(model: torch.nn.Module) -> list[torch.nn.Module]:
    """Makes the blocks of a network compute their activations again in the backward pass; returns
    the blocks.

    Args:
        model (torch.nn.Module): The network.
    """
    lists = [m for name, m in model.named_modules() if name.rpartition(".")[2] in _LISTS]
    blocks = [block for blocks in lists for block in blocks.children()]
    for block in blocks:
        block.forward = _recomputed(block)
    return blocks


def _recomputed(block: torch.nn.Module) -> Callable[..., Any]:
    own = block.forward

    def forward(*args: Any, **kwargs: Any) -> Any:
        if not (block.training and torch.is_grad_enabled()):
            return own(*args, **kwargs)
        contexts: Any = lambda: (nullcontext(), _UnchangedStatistics(block))  # noqa: E731
        return checkpoint(own, *args, use_reentrant=False, context_fn=contexts, **kwargs)

    return forward


class _UnchangedStatistics:
    """Leaves running statistics as the first pass has left them; entered in each backward pass."""

    def __init__(self, block: torch.nn.Module) -> None:
        self.norms = [m for m in block.modules() if isinstance(m, _BatchNorm)]

    def __enter__(self) -> None:
        self.before = [(norm.momentum, norm.num_batches_tracked) for norm in self.norms]
        for norm, (_, count) in zip(self.norms, self.before, strict=True):
            norm.momentum = 0.0
            norm.num_batches_tracked = None if count is None else count.clone()

    def __exit__(self, *args: Any) -> None:
        for norm, before in zip(self.norms, self.before, strict=True):
            norm.momentum, norm.num_batches_tracked = before
