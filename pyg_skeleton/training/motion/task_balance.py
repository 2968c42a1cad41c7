"""The balance of the gradients of recognition and prediction."""

import torch
from torch import Tensor

from pyg_skeleton.nn.loss import min_norm_pair
from pyg_skeleton.nn.models import MotionModel
from pyg_skeleton.training.motion.recipe import SymGNNRecipe

Gradient = list[Tensor | None]


class TaskBalance:
    r"""Weighs recognition and prediction by MGDA (equation 15), or by a fixed number.

    Args:
        model (MotionModel): The network; gradients are in the order of its parameters.
        recipe (SymGNNRecipe): With :obj:`balance`, :obj:`gradient_scale` and :obj:`scale_heads`.
    """

    def __init__(self, model: MotionModel, recipe: SymGNNRecipe) -> None:
        self.balance, self.scale_heads = recipe.balance, recipe.scale_heads
        scale = "loss" if recipe.balance == "mgda-loss" else recipe.gradient_scale
        self._by_loss, self._by_norm = "loss" in scale, "l2" in scale
        shared = {id(p) for p in model.backbone_parameters()}
        predicts = {id(p) for p in model.prediction_parameters()}
        self._sizes = [p.numel() for p in model.parameters()]
        self._is_shared = [id(p) in shared for p in model.parameters()]
        self._task = [int(id(p) in predicts) for p in model.parameters()]

    def fixed(self, num_tasks: int) -> list[float] | None:
        """The weights that are known before the gradients; :obj:`None` with MGDA.

        Args:
            num_tasks (int): The number of tasks, 1 or 2.
        """
        if num_tasks == 1:
            return [1.0]
        if self.balance in ("mgda", "mgda-loss"):
            return None
        return [float(self.balance), 1.0 - float(self.balance)]

    def weights(self, gradients: list[Gradient], losses: list[Tensor]) -> list[Tensor | float]:
        r"""MGDA's weights :math:`\lambda` of recognition and :math:`1 - \lambda` of prediction.

        Args:
            gradients (list): The gradient of each task.
            losses (list): The loss of each task.
        """
        flat = [self._shared(g) for g in gradients]
        scales = [g.new_ones(()) for g in flat]
        if self._by_loss:
            scales = [loss.detach() for loss in losses]
        if self._by_norm:
            scales = [scale * g.norm() for scale, g in zip(scales, flat, strict=True)]
        scaled = [g / s.clamp(min=1e-12) for g, s in zip(flat, scales, strict=True)]
        weight = min_norm_pair(*scaled)
        return [weight, 1.0 - weight]

    def combine(self, gradients: list[Gradient], weights: list[Tensor | float]) -> Gradient:
        """The gradient of a step of MGDA, in which each head may follow its own loss."""
        combined: Gradient = []
        for i, (is_shared, task) in enumerate(zip(self._is_shared, self._task, strict=True)):
            if is_shared or self.scale_heads:
                parts = [(w, g[i]) for w, g in zip(weights, gradients, strict=True)]
                used = [w * g for w, g in parts if g is not None]
                combined.append(sum(used[1:], used[0]) if used else None)
            else:
                combined.append(gradients[task][i])
        return combined

    def _shared(self, gradient: Gradient) -> Tensor:
        """The gradient of the shared parameters as one vector."""
        reference = next(g for g in gradient if g is not None)
        rows = zip(gradient, self._sizes, self._is_shared, strict=True)
        return torch.cat(
            [
                reference.new_zeros(n) if g is None else g.flatten()
                for g, n, shared in rows
                if shared
            ]
        )
