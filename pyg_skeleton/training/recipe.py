"""How long, how fast and with what weights a network is trained."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch.nn import Parameter


@dataclass(frozen=True)
class Recipe:
    """Settings of a training run of any network.

    Args:
        max_steps (int): The number of steps.
        batch_size (int): Clips or poses per step and process.
        lr (float): The learning rate at the start (after warm-up).
        algorithm (str): :obj:`"adam"` or :obj:`"sgd"` (Nesterov momentum 0.9).
        weight_decay (float): The weight decay (decoupled for Adam).
        schedule (str): :obj:`"constant"`, :obj:`"step"` (a tenth at each 30 % of the run, as
            NTU's 30 of 100 epochs), :obj:`"cosine"`, :obj:`"exponential"` (times :obj:`decay`
            within each :obj:`decay_steps`, continuously) or :obj:`"staircase"` (all at once after
            each of them).
        warmup_steps (int): Steps of linear warm-up.
        gradient_clip (float): The largest gradient norm; 0 for none.
        decay (float): See :obj:`schedule`.
        decay_steps (int): See :obj:`schedule`.
    """

    schedules: ClassVar[tuple[str, ...]] = (
        "constant",
        "step",
        "cosine",
        "exponential",
        "staircase",
    )

    max_steps: int
    batch_size: int
    lr: float
    algorithm: str = "adam"
    weight_decay: float = 0.0
    schedule: str = "constant"
    warmup_steps: int = 0
    gradient_clip: float = 0.0
    decay: float = 0.96
    decay_steps: int = 100_000

    def __post_init__(self) -> None:
        for name in ("max_steps", "batch_size", "decay_steps"):
            if getattr(self, name) < 1:
                raise ValueError(f"expected {name} >= 1, got {getattr(self, name)}")
        if self.schedule not in self.schedules:
            known = f"{', '.join(self.schedules[:-1])} or {self.schedules[-1]}"
            raise ValueError(f"expected schedule {known}, got {self.schedule!r}")
        if self.algorithm not in ("adam", "sgd"):
            raise ValueError(f"expected algorithm adam or sgd, got {self.algorithm!r}")
        if self.lr <= 0:
            raise ValueError(f"expected lr > 0, got {self.lr}")
        if not 0 < self.decay <= 1:
            raise ValueError(f"expected 0 < decay <= 1, got {self.decay}")

    def optimizer(self, parameters: Iterable[Parameter]) -> torch.optim.Optimizer:
        """Creates the optimizer."""
        if self.algorithm == "sgd":
            return torch.optim.SGD(
                parameters, self.lr, momentum=0.9, nesterov=True, weight_decay=self.weight_decay
            )
        return torch.optim.AdamW(parameters, self.lr, weight_decay=self.weight_decay)

    def learning_rate_factor(self, step: int) -> float:
        """The factor of the learning rate at a step."""
        if step < self.warmup_steps:
            return (step + 1) / self.warmup_steps
        done = min(step / self.max_steps, 1.0)
        if self.schedule == "step":
            return float(0.1 ** int(done / 0.3))
        if self.schedule == "cosine":
            return 0.5 * (1 + math.cos(math.pi * done))
        if self.schedule == "exponential":
            return float(self.decay ** (step / self.decay_steps))
        if self.schedule == "staircase":
            return float(self.decay ** (step // self.decay_steps))
        return 1.0


@dataclass(frozen=True)
class SymGNNRecipe(Recipe):
    """Settings of a training run of Sym-GNN, those of :class:`Recipe` and its own.

    Args:
        balance (str or float): How recognition and prediction share the backbone:
            :obj:`"mgda"` on the gradients as they are, :obj:`"mgda-loss"` on gradients divided by
            their loss, or the fixed weight of recognition.
        scale_heads (bool): Whether MGDA's weight scales each head's gradient too, as the printed
            total loss does. If not, each head follows its own loss, as in the algorithm that the
            paper cites and the optimality conditions that it prints.
        prediction_reduction (str): :obj:`"sum"` (equation 12) or :obj:`"mean"`.
        num_observed (int): Frames that the network is shown.
    """

    balance: str | float = "mgda"
    scale_heads: bool = False
    prediction_reduction: str = "mean"
    num_observed: int = 50

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.balance not in ("mgda", "mgda-loss") and not _is_share(self.balance):
            raise ValueError(
                f"expected balance 'mgda', 'mgda-loss' or a number in [0, 1], got {self.balance!r}"
            )


def _is_share(value: str | float) -> bool:
    try:
        return 0 <= float(value) <= 1
    except ValueError:
        return False


#: How the paper trains each preset (section 6.1.2; Adam's rate is printed 10^4 and means 10^-4),
#: and our own settings for two cores.
SYM_GNN_RECIPES: dict[str, SymGNNRecipe] = {
    "ntu": SymGNNRecipe(84_000, 48, 0.1, "sgd", weight_decay=1e-4, schedule="step"),
    "kinetics": SymGNNRecipe(500_000, 48, 0.1, "sgd", weight_decay=1e-4, schedule="step"),
    "h36m": SymGNNRecipe(100_000, 64, 1e-4),
    "cmu": SymGNNRecipe(100_000, 64, 1e-4),
    "tiny": SymGNNRecipe(
        2_000,
        16,
        3e-3,
        weight_decay=1e-4,
        schedule="cosine",
        warmup_steps=50,
        gradient_clip=1.0,
        balance="mgda-loss",
        num_observed=20,
    ),
}
