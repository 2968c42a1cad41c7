"""Training of networks that lift poses."""

import copy
from typing import Any

import torch
from torch import Tensor

from pyg_skeleton.nn.loss import pose_loss
from pyg_skeleton.nn.models import LiftingModel
from pyg_skeleton.nn.models.lifting.model import mirror_poses
from pyg_skeleton.skeleton import as_tree
from pyg_skeleton.training.lifting.recipe import LiftingRecipe
from pyg_skeleton.training.module import SkeletonModule


class LiftingModule(SkeletonModule):
    r"""Trains a network that lifts 2-D poses to 3-D with the loss of its recipe.

    Poses are mirrored in the training step, by the random state of the epoch.

    Args:
        model (LiftingModel): The network.
        recipe (LiftingRecipe): Optimizer, schedule and loss settings.
        seed (int, optional): The seed of dropout and mirrored poses. (default: :obj:`0`)
        compile (bool, optional): Whether to compile the network. (default: :obj:`False`)

    Raises:
        ValueError: If poses with image features are to be mirrored.
    """

    model: LiftingModel
    recipe: LiftingRecipe

    def __init__(
        self, model: LiftingModel, recipe: LiftingRecipe, seed: int = 0, compile: bool = False
    ) -> None:
        if recipe.flip and model.in_channels != 2:
            raise ValueError(
                f"image features cannot be mirrored: the network reads {model.in_channels} "
                f"channels per joint, expected 2 or a recipe with flip=False"
            )
        hparams = {"model": type(model).__name__, "space": model.target_space}
        super().__init__(model, recipe, seed, compile, hparams)
        self.skeleton = as_tree(model.skeleton, "LiftingModule")

    def forward(self, batch: Any) -> Tensor:
        """The poses of a batch."""
        prediction: Tensor = self.model(batch)
        return prediction

    def loss(self, prediction: Tensor, target: Tensor) -> Tensor:
        """The loss of the recipe."""
        recipe, skeleton = self.recipe, self.skeleton
        if recipe.loss == "joint_bone":
            return pose_loss(prediction, target, skeleton, recipe.bone_weight)
        norm = "l1" if recipe.loss == "l1" else "squared"
        return pose_loss(prediction, target, skeleton, 0.0, norm, "mean")

    def training_step(self, batch: Any, batch_idx: int) -> Tensor:
        """The loss of a batch."""
        if self.recipe.flip:
            batch = self._mirror_some(batch)
        loss = self.loss(self.model(batch), batch.target)
        self.log("loss", loss, prog_bar=True, batch_size=batch.num_graphs, sync_dist=True)
        return loss

    def _mirror_some(self, batch: Any) -> Any:
        """Mirrors each pose with a probability of one half."""
        V = self.model.skeleton.num_joints
        batch = copy.copy(batch)
        chosen = torch.rand(batch.x.size(0) // V, device=batch.x.device) < 0.5
        for name in ("x", "target"):
            poses = batch[name].view(-1, V, *batch[name].shape[1:])
            mask = chosen.view(-1, *[1] * (poses.dim() - 1))
            mirrored = mirror_poses(poses, self.model.skeleton)
            batch[name] = torch.where(mask, mirrored, poses).flatten(0, 1)
        return batch

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        """The loss of held-out poses, and their error if the target is in meters."""
        prediction = self.measured(batch)
        means = {"loss": self.loss(prediction, batch.target)}
        if self.model.target_space == "root-relative":
            V, root = self.skeleton.num_joints, self.skeleton.root
            error = (prediction - batch.target).view(-1, V, 3)
            error = (error - error[:, root].unsqueeze(1)).norm(dim=-1).mean()
            means["mpjpe_mm"] = 1000 * error
        self.log_held_out(means, batch.num_graphs)
