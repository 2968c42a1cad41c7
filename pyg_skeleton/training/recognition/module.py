"""Training of networks that recognize actions."""

from typing import Any

import torch.nn.functional as F
from torch import Tensor
from torchmetrics import MeanMetric

from pyg_skeleton.nn.loss import InfoGCNLoss
from pyg_skeleton.nn.models import InfoGCN, SkeletonGCL, SkeletonModel
from pyg_skeleton.nn.processes import gather
from pyg_skeleton.training.infer import in_top, logits_of
from pyg_skeleton.training.module import SkeletonModule
from pyg_skeleton.training.recognition.recipe import RecognitionRecipe


class RecognitionModule(SkeletonModule):
    r"""Trains a network that recognizes actions with the loss of its recipe.

    .. math::
        \mathcal{L} = \mathcal{L}_{classes} + \mathcal{L}_{contrast}

    The second term is that of :class:`~pyg_skeleton.nn.models.SkeletonGCL`, if the network is in
    one. Its banks and head are part of the checkpoint.

    By the :attr:`~pyg_skeleton.nn.models.RecognitionModel.target` of the network, the first term is
    the recipe's loss for one class of each clip, the binary cross-entropy for several, and the
    smooth L1 loss for a score in units of its standard deviation.

    Args:
        model (SkeletonModel or SkeletonGCL): The network, with or without contrast.
        recipe (RecognitionRecipe): Optimizer, schedule and loss.
        seed (int, optional): The seed of dropout, noise and random negatives.
            (default: :obj:`0`)
        compile (bool, optional): Whether to compile the network. (default: :obj:`False`)
        loss_weight (torch.Tensor, optional): The weight of each class in the cross-entropy.
            (default: :obj:`None`)

    Raises:
        ValueError: If the recipe has InfoGCN's loss and the network is another one, or a setting
            needs one class of each clip and the network learns something else.
    """

    recipe: RecognitionRecipe
    loss_weight: Tensor | None

    def __init__(
        self,
        model: SkeletonModel | SkeletonGCL,
        recipe: RecognitionRecipe,
        seed: int = 0,
        compile: bool = False,
        loss_weight: Tensor | None = None,
    ) -> None:
        self.contrast = isinstance(model, SkeletonGCL)
        network: Any = model.model if isinstance(model, SkeletonGCL) else model
        gcl = {}
        if isinstance(model, SkeletonGCL):
            gcl = {"bank": model.bank, "objective": model.objective, **model.loss_options}
        hparams = {"model": type(network).__name__, "gcl": gcl}
        super().__init__(model, recipe, seed, compile, hparams)
        self.target = getattr(network, "target", "class")
        check_target(self.target, recipe, self.contrast)
        self.register_buffer("loss_weight", loss_weight, persistent=False)
        self.info_gcn_loss = None
        if recipe.loss == "info_gcn":
            if not isinstance(network, InfoGCN):
                raise ValueError(
                    f"loss 'info_gcn' is about the codes of InfoGCN, got {type(network).__name__}"
                )
            codes = network.classifier.in_features
            self.info_gcn_loss = InfoGCNLoss(network.num_classes, codes, recipe.label_smoothing)
        self.top1, self.top5 = MeanMetric(), MeanMetric()
        self.exact, self.error = MeanMetric(), MeanMetric()

    @property
    def network(self) -> SkeletonModel:
        """The network itself, without the contrast."""
        network: SkeletonModel = self.model.model if self.contrast else self.model  # type: ignore
        return network

    @property
    def _mean(self) -> float:
        return self.network.score_mean  # type: ignore[return-value]

    @property
    def _std(self) -> float:
        return self.network.score_std  # type: ignore[return-value]

    @property
    def num_classes(self) -> int:
        """The number of classes."""
        return int(self.network.num_classes)  # type: ignore[arg-type]

    def forward(self, batch: Any) -> Tensor:
        """The logits of a batch."""
        return logits_of(self.network(batch))

    def loss(self, output: Any, y: Tensor) -> Tensor:
        """The loss of the recipe for what the network returned."""
        if self.info_gcn_loss is not None:
            loss: Tensor = self.info_gcn_loss(output.logits, output.latent, y)
            return loss
        logits, smoothing = logits_of(output), self.recipe.label_smoothing
        if self.target == "classes":
            return F.binary_cross_entropy_with_logits(logits, y)
        if self.target == "score":
            return F.smooth_l1_loss(logits, (y - self._mean) / self._std)
        return F.cross_entropy(logits, y, self.loss_weight, label_smoothing=smoothing)

    def training_step(self, batch: Any, batch_idx: int) -> Tensor:
        """The loss of a batch."""
        output, contrast, y = self.model(batch), None, batch.y
        if self.contrast:
            output, contrast = output
        if self.info_gcn_loss is not None:  # it is about the classes of all clips of a step
            output = output._replace(logits=gather(output.logits), latent=gather(output.latent))
            y = gather(y)
        loss = self.loss(output, y)
        options = {"batch_size": batch.num_graphs, "prog_bar": True, "sync_dist": True}
        self.log("loss_classes", loss, **options)
        if contrast is not None:
            self.log("loss_contrast", contrast, **options)
            loss = loss + contrast
        return loss

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        """Accuracy and loss of held-out clips."""
        output = self.measured(batch)
        logits = logits_of(output)
        options = {"batch_size": batch.num_graphs}
        self.log_held_out({"loss": self.loss(output, batch.y)}, batch.num_graphs)
        if self.target == "classes":
            self.exact(((logits > 0) == (batch.y > 0)).all(dim=1).float())
            self.log(f"{self.split}_exact", self.exact, prog_bar=True, **options)
        elif self.target == "score":
            self.error((logits * self._std + self._mean - batch.y).abs())
            self.log(f"{self.split}_error", self.error, prog_bar=True, **options)
        else:
            self.top1(in_top(logits, batch.y, 1))
            self.top5(in_top(logits, batch.y, 5))
            self.log(f"{self.split}_top1", self.top1, prog_bar=True, **options)
            self.log(f"{self.split}_top5", self.top5, **options)


def check_target(target: str, recipe: RecognitionRecipe, contrast: bool) -> None:
    """Refuses settings that need one class of each clip where the network learns something else.

    Args:
        target (str): What it learns, see :class:`~pyg_skeleton.datasets.ClipTable`.
        recipe (RecognitionRecipe): The recipe.
        contrast (bool): Whether it is in a SkeletonGCL.

    Raises:
        ValueError: With the first setting.
    """
    settings = {
        "SkeletonGCL": contrast,
        f"the loss {recipe.loss!r}": recipe.loss != "cross_entropy",
        "label_smoothing": recipe.label_smoothing > 0,
        "class_weights": recipe.class_weights,
        "balanced_sampling": recipe.balanced_sampling,
    }
    given = next((name for name, there in settings.items() if there), None)
    if target != "class" and given is not None:
        kind = "a score" if target == "score" else "several classes"
        raise ValueError(f"{given} needs one class of each clip, these clips have {kind}")
