"""Training of networks that recognize actions."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torchmetrics.classification import MulticlassAccuracy

from pyg_skeleton.nn.loss import InfoGCNLoss
from pyg_skeleton.nn.models import InfoGCN, SkeletonGCL, SkeletonModel
from pyg_skeleton.training.module import SkeletonModule
from pyg_skeleton.training.recognition.recipe import RecognitionRecipe


class RecognitionModule(SkeletonModule):
    r"""Trains a network that recognizes actions, by the loss of its recipe.

    .. math::
        \mathcal{L} = \mathcal{L}_{classes} + \mathcal{L}_{contrast}

    The second term is that of :class:`~pyg_skeleton.nn.models.SkeletonGCL`, where the network is
    in one; banks and head are part of the checkpoint.

    Args:
        model (SkeletonModel or SkeletonGCL): The network, with or without contrast.
        recipe (RecognitionRecipe): Optimizer, schedule and loss settings.
        seed (int, optional): The seed of dropout, noise and random negatives.
            (default: :obj:`0`)
        compile (bool, optional): Whether to compile the network. (default: :obj:`False`)

    Raises:
        ValueError: If InfoGCN's loss is wanted for another network.
    """

    model: Any
    recipe: RecognitionRecipe

    def __init__(
        self,
        model: SkeletonModel | SkeletonGCL,
        recipe: RecognitionRecipe,
        seed: int = 0,
        compile: bool = False,
    ) -> None:
        super().__init__(model, recipe, seed, compile)  # type: ignore[arg-type]
        network: Any = self.network
        gcl = {}
        if isinstance(model, SkeletonGCL):
            gcl = {"bank": model.bank, "objective": model.objective, **model.loss_options}
        self.save_hyperparameters({"model": type(network).__name__, "gcl": gcl})
        self.info_gcn_loss = None
        if recipe.loss == "info_gcn":
            if not isinstance(network, InfoGCN):
                raise ValueError(
                    f"loss 'info_gcn' is about the codes of InfoGCN, got {type(network).__name__}"
                )
            codes = network.classifier.in_features
            self.info_gcn_loss = InfoGCNLoss(network.num_classes, codes, recipe.label_smoothing)
        top = min(5, network.num_classes)
        self.top1 = MulticlassAccuracy(network.num_classes, average="micro")
        self.top5 = MulticlassAccuracy(network.num_classes, average="micro", top_k=top)

    @property
    def network(self) -> SkeletonModel:
        """The network itself, without the contrast around it."""
        contrasted = isinstance(self.model, SkeletonGCL)
        network: SkeletonModel = self.model.model if contrasted else self.model
        return network

    def forward(self, batch: Any) -> Tensor:
        """Runs the network; returns logits."""
        return logits_of(self.network(batch))

    def loss(self, output: Any, y: Tensor) -> Tensor:
        """The recipe's loss of what the network returned."""
        if self.info_gcn_loss is not None:
            loss: Tensor = self.info_gcn_loss(output.logits, output.latent, y)
            return loss
        return F.cross_entropy(logits_of(output), y, label_smoothing=self.recipe.label_smoothing)

    def training_step(self, batch: Any, batch_idx: int) -> Tensor:
        """One step."""
        output, contrast = self.model(batch), None
        if isinstance(self.model, SkeletonGCL):
            output, contrast = output
        loss = self.loss(output, batch.y)
        count = {"batch_size": batch.num_graphs, "prog_bar": True}
        self.log("loss_classes", loss, **count)
        if contrast is not None:
            self.log("loss_contrast", contrast, **count)
            loss = loss + contrast
        return loss

    def on_train_epoch_start(self) -> None:
        """Makes the epoch's random state and learning rate depend on its number alone."""
        super().on_train_epoch_start()
        rate = self.recipe.lr * self.recipe.learning_rate_factor(self.current_epoch)
        for group in self.optimizers().optimizer.param_groups:  # type: ignore[union-attr]
            group["lr"] = rate
        self.log("lr", rate)

    def on_before_optimizer_step(self, optimizer: Any) -> None:
        """Keeps the shared graphs as they are in the recipe's first epochs."""
        if self.current_epoch < self.recipe.frozen_epochs:
            for parameter in self.network.graph_parameters():
                parameter.grad = None

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        """Accuracy and loss on held-out clips."""
        output = self.network(batch)
        logits = logits_of(output)
        self.top1(logits, batch.y)
        self.top5(logits, batch.y)
        count = {"batch_size": batch.num_graphs}
        self.log("val_loss", self.loss(output, batch.y), sync_dist=True, **count)
        self.log("val_top1", self.top1, prog_bar=True, **count)
        self.log("val_top5", self.top5, **count)

    def configure_optimizers(self) -> Any:
        """The recipe's optimizer; :meth:`on_train_epoch_start` sets its rate."""
        return self.recipe.optimizer(p for p in self.parameters() if p.requires_grad)


def logits_of(output: Any) -> Tensor:
    """The logits among what a network returned."""
    return output if isinstance(output, torch.Tensor) else output[0]
