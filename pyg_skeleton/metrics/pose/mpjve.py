from __future__ import annotations

import torch
from torch import Tensor

from pyg_skeleton.metrics.pose.pose_metric import PoseMetric, root_aligned


class MPJVE(PoseMetric):
    r"""The mean per-joint velocity error (MPJVE) of root-aligned poses, from the `"3D human pose
    estimation in video with temporal convolutions and semi-supervised training"
    <https://arxiv.org/abs/1811.11742>`_ paper, in millimeters per frame.

    .. math::
        \frac{1}{N' V} \sum_{n, v} \lVert (\hat{\mathbf{x}}_{n,v} - \hat{\mathbf{x}}_{n-1,v}) -
        (\mathbf{x}_{n,v} - \mathbf{x}_{n-1,v}) \rVert_2

    over the :math:`N'` pairs of successive poses within one **sequence**; differences between
    recordings are not taken. Poses must be in temporal order. A sequence may continue in the next
    batch, so the result does not depend on the batch size. See :class:`PoseMetric` for the
    arguments.

    Raises:
        ValueError: If a shape does not fit, **sequence** is missing, or the poses of a sequence are
            not next to each other.
    """

    title = "MPJVE"
    protocol = "root-aligned"
    unit = "mm/frame"
    full_state_update = True  # otherwise forward() would drop the last pose

    def __init__(self, root: int = 0) -> None:
        super().__init__(root)
        self._last: tuple[Tensor, Tensor] | None = None

    def errors(
        self, prediction: Tensor, target: Tensor, sequence: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Returns the error of each difference, ``[M]``, and the later of its two poses."""
        offset, sequence = _offset(prediction, target, sequence, self.root)
        before = 0
        if self._last is not None:
            offset = torch.cat([self._last[0].to(offset), offset])
            sequence = torch.cat([self._last[1].to(sequence), sequence])
            before = 1
        if len(offset):
            self._last = offset[-1:], sequence[-1:]
        error, later = _velocity_error(offset, sequence)
        return error, later - before

    def reset(self) -> None:
        """Resets the state."""
        super().reset()
        self._last = None


def mpjve(prediction: Tensor, target: Tensor, sequence: Tensor, root: int = 0) -> Tensor:
    """Computes the error of each difference of successive poses, ``[M]``, from poses
    ``[N, V, 3]`` and sequences ``[N]``, see :class:`MPJVE`.
    """
    return _velocity_error(*_offset(prediction, target, sequence, root))[0]


def _offset(
    prediction: Tensor, target: Tensor, sequence: Tensor | None, root: int
) -> tuple[Tensor, Tensor]:
    """Returns the error of each joint, ``[N, V, 3]``, and the sequence of each pose."""
    prediction, target = root_aligned(prediction, target, root)
    if sequence is None or sequence.numel() != len(target):
        got = "none" if sequence is None else str(list(sequence.shape))
        raise ValueError(f"sequence must hold the sequence of {len(target)} poses, got {got}")
    sequence = sequence.reshape(-1)
    runs = torch.unique_consecutive(sequence)
    if len(runs) != len(runs.unique()):
        raise ValueError("poses must be in the order of time, got a sequence in several pieces")
    return prediction - target, sequence


def _velocity_error(offset: Tensor, sequence: Tensor) -> tuple[Tensor, Tensor]:
    later = (sequence[1:] == sequence[:-1]).nonzero().flatten() + 1
    # The difference of the errors is the error of the differences.
    return (offset[later] - offset[later - 1]).norm(dim=-1).nanmean(1), later
