from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor
from torchmetrics import Metric

from pyg_skeleton.metrics.checks import check_pose_pairs


class PoseMetric(Metric):
    r"""The base of the metrics of lifting: the mean over all poses of a number per pose.

    All of them take the same arguments, so that a loop, :class:`PerAction` or torchmetrics'
    ``MetricCollection`` can feed any selection of them. A subclass defines :meth:`errors`.

    Args:
        root (int, optional): The joint at which prediction and target are aligned. It counts as a
            joint, with its error of zero, as in the published numbers for 16 and 17 joints.
            (default: :obj:`0`)

    Shapes:
        - **prediction, target:** positions :math:`(N, V, 3)` in millimeters
        - **sequence:** the recording of each pose, :math:`(N)`; only :class:`MPJVE` reads it
        - **output:** a number, :math:`()`, of 64 bits

    Raises:
        ValueError: If a shape does not fit.
    """

    is_differentiable = False
    higher_is_better = False
    full_state_update = False

    title: str
    protocol: ClassVar[str]
    unit: ClassVar[str] = "mm"
    total: Tensor
    count: Tensor

    def __init__(self, root: int = 0) -> None:
        super().__init__()
        self.root = root
        zero = torch.zeros((), dtype=torch.float64)
        self.add_state("total", zero, dist_reduce_fx="sum")
        self.add_state("count", torch.zeros((), dtype=torch.long), dist_reduce_fx="sum")

    def label(self, num_joints: int, *notes: str) -> str:
        """The name of a number with its protocol, for tables and files.

        .. code-block:: python

            MPJPE().label(17, "root-relative")  # "MPJPE (17 joints, P1, root-relative) mm"
        """
        name = f"{self.title} ({', '.join([f'{num_joints} joints', self.protocol, *notes])})"
        return f"{name} {self.unit}".rstrip()

    def errors(
        self, prediction: Tensor, target: Tensor, sequence: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """The numbers that are averaged and the poses that they belong to, ``[M]`` each."""
        error = self.per_pose(prediction, target)
        return error, torch.arange(len(error), device=error.device)

    def per_pose(self, prediction: Tensor, target: Tensor) -> Tensor:
        """The number of each pose, ``[N]``."""
        raise NotImplementedError

    def update(self, prediction: Tensor, target: Tensor, sequence: Tensor | None = None) -> None:
        """Adds a batch."""
        error, _ = self.errors(prediction, target, sequence)
        self.total = self.total + error.sum()
        self.count = self.count + error.numel()

    def compute(self) -> Tensor:
        """The mean over everything so far."""
        return self.total / self.count


def root_aligned(prediction: Tensor, target: Tensor, root: int) -> tuple[Tensor, Tensor]:
    """Both in double precision with the joint **root** at the origin."""
    check_pose_pairs(prediction, target, root)
    prediction, target = prediction.double(), target.double()
    return prediction - prediction[:, root, None], target - target[:, root, None]
