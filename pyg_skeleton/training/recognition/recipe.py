"""How networks that recognize actions are trained."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch.nn import Parameter

#: What the loss of a recipe may be.
LOSSES = ("cross_entropy", "info_gcn")
#: How the learning rate may fall.
SCHEDULES = ("steps", "cosine")
#: Whose preparation of NTU's recordings there is.
PIPELINES = ("ctrgcn", "infogcn", "agcn", "stgcn", "pyskl")


@dataclass(frozen=True)
class RecognitionRecipe:
    r"""Settings of a training run of a network that recognizes actions: SGD with Nesterov momentum
    0.9, a rate that changes between epochs, and the clips that an epoch has.

    .. math::
        \eta_e = \eta \cdot \min\left(1, \frac{e + 1}{\mathrm{warmup}}\right) \cdot
        \mathrm{decay}^{|\{m : m \leq e\}|}

    in epoch :math:`e = 0, 1, \ldots`, with the milestones :math:`m`; or, instead of the power, the
    half period :math:`(1 + \cos(\pi e / \mathrm{epochs})) / 2` of a cosine.

    Args:
        epochs (int): The number of epochs.
        batch_size (int): Clips per step and process.
        lr (float): The learning rate :math:`\eta`.
        milestones (tuple[int]): The epochs from which on the rate is lower, each time.
        warmup_epochs (int): Epochs of linear warm-up.
        weight_decay (float): The weight decay.
        decay (float): By how much the rate is lower.
        schedule (str): How the rate falls: in :obj:`"steps"`, or along a :obj:`"cosine"`, which
            has no milestones.
        loss (str): :obj:`"cross_entropy"`, or :obj:`"info_gcn"` for
            :class:`~pyg_skeleton.nn.loss.InfoGCNLoss`.
        label_smoothing (float): That of the cross-entropy.
        frozen_epochs (int): Epochs at the start in which the shared graphs stay as they are.
        num_frames (int): The number of frames that the network sees.
        repeat (int): How often an epoch visits each clip.
        pipeline (str): Whose preparation of NTU's recordings it is: :obj:`"ctrgcn"`,
            :obj:`"infogcn"`, :obj:`"agcn"`, :obj:`"stgcn"` or :obj:`"pyskl"`.
    """

    epochs: int
    batch_size: int
    lr: float = 0.1
    milestones: tuple[int, ...] = ()
    warmup_epochs: int = 0
    weight_decay: float = 1e-4
    decay: float = 0.1
    schedule: str = "steps"
    loss: str = "cross_entropy"
    label_smoothing: float = 0.0
    frozen_epochs: int = 0
    num_frames: int = 64
    repeat: int = 1
    pipeline: str = "ctrgcn"

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "num_frames", "repeat"):
            if getattr(self, name) < 1:
                raise ValueError(f"expected {name} >= 1, got {getattr(self, name)}")
        for name in ("warmup_epochs", "frozen_epochs", "weight_decay"):
            if getattr(self, name) < 0:
                raise ValueError(f"expected {name} >= 0, got {getattr(self, name)}")
        if self.lr <= 0:
            raise ValueError(f"expected lr > 0, got {self.lr}")
        if not 0 < self.decay <= 1:
            raise ValueError(f"expected 0 < decay <= 1, got {self.decay}")
        if not 0 <= self.label_smoothing < 1:
            raise ValueError(f"expected 0 <= label_smoothing < 1, got {self.label_smoothing}")
        if list(self.milestones) != sorted(self.milestones) or min(self.milestones, default=1) < 1:
            raise ValueError(f"expected milestones from 1 on in order, got {self.milestones}")
        known_values = {"loss": LOSSES, "pipeline": PIPELINES, "schedule": SCHEDULES}
        for name, known in known_values.items():
            if getattr(self, name) not in known:
                value = getattr(self, name)
                raise ValueError(f"expected {name} {', '.join(known)}, got {value!r}")
        if self.schedule == "cosine" and self.milestones:
            raise ValueError(f"expected no milestones of a cosine, got {self.milestones}")

    def optimizer(self, parameters: Iterable[Parameter]) -> torch.optim.Optimizer:
        """Creates the optimizer."""
        return torch.optim.SGD(
            parameters, self.lr, momentum=0.9, nesterov=True, weight_decay=self.weight_decay
        )

    def learning_rate_factor(self, epoch: int) -> float:
        """The factor of the learning rate in an epoch."""
        warm = min(1.0, (epoch + 1) / self.warmup_epochs) if self.warmup_epochs else 1.0
        if self.schedule == "cosine":
            return warm * (1 + math.cos(math.pi * epoch / self.epochs)) / 2
        return float(warm * self.decay ** sum(m <= epoch for m in self.milestones))


#: How the papers, or where they are silent their code, train; and our own settings for two cores.
RECOGNITION_RECIPES: dict[str, RecognitionRecipe] = {
    "tiny": RecognitionRecipe(8, 16, milestones=(5, 7), warmup_epochs=1, num_frames=52, repeat=5),
    # A third of the passes of CTR-GCN's recipe, for two cores.
    "nw-ucla-small": RecognitionRecipe(
        24, 16, warmup_epochs=1, schedule="cosine", num_frames=52, repeat=5
    ),
    # SkeletonGCL, with and without contrast, and CTR-GCN.
    "ctr-gcn-ntu": RecognitionRecipe(
        65, 64, milestones=(35, 55), warmup_epochs=5, weight_decay=4e-4
    ),
    "ctr-gcn-nw-ucla": RecognitionRecipe(
        65, 16, milestones=(50,), warmup_epochs=5, num_frames=52, repeat=5
    ),
    # What ST-GCN, 2s-AGCN and AAGCN were published with.
    "st-gcn-ntu": RecognitionRecipe(80, 64, milestones=(10, 50), num_frames=300, pipeline="stgcn"),
    "st-gcn-kinetics": RecognitionRecipe(
        50, 256, milestones=(20, 30, 40, 50), num_frames=150, pipeline="stgcn"
    ),
    "agcn-ntu": RecognitionRecipe(50, 64, milestones=(30, 40), num_frames=300, pipeline="agcn"),
    "aagcn-ntu": RecognitionRecipe(
        50,
        64,
        milestones=(30, 40),
        warmup_epochs=5,
        frozen_epochs=6,
        num_frames=300,
        pipeline="agcn",
    ),
    "info-gcn-ntu": RecognitionRecipe(
        110,
        128,
        milestones=(90, 100),
        warmup_epochs=5,
        weight_decay=5e-4,
        loss="info_gcn",
        label_smoothing=0.1,
        pipeline="infogcn",
    ),
    # The classifier of Skeletal-GNN (supplement, section 2).
    "hcsf-ntu": RecognitionRecipe(
        60, 64, milestones=(35, 45), weight_decay=5e-4, num_frames=300, pipeline="agcn"
    ),
}
