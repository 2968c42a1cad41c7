"""The training recipes of motion prediction."""

from dataclasses import dataclass
from typing import Literal, get_args

from pyg_skeleton.training.checks import check_choice
from pyg_skeleton.training.recipe import Recipe

GradientScale = Literal["none", "l2", "loss", "loss+l2"]


@dataclass(frozen=True, kw_only=True)
class SymGNNRecipe(Recipe):
    """Settings of a training run of motion prediction: those of :class:`Recipe` and its own.

    Args:
        balance (str or float, optional): How recognition and prediction share the backbone:
            :obj:`"mgda"`, :obj:`"mgda-loss"` for it on gradients divided by their loss, or the
            fixed weight of recognition. (default: :obj:`"mgda"`)
        gradient_scale (str, optional): What MGDA divides the gradient of each task by, as in the
            code of the `"Multi-Task Learning as Multi-Objective Optimization"
            <https://arxiv.org/abs/1810.04650>`_ paper: nothing (:obj:`"none"`), its norm
            (:obj:`"l2"`), its loss, or both. (default: :obj:`"none"`)
        scale_heads (bool, optional): Whether MGDA's weight also scales the gradient of each head,
            as the printed total loss does. If not, each head follows its own loss, as in the
            algorithm that the paper cites and the optimality conditions that it prints.
            (default: :obj:`False`)
        prediction_reduction (str, optional): :obj:`"sum"` (equation 12) or :obj:`"mean"`.
            (default: :obj:`"mean"`)
        prediction_unit (str, optional): Whether the prediction loss is of standardized poses
            (:obj:`"deviation"`) or in the unit of the data (:obj:`"data"`), radians say.
            (default: :obj:`"deviation"`)
        velocity_weight (float, optional): The weight of the same loss of the differences between
            frames. (default: :obj:`0.0`)
        mirror (float, optional): The share of the training clips that are mirrored; none of a
            layout without mirror pairs. (default: :obj:`0.0`)
        num_observed (int, optional): The number of observed frames. (default: :obj:`50`)
    """

    steps_per_epoch: int | None = 100
    balance: str | float = "mgda"
    scale_heads: bool = False
    prediction_reduction: str = "mean"
    gradient_scale: GradientScale = "none"
    prediction_unit: Literal["deviation", "data"] = "deviation"
    velocity_weight: float = 0.0
    mirror: float = 0.0
    num_observed: int = 50

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.schedule == "plateau":
            raise ValueError("expected a schedule without a validation loss, got 'plateau'")
        if self.balance not in ("mgda", "mgda-loss") and not _is_share(self.balance):
            raise ValueError(
                f"expected balance 'mgda', 'mgda-loss' or a number in [0, 1], got {self.balance!r}"
            )
        check_choice("gradient_scale", self.gradient_scale, get_args(GradientScale))
        check_choice("prediction_unit", self.prediction_unit, ("deviation", "data"))
        check_choice("prediction_reduction", self.prediction_reduction, ("sum", "mean"))
        if self.velocity_weight < 0:
            raise ValueError(f"expected velocity_weight >= 0, got {self.velocity_weight}")
        if not 0 <= self.mirror <= 1:
            raise ValueError(f"expected mirror in [0, 1], got {self.mirror}")


def _is_share(value: str | float) -> bool:
    try:
        return 0 <= float(value) <= 1
    except ValueError:
        return False


#: The recipe of the Sym-GNN paper for each preset (section 6.1.2; Adam's rate is printed 10^4 and
#: means 10^-4), one for two cores, and one of siMLPe.
SYM_GNN_RECIPES: dict[str, SymGNNRecipe] = {
    "ntu": SymGNNRecipe(
        max_steps=84_000,
        batch_size=48,
        lr=0.1,
        algorithm="sgd",
        weight_decay=1e-4,
        schedule="step",
        num_observed=290,
    ),
    "kinetics": SymGNNRecipe(
        max_steps=500_000,
        batch_size=48,
        lr=0.1,
        algorithm="sgd",
        weight_decay=1e-4,
        schedule="step",
        num_observed=290,
    ),
    "h36m": SymGNNRecipe(max_steps=100_000, batch_size=64, lr=1e-4),
    "cmu": SymGNNRecipe(max_steps=100_000, batch_size=64, lr=1e-4),
    "tiny": SymGNNRecipe(
        max_steps=2_000,
        batch_size=16,
        lr=3e-3,
        weight_decay=1e-4,
        schedule="cosine",
        warmup=50,
        gradient_clip=1.0,
        # MGDA on gradients divided by their norms is one half for two tasks.
        balance=0.5,
    ),
    "si-mlpe": SymGNNRecipe(
        max_steps=1_000,
        batch_size=64,
        lr=1e-3,
        weight_decay=1e-4,
        schedule="cosine",
        warmup=50,
        prediction_unit="data",
        velocity_weight=1.0,
        mirror=0.5,
    ),
    "trajectory-gcn": SymGNNRecipe(
        max_steps=700,
        batch_size=32,
        lr=3e-3,
        weight_decay=1e-4,
        schedule="cosine",
        warmup=50,
        gradient_clip=1.0,
        prediction_unit="data",
        velocity_weight=1.0,
        mirror=0.5,
    ),
    # For the weights that come along: another body from another side in each step.
    "any-body": SymGNNRecipe(
        max_steps=2_500,
        batch_size=32,
        lr=3e-3,
        weight_decay=1e-4,
        schedule="cosine",
        warmup=100,
        gradient_clip=1.0,
        num_observed=20,
    ),
}
