"""The training recipe of Sym-GNN."""

from dataclasses import dataclass

from pyg_skeleton.training.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class SymGNNRecipe(Recipe):
    """Settings of a training run of Sym-GNN: those of :class:`Recipe` and its own.

    Args:
        balance (str or float, optional): How recognition and prediction share the backbone:
            :obj:`"mgda"` on the gradients as they are, :obj:`"mgda-loss"` on gradients divided by
            their loss, or the fixed weight of recognition. (default: :obj:`"mgda"`)
        scale_heads (bool, optional): Whether MGDA's weight also scales the gradient of each head,
            as the printed total loss does. If not, each head follows its own loss, as in the
            algorithm that the paper cites and the optimality conditions that it prints.
            (default: :obj:`False`)
        prediction_reduction (str, optional): :obj:`"sum"` (equation 12) or :obj:`"mean"`.
            (default: :obj:`"mean"`)
        num_observed (int, optional): The number of observed frames. (default: :obj:`50`)
    """

    steps_per_epoch: int | None = 100
    balance: str | float = "mgda"
    scale_heads: bool = False
    prediction_reduction: str = "mean"
    num_observed: int = 50

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.schedule == "plateau":
            raise ValueError("expected a schedule without a validation loss, got 'plateau'")
        if self.balance not in ("mgda", "mgda-loss") and not _is_share(self.balance):
            raise ValueError(
                f"expected balance 'mgda', 'mgda-loss' or a number in [0, 1], got {self.balance!r}"
            )


def _is_share(value: str | float) -> bool:
    try:
        return 0 <= float(value) <= 1
    except ValueError:
        return False


#: The recipe of the paper for each preset (section 6.1.2; Adam's rate is printed 10^4 and means
#: 10^-4), and one for two cores.
SYM_GNN_RECIPES: dict[str, SymGNNRecipe] = {
    "ntu": SymGNNRecipe(
        max_steps=84_000, batch_size=48, lr=0.1, algorithm="sgd", weight_decay=1e-4, schedule="step"
    ),
    "kinetics": SymGNNRecipe(
        max_steps=500_000,
        batch_size=48,
        lr=0.1,
        algorithm="sgd",
        weight_decay=1e-4,
        schedule="step",
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
        balance="mgda-loss",
        num_observed=20,
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
