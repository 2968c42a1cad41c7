"""The base class of training recipes: length, optimizer, learning rate and frozen graphs."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

import torch
from torch.nn import Parameter

from pyg_skeleton.training.checks import check_choice

R = TypeVar("R", bound="Recipe")

Algorithm = Literal["adam", "sgd"]
Schedule = Literal[
    "constant", "milestones", "step", "cosine", "exponential", "staircase", "plateau"
]
SCHEDULES: tuple[str, ...] = Schedule.__args__  # type: ignore[attr-defined]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    r"""Settings of a training run that every network has.

    The length is given in epochs or in steps, not both. The learning rate is

    .. math::
        \eta_t = \eta \cdot \begin{cases}
            (t + 1) / \mathrm{warmup} & t < \mathrm{warmup} \\
            \mathrm{schedule}(t) & \text{otherwise}
        \end{cases}

    at time :math:`t`, which counts steps or epochs, see :obj:`unit`.

    Args:
        batch_size (int): Samples per batch and process.
        lr (float): The learning rate :math:`\eta` after warm-up.
        epochs (int, optional): The length in epochs. (default: :obj:`None`)
        max_steps (int, optional): The length in steps. (default: :obj:`None`)
        steps_per_epoch (int, optional): Steps between two checkpoints. By default, an epoch is a
            pass over the data. (default: :obj:`None`)
        unit (str, optional): Whether :obj:`warmup`, :obj:`milestones` and :obj:`decay_steps` count
            steps (:obj:`"step"`) or epochs (:obj:`"epoch"`). (default: :obj:`"step"`)
        algorithm (str, optional): :obj:`"adam"` (with decoupled weight decay) or :obj:`"sgd"`.
            (default: :obj:`"adam"`)
        momentum (float, optional): The momentum of SGD. (default: :obj:`0.9`)
        nesterov (bool, optional): Whether that is Nesterov's. (default: :obj:`True`)
        weight_decay (float, optional): The weight decay. (default: :obj:`0.0`)
        schedule (str, optional): :obj:`"constant"`, :obj:`"milestones"` (times :obj:`decay` at each
            of them), :obj:`"step"` (times 0.1 at 30, 60 and 90 % of the run), :obj:`"cosine"`
            (half a period), :obj:`"exponential"` (times :obj:`decay` within each
            :obj:`decay_steps`, continuously), :obj:`"staircase"` (the same at the end of each) or
            :obj:`"plateau"` (times :obj:`decay` whenever the validation loss has not fallen for
            five epochs). (default: :obj:`"constant"`)
        warmup (int, optional): The length of the linear warm-up. (default: :obj:`0`)
        milestones (tuple of int, optional): See :obj:`schedule`. (default: :obj:`()`)
        decay (float, optional): See :obj:`schedule`. (default: :obj:`0.96`)
        decay_steps (int, optional): See :obj:`schedule`. (default: :obj:`100_000`)
        gradient_clip (float, optional): The largest gradient norm; 0 for none.
            (default: :obj:`0.0`)
        accumulate (int, optional): The batches of a step, whose gradients are averaged; batch
            norms and memory banks see one batch at a time. (default: :obj:`1`)
        frozen_epochs (int, optional): Epochs at the start in which the network's
            :meth:`graph_parameters` are not updated. (default: :obj:`0`)
        average (float, optional): The decay of a running mean of the weights, which is what is
            measured and saved; with 0 there is no mean. (default: :obj:`0.0`)

    Raises:
        ValueError: If a value is out of range or does not fit another one.
    """

    batch_size: int
    lr: float
    epochs: int | None = None
    max_steps: int | None = None
    steps_per_epoch: int | None = None
    unit: Literal["step", "epoch"] = "step"
    algorithm: Algorithm = "adam"
    momentum: float = 0.9
    nesterov: bool = True
    weight_decay: float = 0.0
    schedule: Schedule = "constant"
    warmup: int = 0
    milestones: tuple[int, ...] = ()
    decay: float = 0.96
    decay_steps: int = 100_000
    gradient_clip: float = 0.0
    accumulate: int = 1
    frozen_epochs: int = 0
    average: float = 0.0

    def __post_init__(self) -> None:
        if (self.epochs is None) == (self.max_steps is None):
            raise ValueError(
                f"expected either epochs or max_steps, got epochs={self.epochs} and "
                f"max_steps={self.max_steps}"
            )
        counts = ("epochs", "max_steps", "steps_per_epoch", "batch_size", "accumulate")
        for name in (*counts, "decay_steps"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"expected {name} >= 1, got {value}")
        for name in ("warmup", "frozen_epochs", "weight_decay", "momentum", "gradient_clip"):
            if getattr(self, name) < 0:
                raise ValueError(f"expected {name} >= 0, got {getattr(self, name)}")
        check_choice("schedule", self.schedule, SCHEDULES)
        check_choice("algorithm", self.algorithm, ("adam", "sgd"))
        check_choice("unit", self.unit, ("step", "epoch"))
        if self.lr <= 0:
            raise ValueError(f"expected lr > 0, got {self.lr}")
        if not 0 <= self.average < 1:
            raise ValueError(f"expected average in [0, 1), got {self.average}")
        if not 0 < self.decay <= 1:
            raise ValueError(f"expected 0 < decay <= 1, got {self.decay}")
        if list(self.milestones) != sorted(self.milestones) or min(self.milestones, default=1) < 1:
            raise ValueError(f"expected increasing milestones >= 1, got {self.milestones}")
        if self.milestones and self.schedule != "milestones":
            raise ValueError(
                f"expected no milestones with schedule {self.schedule!r}, got {self.milestones}"
            )

    def replace(self: R, **changes: Any) -> R:
        """A copy with other values. A length in steps replaces one in epochs, and vice versa.

        Raises:
            ValueError: If there is no such setting, or a value is out of range.
        """
        for name in changes:
            check_choice("recipe setting", name, tuple(self.__dataclass_fields__))
        for given, other in (("epochs", "max_steps"), ("max_steps", "epochs")):
            if changes.get(given) is not None:
                changes.setdefault(other, None)
        return replace(self, **changes)

    def optimizer(self, parameters: Iterable[Parameter]) -> torch.optim.Optimizer:
        """Creates the optimizer; on a GPU it updates all parameters by one kernel."""
        parameters = list(parameters)
        fused = all(p.is_cuda for p in parameters) or None
        if self.algorithm == "adam":
            decay = self.weight_decay
            return torch.optim.AdamW(parameters, self.lr, weight_decay=decay, fused=fused)
        return torch.optim.SGD(
            parameters,
            self.lr,
            momentum=self.momentum,
            nesterov=self.nesterov,
            weight_decay=self.weight_decay,
            fused=fused,
        )

    def num_steps(self, steps_per_epoch: int) -> int:
        """The length in steps.

        Args:
            steps_per_epoch (int): The number of steps of an epoch.
        """
        return self.max_steps or (self.epochs or 1) * steps_per_epoch

    def length(self, steps_per_epoch: int | None = None) -> int:
        """The length in the recipe's unit.

        Args:
            steps_per_epoch (int, optional): The number of steps of an epoch, where the length is
                given in the other unit. (default: :obj:`None`)

        Raises:
            ValueError: If it is needed and missing.
        """
        own = self.max_steps if self.unit == "step" else self.epochs
        if own is not None:
            return own
        if steps_per_epoch is None:
            raise ValueError(f"the length in {self.unit}s needs the number of steps of an epoch")
        steps = self.num_steps(steps_per_epoch)
        return steps if self.unit == "step" else -(-steps // steps_per_epoch)

    def factor(self, time: int, length: int | None = None) -> float:
        """The factor of the learning rate.

        Args:
            time (int): A step or an epoch, see :obj:`unit`.
            length (int, optional): The length of the run in the same unit. (default: the recipe's)
        """
        if time < self.warmup:
            return (time + 1) / self.warmup
        length = self.length() if length is None else length
        if self.schedule == "milestones":
            return float(self.decay ** sum(milestone <= time for milestone in self.milestones))
        if self.schedule == "step":
            return float(0.1 ** int(min(time / length, 1.0) / 0.3))
        if self.schedule == "cosine":
            return 0.5 * (1 + math.cos(math.pi * min(time / length, 1.0)))
        if self.schedule == "exponential":
            return float(self.decay ** (time / self.decay_steps))
        if self.schedule == "staircase":
            return float(self.decay ** (time // self.decay_steps))
        return 1.0

    def learning_rate(self, time: int, length: int | None = None) -> float:
        """The learning rate; the arguments are those of :meth:`factor`."""
        return self.lr * self.factor(time, length)
