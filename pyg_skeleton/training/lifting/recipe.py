"""The training recipes of lifting networks, from 2-D joints or from images."""

from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from pyg_skeleton.training.checks import check_choice
from pyg_skeleton.training.recipe import Recipe

Loss = Literal["mse", "l1", "joint_bone"]


@dataclass(frozen=True, kw_only=True)
class LiftingRecipe(Recipe):
    r"""Settings of a training run of a network that lifts poses: those of :class:`Recipe` and its
    own.

    Args:
        loss (str, optional): :obj:`"mse"` or :obj:`"l1"`, the mean over joints and coordinates, or
            :obj:`"joint_bone"`, the sum of squared errors of joints and bones (equation 7 of the
            `"Semantic Graph Convolutional Networks for 3D Human Pose Regression"
            <https://arxiv.org/abs/1904.03345>`_ paper). (default: :obj:`"mse"`)
        bone_weight (float, optional): The weight of the bones in :obj:`"joint_bone"`.
            (default: :obj:`1.0`)
        flip (bool, optional): Whether to mirror each pose with a probability of one half.
            (default: :obj:`False`)
        output_scale (float, optional): The factor of the initial weights of the last layer. Poses
            in meters are small compared with what layers yield at first, and a short run would
            spend half of its steps on that. (default: :obj:`1.0`)
    """

    loss: Loss = "mse"
    bone_weight: float = 1.0
    flip: bool = False
    output_scale: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_choice("loss", self.loss, ("mse", "l1", "joint_bone"))


@dataclass(frozen=True, kw_only=True)
class ImageLiftingRecipe(Recipe):
    r"""Settings of a training run in the three stages of the `"Semantic Graph Convolutional
    Networks for 3D Human Pose Regression" <https://arxiv.org/abs/1904.03345>`_ paper (section
    5.1): those of :class:`Recipe` and its own.

    The schedule of the learning rate starts again in each stage.

    Args:
        stages (tuple of float, optional): The relative lengths of the stages: the 2-D network
            alone, the graph network alone, both. The paper does not give them.
            (default: :obj:`(1.0, 1.0, 0.5)`)
        bone_weight (float, optional): The weight of the bones in equation 7.
            (default: :obj:`1.0`)
        fine_tuning (float, optional): The factor of the learning rate in the last stage.
            (default: :obj:`0.3`)
    """

    stages: tuple[float, float, float] = (1.0, 1.0, 0.5)
    bone_weight: float = 1.0
    fine_tuning: float = 0.3

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.stages) != 3 or min(self.stages) < 0 or not sum(self.stages) > 0:
            raise ValueError(f"expected three lengths of stages, not all zero, got {self.stages}")
        if self.unit != "step" or self.schedule == "plateau":
            raise ValueError("expected a schedule that counts steps of a stage, not 'plateau'")

    def stage_ends(self, length: int | None = None) -> tuple[int, ...]:
        """The steps at which the stages end.

        Args:
            length (int, optional): The length of the run in steps. (default: the recipe's)
        """
        share = (self.length() if length is None else length) / sum(self.stages)
        return tuple(round(share * done) for done in accumulate(self.stages))

    def stage(self, step: int, length: int | None = None) -> int:
        """The stage of a step, 1 to 3."""
        return next((i for i, end in enumerate(self.stage_ends(length), 1) if step < end), 3)

    def factor(self, time: int, length: int | None = None) -> float:
        """The factor of the learning rate, see :meth:`Recipe.factor`."""
        stage = self.stage(time, length)
        start, end = (0, *self.stage_ends(length))[stage - 1 : stage + 1]
        factor = super().factor(time - start, max(1, end - start))
        return factor * self.fine_tuning if stage == 3 else factor


# Steps of a pass over the 1,559,752 training poses of Human3.6M, by batch size.
_H36M = {size: -(-1_559_752 // size) for size in (64, 200, 256)}

#: The recipes of the papers and their code on Human3.6M, and one for two cores.
#: SemGCN's authors release something else than they print: see docs/papers/sem_gcn.rst.
LIFTING_RECIPES: dict[str, LiftingRecipe] = {
    "tiny": LiftingRecipe(
        max_steps=2_000,
        batch_size=128,
        lr=2e-3,
        schedule="cosine",
        warmup=100,
        gradient_clip=1.0,
        flip=True,
        output_scale=0.05,
    ),
    # For the weights that come along: new poses and cameras in each step.
    "any-camera": LiftingRecipe(
        max_steps=10_000,
        batch_size=128,
        lr=2e-3,
        schedule="cosine",
        warmup=200,
        gradient_clip=1.0,
        loss="l1",
        flip=True,
        output_scale=0.05,
    ),
    # Adam, 64, 0.001, halved when the validation loss saturates, 200 epochs, equation 7 without
    # bones for the first configuration, nothing mirrored.
    "sem-gcn-paper": LiftingRecipe(
        max_steps=200 * _H36M[64],
        batch_size=64,
        lr=1e-3,
        schedule="plateau",
        decay=0.5,
        loss="joint_bone",
        bone_weight=0,
    ),
    # The command line of the released code: 50 epochs for the network without non-local layers.
    "sem-gcn-code": LiftingRecipe(
        max_steps=50 * _H36M[64],
        batch_size=64,
        lr=1e-3,
        schedule="staircase",
        decay=0.96,
        gradient_clip=1.0,
    ),
    # As in SemGCN's comparison, which trains it for 200 epochs.
    "martinez": LiftingRecipe(
        max_steps=200 * _H36M[64],
        batch_size=64,
        lr=1e-3,
        schedule="staircase",
        decay=0.96,
        gradient_clip=1.0,
    ),
    "lcn": LiftingRecipe(
        max_steps=200 * _H36M[200],
        batch_size=200,
        lr=1e-3,
        schedule="exponential",
        decay=0.96,
        decay_steps=32_000,
    ),
    # "Exponential decay 0.95": per epoch, as in the code base of the same first author.
    "hcsf": LiftingRecipe(
        max_steps=80 * _H36M[256],
        batch_size=256,
        lr=1e-3,
        schedule="staircase",
        decay=0.95,
        decay_steps=_H36M[256],
        loss="l1",
        flip=True,
    ),
}
#: The recipe of the embedded people in images, for two cores.
IMAGE_LIFTING_RECIPES: dict[str, ImageLiftingRecipe] = {
    "tiny": ImageLiftingRecipe(
        max_steps=1_800,
        batch_size=32,
        lr=2e-3,
        schedule="cosine",
        warmup=30,
        gradient_clip=1.0,
        stages=(600.0, 800.0, 400.0),
    )
}
