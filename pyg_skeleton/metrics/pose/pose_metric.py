from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor
from torchmetrics import Metric

from pyg_skeleton.metrics.checks import check_pose_pairs, recorded


class PoseMetric(Metric):
    r"""The base class of lifting metrics: the mean over all poses of an error per pose.

    All metrics take the same arguments, so a loop, :class:`PerAction` or torchmetrics'
    ``MetricCollection`` can update any selection of them. Subclasses define :meth:`errors`.

    Args:
        root (int, optional): The joint that is aligned. It counts as a joint with an error of zero,
            as in the published numbers for 16 and 17 joints.
            (default: :obj:`0`)

    Shapes:
        - **prediction, target:** positions :math:`(N, V, 3)` in millimeters; joints whose target
          is NaN do not count, nor poses without a joint that counts or without the root
        - **sequence:** the recording of each pose, :math:`(N)`; only used by :class:`MPJVE`
        - **output:** a scalar, :math:`()`, in double precision

    Raises:
        ValueError: If a shape does not fit, or a prediction that counts is not finite.
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
        """Returns the name of the metric with its protocol, for tables and files.

        .. code-block:: python

            MPJPE().label(17, "h36m")  # "MPJPE (17 joints, root-aligned, h36m) mm"
        """
        name = f"{self.title} ({', '.join([f'{num_joints} joints', self.protocol, *notes])})"
        return f"{name} {self.unit}".rstrip()

    def errors(
        self, prediction: Tensor, target: Tensor, sequence: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Returns the errors to average and the indices of their poses, ``[M]`` each."""
        error = self.per_pose(prediction, target)
        return error, torch.arange(len(error), device=error.device)

    def per_pose(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Returns the error of each pose, ``[N]``; NaN if no joint counts."""
        raise NotImplementedError

    def update(self, prediction: Tensor, target: Tensor, sequence: Tensor | None = None) -> None:
        """Adds a batch."""
        error, _ = self.errors(prediction, target, sequence)
        self.total = self.total + error.nansum()
        self.count = self.count + (~error.isnan()).sum()

    def compute(self) -> Tensor:
        """Returns the mean over all batches so far."""
        return self.total / self.count


def root_aligned(prediction: Tensor, target: Tensor, root: int) -> tuple[Tensor, Tensor]:
    """Returns both in double precision, with the joint **root** at the origin. Targets that were
    not recorded are NaN.
    """
    check_pose_pairs(prediction, target, root)
    recorded(prediction, target)
    prediction, target = prediction.double(), target.double()
    return prediction - prediction[:, root, None], target - target[:, root, None]
