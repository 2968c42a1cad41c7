"""Training of networks that lift poses from images."""

from typing import Any

import torch

from pyg_skeleton.nn.image import integral_loss
from pyg_skeleton.nn.loss import pose_loss
from pyg_skeleton.nn.models import ImageLifter, ImagePose
from pyg_skeleton.training.lifting.recipe import ImageLiftingRecipe
from pyg_skeleton.training.module import SkeletonModule


class ImageLiftingModule(SkeletonModule):
    r"""Trains :class:`~pyg_skeleton.nn.models.ImageLifter` in the three stages of the `"Semantic
    Graph Convolutional Networks for 3D Human Pose Regression" <https://arxiv.org/abs/1904.03345>`_
    paper (section 5.1): first the 2-D network with the integral loss; then the graph network with
    the loss of joints and bones (equation 7), on the joints that the frozen 2-D network finds; then
    both with the sum of both losses (the paper does not give their weights).

    In the second stage nothing of the 2-D network changes, running statistics included.

    A batch has images, the joints in them (:obj:`x`, from -1 to 1), 3-D poses (:obj:`target`, in
    meters, relative to the root) and perhaps the joints that are :obj:`visible`, as in
    :class:`~pyg_skeleton.datasets.RenderedPoses`.

    Args:
        model (ImageLifter): The network.
        recipe (ImageLiftingRecipe): Optimizer, stages and losses.
        seed (int, optional): The seed of dropout. (default: :obj:`0`)
        compile (bool, optional): Whether to compile both networks. (default: :obj:`False`)
    """

    model: ImageLifter
    recipe: ImageLiftingRecipe

    def __init__(
        self, model: ImageLifter, recipe: ImageLiftingRecipe, seed: int = 0, compile: bool = False
    ) -> None:
        super().__init__(model, recipe, seed, compile)
        self._parameters_2d: list[torch.nn.Parameter] = []

    @property
    def stage(self) -> int:
        """The stage of the current step, 1 to 3."""
        return self.recipe.stage(self.global_step, self.length)

    def forward(self, batch: Any) -> ImagePose:
        """The poses and joints of a batch."""
        output: ImagePose = self.model(batch)
        return output

    def compiled_methods(self) -> list[tuple[torch.nn.Module, str]]:
        """The 2-D network, and the graph network."""
        return [(self.model, "find_joints"), (self.model.graph, "forward_poses")]

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        """Sets the learning rate, and freezes the 2-D network in the second stage."""
        super().on_train_batch_start(batch, batch_idx)
        learns = self.stage != 2
        self.model.train()
        if not learns:
            self.model.backbone.eval()
            self.model.head.eval()
        for parameter in self._parameters_2d:
            parameter.requires_grad_(learns)

    def on_fit_start(self) -> None:
        """Refuses to train a 2-D network that is frozen.

        Raises:
            ValueError: If it is, and the recipe has a stage that trains nothing else.
        """
        super().on_fit_start()
        networks = (self.model.backbone, self.model.head)
        self._parameters_2d = [p for n in networks for p in n.parameters() if p.requires_grad]
        if not self._parameters_2d and self.recipe.stages[0] > 0:
            raise ValueError(
                f"expected no first stage, which trains the 2-D network, with "
                f"{' and '.join(self.model.frozen)} frozen; got stages {self.recipe.stages}"
            )

    def on_fit_end(self) -> None:
        """Lets the 2-D network learn again."""
        super().on_fit_end()
        for parameter in self._parameters_2d:
            parameter.requires_grad_(True)

    def training_step(self, batch: Any, batch_idx: int) -> torch.Tensor:
        """The loss of the current stage."""
        stage = self.stage
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
        self.log_dict(losses, prog_bar=True, batch_size=batch.num_graphs, sync_dist=True)
        return torch.stack(list(losses.values())).sum()

    def _pose_loss(self, pose: torch.Tensor, batch: Any) -> torch.Tensor:
        return pose_loss(pose, batch.target, self.model.skeleton, self.recipe.bone_weight)

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        """Loss and errors of held-out images: pixels in 2-D, millimeters in 3-D."""
        pose, keypoints = self.measured(batch)
        V, root = self.model.skeleton.num_joints, self.model.skeleton.root
        error = (pose - batch.target).view(-1, V, 3)
        error = (error - error[:, root].unsqueeze(1)).norm(dim=-1).mean()
        pixels = (keypoints - batch.x).norm(dim=-1).mean() * batch.image.size(-1) / 2
        numbers = {"pixels": pixels, "mpjpe_mm": 1000 * error}
        numbers["loss"] = self._pose_loss(pose, batch)
        self.log_held_out(numbers, batch.num_graphs)
