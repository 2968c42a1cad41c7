"""How networks that lift poses with the help of images are trained."""

from dataclasses import dataclass, replace
from itertools import accumulate

from pyg_skeleton.training.recipe import Recipe


@dataclass(frozen=True)
class ImageLiftingRecipe(Recipe):
    r"""Settings of a training run in the three stages of the `"Semantic Graph Convolutional
    Networks for 3D Human Pose Regression" <https://arxiv.org/abs/1904.03345>`_ paper (section
    5.1), those of :class:`Recipe` and its own.

    The schedule of the learning rate begins anew in each stage.

    Args:
        stages (tuple of float): The relative lengths of the stages: the 2-D network alone, the
            graph network alone, both. The paper does not say how long they are.
        bone_weight (float): The weight of the bones in equation 7.
        fine_tuning (float): The factor of the learning rate in the last stage.
    """

    stages: tuple[float, float, float] = (1.0, 1.0, 0.5)
    bone_weight: float = 1.0
    fine_tuning: float = 0.3

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.stages) != 3 or min(self.stages) < 0 or not sum(self.stages) > 0:
            raise ValueError(f"expected three lengths of stages, not all zero, got {self.stages}")

    @property
    def stage_ends(self) -> tuple[int, ...]:
        """The step at which each of the three stages is over."""
        share = self.max_steps / sum(self.stages)
        return tuple(round(share * done) for done in accumulate(self.stages))

    def stage(self, step: int) -> int:
        """The stage that a step is in, 1 to 3."""
        return next((i for i, end in enumerate(self.stage_ends, 1) if step < end), 3)

    def learning_rate_factor(self, step: int) -> float:
        """The factor of the learning rate at a step."""
        stage = self.stage(step)
        start, end = (0, *self.stage_ends)[stage - 1 : stage + 1]
        # A stage by itself is an ordinary run.
        own = replace(self, max_steps=max(1, end - start), stages=(1.0, 0.0, 0.0))
        factor = Recipe.learning_rate_factor(own, step - start)
        return factor * self.fine_tuning if stage == 3 else factor
