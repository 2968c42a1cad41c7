"""Training of networks that predict motion."""

from collections.abc import Sequence
from typing import Any

import torch
import torch._functorch.config
import torch.nn.functional as F
from torch import Tensor
from torchmetrics import MeanMetric

from pyg_skeleton.nn.loss import motion_l1
from pyg_skeleton.nn.models import MotionModel, SymGNNOutput
from pyg_skeleton.nn.processes import mean_over_processes
from pyg_skeleton.training.finite import named_anomaly
from pyg_skeleton.training.infer import in_top
from pyg_skeleton.training.module import SkeletonModule
from pyg_skeleton.training.motion.recipe import SymGNNRecipe
from pyg_skeleton.training.motion.task_balance import Gradient, TaskBalance


class SymGNNModule(SkeletonModule):
    r"""Trains a :class:`~pyg_skeleton.nn.models.MotionModel` as the `"Symbiotic Graph Neural
    Networks" <https://arxiv.org/abs/1910.02212>`_ paper does (section 5.4, appendix B).

    .. math::
        \mathcal{L} = \lambda \mathcal{L}_{recg} + (1 - \lambda) \mathcal{L}_{pred}

    with :math:`\lambda` from MGDA, recomputed each step on the exact gradients of the shared
    parameters (all of AGIM and the blocks), or fixed. With MGDA each head follows its own loss
    unless :obj:`recipe.scale_heads`: where one task gets all of the backbone
    (:math:`\lambda` is 0 or 1), the other head goes on learning. With a frozen backbone there is
    nothing to balance, and :math:`\lambda` is one half.

    Processes, and the batches of a step (:obj:`recipe.accumulate`), average the gradients of both
    tasks before :math:`\lambda` is computed, so that it is that of one large batch.

    Args:
        model (MotionModel): The network, with one head or both.
        recipe (SymGNNRecipe): Optimizer, schedule and loss settings.
        seed (int, optional): The seed of dropout. (default: :obj:`0`)
        compile (bool, optional): Whether to compile the network. (default: :obj:`False`)
    """

    model: MotionModel
    recipe: SymGNNRecipe

    def __init__(
        self, model: MotionModel, recipe: SymGNNRecipe, seed: int = 0, compile: bool = False
    ) -> None:
        super().__init__(model, recipe, seed, compile)
        self.balance = TaskBalance(model, recipe)
        self._losses: dict[str, Tensor] = {}
        # The sums over the batches of a step so far, and their number.
        self._sums: dict[str, Tensor] = {}
        self._gradients: list[Gradient] = []
        self._num_batches = 0
        if model.recognizes:
            self.top1, self.top5 = MeanMetric(), MeanMetric()

    @property
    def num_classes(self) -> int | None:
        """The number of classes, with a head that recognizes them."""
        return self.model.config["num_classes"] if self.model.recognizes else None

    def forward(self, batch: Any) -> SymGNNOutput:
        """The output of the network."""
        return self.model(batch)

    def losses(self, batch: Any, output: SymGNNOutput) -> dict[str, Tensor]:
        """The losses of the heads, equations 11 and 12."""
        losses = {}
        if output.logits is not None:
            losses["recg"] = F.cross_entropy(output.logits, batch.y)
        if output.prediction is not None:
            losses["pred"] = self._prediction_loss(batch, output.prediction)
        return losses

    def _prediction_loss(self, batch: Any, prediction: Tensor) -> Tensor:
        recipe, target, last = self.recipe, batch.target, batch.x[:, -1:]
        if recipe.prediction_unit == "data":
            std = self.model.std.repeat(len(target) // len(self.model.std), 1).unsqueeze(1)
            prediction, target, last = prediction * std, target * std, last * std
        options = (batch.num_graphs, recipe.prediction_reduction)
        loss = motion_l1(prediction, target, *options)
        if recipe.velocity_weight > 0:
            steps, true_steps = (
                torch.cat([last, motion], dim=1).diff(dim=1) for motion in (prediction, target)
            )
            loss = loss + recipe.velocity_weight * motion_l1(steps, true_steps, *options)
        return loss

    def training_step(self, batch: Any, batch_idx: int) -> Tensor:
        """The sum of the losses of a batch, whose gradients :meth:`backward` keeps apart."""
        losses = self.losses(batch, self.model(batch))
        self._losses = {name: loss for name, loss in losses.items() if loss.requires_grad}
        return torch.stack(list(losses.values())).sum()

    def backward(self, loss: Tensor, *args: Any, **kwargs: Any) -> None:
        """Adds the gradients of each task to those of the step, or of their fixed sum."""
        parameters = list(self.model.parameters())
        trained = [p for p in parameters if p.requires_grad]
        terms = list(self._losses.values())
        fixed = self.balance.fixed(len(terms))
        if fixed is not None:  # one walk through the graph is enough
            together = torch.stack(terms)
            terms = [together @ together.new_tensor(fixed)]
        for i, term in enumerate(terms):
            retain = i < len(terms) - 1
            with named_anomaly(self):
                found = torch.autograd.grad(term, trained, retain_graph=retain, allow_unused=True)
            rest = iter(found)
            gradient = [next(rest) if p.requires_grad else None for p in parameters]
            if self._num_batches > 0:
                pairs = zip(self._gradients[i], gradient, strict=True)
                self._gradients[i] = [
                    a if b is None else b if a is None else a + b for a, b in pairs
                ]
            else:
                self._gradients.append(gradient)
        for name, own in self._losses.items():
            self._sums[name] = self._sums.get(name, 0.0) + own.detach().view(1)
        self._losses = {}
        self._num_batches += 1

    def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:
        """Weighs the gradients of both tasks."""
        means = self._mean(list(self._sums.values()))
        gradients = []
        for gradient in self._gradients:
            rest = iter(self._mean([g for g in gradient if g is not None]))
            gradients.append([None if g is None else next(rest) for g in gradient])
        fixed = self.balance.fixed(len(means))
        weights: Sequence[Tensor | float]
        if fixed is None:
            weights = self.balance.weights(gradients, means)
            gradient = self.balance.combine(gradients, weights)
        else:
            weights, gradient = fixed, gradients[0]
        for p, g in zip(self.model.parameters(), gradient, strict=True):
            p.grad = g
        for name, mean in zip(self._sums, means, strict=True):
            self.log(f"loss_{name}", mean, prog_bar=True)
        if len(means) == 2:
            self.log("lambda", weights[0], prog_bar=True)
        self._forget()
        super().on_before_optimizer_step(optimizer)

    def _mean(self, sums: list[Tensor]) -> list[Tensor]:
        """The mean over batches and processes; DistributedDataParallel's is for `backward` only."""
        return mean_over_processes([value / self._num_batches for value in sums])

    def _forget(self) -> None:
        self._sums, self._gradients, self._num_batches = {}, [], 0

    def on_fit_start(self) -> None:
        """Compiles the network for training."""
        if self._compile:
            # MGDA walks the graph twice, so buffers must outlive the first walk.
            torch._functorch.config.donated_buffer = False
        super().on_fit_start()

    def on_train_start(self) -> None:
        """Keeps DistributedDataParallel from waiting for a `backward` that never comes."""
        super().on_train_start()
        self._forget()
        if self.trainer.world_size > 1:
            self.trainer.strategy.model.require_backward_grad_sync = False  # type: ignore[union-attr]

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        """Accuracy and losses of held-out clips."""
        output = self.measured(batch)
        losses = self.losses(batch, output)
        self.log_held_out({f"loss_{n}": loss for n, loss in losses.items()}, batch.num_graphs)
        if output.logits is not None:
            self.top1(in_top(output.logits, batch.y, 1))
            self.top5(in_top(output.logits, batch.y, 5))
            count = {"batch_size": batch.num_graphs}
            self.log(f"{self.split}_top1", self.top1, prog_bar=True, **count)
            self.log(f"{self.split}_top5", self.top5, **count)
