"""How long, how fast and with what weights a network is trained."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch.nn import Parameter


@dataclass(frozen=True)
class Recipe:
    """Settings of a training run.

    Args:
        max_steps (int): The number of steps.
        batch_size (int): Clips per step and process.
        lr (float): The learning rate at the start (after warm-up).
        algorithm (str): :obj:`"adam"` or :obj:`"sgd"` (Nesterov momentum 0.9).
        weight_decay (float): The weight decay (decoupled for Adam).
        schedule (str): :obj:`"constant"`, :obj:`"step"` (a tenth at each 30 % of the run, as
            NTU's 30 of 100 epochs) or :obj:`"cosine"`.
        warmup_steps (int): Steps of linear warm-up.
        gradient_clip (float): The largest gradient norm; 0 for none.
        balance (str or float): How recognition and prediction share the backbone:
            :obj:`"mgda"` on the gradients as they are, :obj:`"mgda-loss"` on gradients divided by
            their loss, or the fixed weight of recognition.
        scale_heads (bool): Whether MGDA's weight scales each head's gradient too, as the printed
            total loss does. If not, each head follows its own loss, as in the algorithm that the
            paper cites and the optimality conditions that it prints.
        prediction_reduction (str): :obj:`"sum"` (equation 12) or :obj:`"mean"`.
        num_observed (int): Frames that the network is shown.
    """

    max_steps: int
    batch_size: int
    lr: float
    algorithm: str = "adam"
    weight_decay: float = 0.0
    schedule: str = "constant"
    warmup_steps: int = 0
    gradient_clip: float = 0.0
    balance: str | float = "mgda"
    scale_heads: bool = False
    prediction_reduction: str = "mean"
    num_observed: int = 50

    def __post_init__(self) -> None:
        for name, value in (("max_steps", self.max_steps), ("batch_size", self.batch_size)):
            if value < 1:
                raise ValueError(f"expected {name} >= 1, got {value}")
        if self.schedule not in ("constant", "step", "cosine"):
            raise ValueError(f"expected schedule constant, step or cosine, got {self.schedule!r}")
        if self.algorithm not in ("adam", "sgd"):
            raise ValueError(f"expected algorithm adam or sgd, got {self.algorithm!r}")
        if self.lr <= 0:
            raise ValueError(f"expected lr > 0, got {self.lr}")
        if self.balance not in ("mgda", "mgda-loss") and not _is_share(self.balance):
            raise ValueError(
                f"expected balance 'mgda', 'mgda-loss' or a number in [0, 1], got {self.balance!r}"
            )

    def optimizer(self, parameters: Iterable[Parameter]) -> torch.optim.Optimizer:
        """Creates the optimiser."""
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
        return 1.0


def _is_share(value: str | float) -> bool:
    try:
        return 0 <= float(value) <= 1
    except ValueError:
        return False


#: How the paper trains each preset (section 6.1.2; Adam's rate is printed 10^4 and means 10^-4),
#: and our own settings for two cores.
SYM_GNN_RECIPES: dict[str, Recipe] = {
    "ntu": Recipe(84_000, 48, 0.1, "sgd", weight_decay=1e-4, schedule="step"),
    "kinetics": Recipe(500_000, 48, 0.1, "sgd", weight_decay=1e-4, schedule="step"),
    "h36m": Recipe(100_000, 64, 1e-4),
    "cmu": Recipe(100_000, 64, 1e-4),
    "tiny": Recipe(
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
