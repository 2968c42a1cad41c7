"""How networks that lift poses are trained."""

from dataclasses import dataclass
from typing import ClassVar

from pyg_skeleton.training.recipe import Recipe


@dataclass(frozen=True)
class LiftingRecipe(Recipe):
    r"""Settings of a training run of a network that lifts poses, those of :class:`Recipe` and its
    own.

    Args:
        loss (str): :obj:`"mse"` or :obj:`"l1"`, the mean over joints and coordinates, or
            :obj:`"joint_bone"`, the sum of squared errors of joints and bones (equation 7 of the
            `"Semantic Graph Convolutional Networks for 3D Human Pose Regression"
            <https://arxiv.org/abs/1904.03345>`_ paper).
        bone_weight (float): The weight of the bones in :obj:`"joint_bone"`.
        flip (bool): Whether each pose is mirrored with a probability of one half.
        output_scale (float): A factor of the last layer's first weights. Poses in meters are small
            beside what layers yield at first; a short run would lose half of itself on that.
        schedule (str): One of :class:`Recipe`, or :obj:`"plateau"`: times :obj:`decay` whenever
            the loss of held-out poses did not fall for five epochs that have one.
    """

    schedules: ClassVar[tuple[str, ...]] = (*Recipe.schedules, "plateau")

    loss: str = "mse"
    bone_weight: float = 1.0
    flip: bool = False
    output_scale: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.loss not in ("mse", "l1", "joint_bone"):
            raise ValueError(f"expected loss mse, l1 or joint_bone, got {self.loss!r}")


# Steps of a pass over the 1,559,752 training poses of Human3.6M, by batch size.
_H36M = {size: -(-1_559_752 // size) for size in (64, 200, 256)}

#: How the papers and their code train on Human3.6M, and our own settings for two cores.
#: SemGCN's authors release something else than they print: see docs/papers/sem_gcn.rst.
LIFTING_RECIPES: dict[str, LiftingRecipe] = {
    "tiny": LiftingRecipe(
        2_000,
        128,
        2e-3,
        schedule="cosine",
        warmup_steps=100,
        gradient_clip=1.0,
        flip=True,
        output_scale=0.05,
    ),
    # Adam, 64, 0.001, halved when the validation loss saturates, 200 epochs, equation 7 without
    # bones for the first configuration, nothing mirrored.
    "sem-gcn-paper": LiftingRecipe(
        200 * _H36M[64], 64, 1e-3, schedule="plateau", decay=0.5, loss="joint_bone", bone_weight=0
    ),
    # The command line of the released code: 50 epochs for the network without non-local layers.
    "sem-gcn-code": LiftingRecipe(
        50 * _H36M[64], 64, 1e-3, schedule="staircase", decay=0.96, gradient_clip=1.0
    ),
    # As in SemGCN's comparison, which trains it for 200 epochs.
    "martinez": LiftingRecipe(
        200 * _H36M[64], 64, 1e-3, schedule="staircase", decay=0.96, gradient_clip=1.0
    ),
    "lcn": LiftingRecipe(
        200 * _H36M[200], 200, 1e-3, schedule="exponential", decay=0.96, decay_steps=32_000
    ),
    # "Exponential decay 0.95": per epoch, as in the code base of the same first author.
    "hcsf": LiftingRecipe(
        80 * _H36M[256],
        256,
        1e-3,
        schedule="staircase",
        decay=0.95,
        decay_steps=_H36M[256],
        loss="l1",
        flip=True,
    ),
}
