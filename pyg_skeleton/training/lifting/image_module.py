"""Training of networks that lift poses with the help of images."""

from typing import Any

import torch

from pyg_skeleton.nn.image import integral_loss
from pyg_skeleton.nn.loss import pose_loss
from pyg_skeleton.nn.models import ImageLifter, ImagePose
from pyg_skeleton.training.lifting.image_recipe import ImageLiftingRecipe
from pyg_skeleton.training.module import SkeletonModule


class ImageLiftingModule(SkeletonModule):
    r"""Trains :class:`~pyg_skeleton.nn.models.ImageLifter` in the three stages of the `"Semantic
    Graph Convolutional Networks for 3D Human Pose Regression" <https://arxiv.org/abs/1904.03345>`_
    paper (section 5.1): first the 2-D network by the integral loss; then the graph network by the
    loss of joints and bones (equation 7), on what the frozen 2-D network finds; then both by both
    losses, whose weights the paper does not say: one each.

    In the second stage nothing of the 2-D network changes, running statistics included.

    A batch has images, the joints in them (:obj:`x`, from -1 to 1), 3-D poses (:obj:`target`, in
    meters, relative to the root) and maybe which joints are :obj:`visible`, as
    :class:`~pyg_skeleton.datasets.RenderedPoses` yields them.

    Args:
        model (ImageLifter): The network.
        recipe (ImageLiftingRecipe): Optimizer, stages and loss settings.
        seed (int, optional): The seed of dropout. (default: :obj:`0`)
    """

    model: ImageLifter  # type: ignore[assignment]
    recipe: ImageLiftingRecipe

    def __init__(self, model: ImageLifter, recipe: ImageLiftingRecipe, seed: int = 0) -> None:
        super().__init__(model, recipe, seed)  # type: ignore[arg-type]

    def forward(self, batch: Any) -> ImagePose:
        """Runs the network."""
        output: ImagePose = self.model(batch)
        return output

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        """Freezes the 2-D network in the second stage, and only then."""
        learns = self.recipe.stage(self.global_step) != 2
        for network in (self.model.backbone, self.model.head):
            network.requires_grad_(learns).train(learns)

    def on_fit_end(self) -> None:
        """Leaves the network as it was."""
        self.model.requires_grad_(True)

    def training_step(self, batch: Any, batch_idx: int) -> torch.Tensor:
        """One step, by the losses of its stage."""
        stage = self.recipe.stage(self.global_step)
        maps, keypoints = self.model.find_joints(batch.image)
        losses = {}
        if stage != 2:
            # The paper of the loss has the joints from -0.5 to 0.5.
            losses["loss_2d"] = integral_loss(
                keypoints / 2, batch.x / 2, batch.num_graphs, getattr(batch, "visible", None)
            )
        if stage != 1:
            pose = self.model.lift(batch, maps, keypoints)
            losses["loss_3d"] = self._pose_loss(pose, batch)
        self.log_dict(losses, prog_bar=True, batch_size=batch.num_graphs)
        return torch.stack(list(losses.values())).sum()

    def _pose_loss(self, pose: torch.Tensor, batch: Any) -> torch.Tensor:
        return pose_loss(pose, batch.target, self.model.skeleton, self.recipe.bone_weight)

    def configure_gradient_clipping(self, *args: Any, **kwargs: Any) -> None:
        """Clips the norm of all gradients together."""
        if self.recipe.gradient_clip > 0:
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.gradient_clip)

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        """Losses and errors of held-out images: pixels in 2-D, millimeters in 3-D."""
        pose, keypoints = self.model(batch)
        V, root = self.model.skeleton.num_joints, self.model.skeleton.root
        error = (pose - batch.target).view(-1, V, 3)
        error = (error - error[:, root].unsqueeze(1)).norm(dim=-1).mean()
        pixels = (keypoints - batch.x).norm(dim=-1).mean() * batch.image.size(-1) / 2
        numbers = {"val_pixels": pixels, "val_mpjpe_mm": 1000 * error}
        numbers["val_loss"] = self._pose_loss(pose, batch)
        self.log_dict(numbers, batch_size=batch.num_graphs, sync_dist=True)
