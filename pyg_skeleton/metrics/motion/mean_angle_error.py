from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor
from torchmetrics import Metric

from pyg_skeleton.metrics.checks import check_poses, recorded
from pyg_skeleton.skeleton.rotation import axis_angle_to_matrix, matrix_to_euler

#: The horizons of the published tables, in milliseconds.
HORIZONS = (80, 160, 320, 400, 560, 1000)


class AngleErrors(NamedTuple):
    """The result of :class:`MeanAngleError`, in radians; NaN for an action without a clip."""

    #: The average over the actions that have a clip, at each horizon, ``[H]``.
    average: Tensor
    #: The error of each action at each horizon, ``[A, H]``.
    per_action: Tensor
    #: The error of each action at each frame, ``[A, T]``.
    per_frame: Tensor
    #: The number of clips of each action, ``[A]``.
    num_clips: Tensor


class MeanAngleError(Metric):
    r"""The mean angle error ("MAE") of the motion-prediction literature on Human3.6M and CMU Mocap,
    introduced by the `"Recurrent Network Models for Human Dynamics"
    <https://arxiv.org/abs/1508.00271>`_ paper.

    .. math::
        \frac{1}{N_a} \sum_{i=1}^{N_a} \Bigl( \sum_{d \in \mathcal{D}_i}
        \bigl( \hat{e}_{i,t,d} - e_{i,t,d} \bigr)^2 \Bigr)^{1/2}

    for frame :math:`t` of action :math:`a`, where :math:`e` are Euler angles
    (:func:`~pyg_skeleton.skeleton.rotation.matrix_to_euler`) in radians and :math:`\mathcal{D}_i`
    the components whose standard deviation over the *target* window of clip :math:`i` exceeds
    :math:`10^{-4}`. It is the mean of Euclidean norms, not of absolute values; angles are
    subtracted without wrapping, and the rotation of the root is left out, as in all published
    tables. (Some published code erroneously uses the standard deviation of the prediction.)

    Horizon :math:`h` ms is frame :math:`h \cdot \mathrm{fps} / 1000`, counted from one: at 25
    frames per second, 80, 160, 320, 400, 560, 1000 ms are the frames 1, 3, 7, 9, 13, 24, counted
    from zero. The error is computed in double precision.

    Args:
        actions (sequence of str): The names of the actions, in the order of the labels.
        num_frames (int, optional): The number of predicted frames, at least 2.
            (default: :obj:`25`)
        horizons (sequence of float, optional): The horizons in milliseconds. Those beyond the last
            frame are left out. (default: :obj:`(80, 160, 320, 400, 560, 1000)`)
        fps (float, optional): Frames per second. (default: :obj:`25.0`)
        exclude (sequence of int, optional): The joints to leave out, such as the joint that holds
            the rotation of the root. (default: :obj:`()`)
        constant (Tensor, optional): A mask ``[V, 3]`` of components that are constant in the
            training data. The prediction is set to the target there; the literature sets both to
            the training mean. (default: :obj:`None`)

    Shapes:
        - **prediction, target:** :math:`(B, T, V, 3)` axis-angle vectors in radians, not
          normalized; a joint whose target is NaN is left out of the norm in that frame, a frame
          without a joint does not count
        - **action:** :math:`(B)`

    Raises:
        ValueError: If a shape or a label does not fit, a prediction that counts is not finite, or
            no horizon is within **num_frames**.
    """

    is_differentiable = False
    higher_is_better = False
    full_state_update = False

    total: Tensor
    count: Tensor
    frame_count: Tensor
    constant: Tensor | None

    def __init__(
        self,
        actions: Sequence[str],
        num_frames: int = 25,
        horizons: Sequence[float] = HORIZONS,
        fps: float = 25.0,
        exclude: Sequence[int] = (),
        constant: Tensor | None = None,
    ) -> None:
        super().__init__()
        if num_frames < 2:
            raise ValueError(f"num_frames must be at least 2, got {num_frames}")
        frames = {float(ms): round(ms * fps / 1000) - 1 for ms in horizons}
        frames = {ms: frame for ms, frame in frames.items() if 0 <= frame < num_frames}
        if not frames:
            raise ValueError(
                f"none of the horizons {list(horizons)} ms is within {num_frames} frames "
                f"at {fps} frames per second"
            )
        self.actions, self.num_frames, self.exclude = list(actions), num_frames, list(exclude)
        self.horizons, self.frames = list(frames), list(frames.values())
        self.register_buffer("constant", constant, persistent=False)
        shape = (len(self.actions), num_frames)
        total = torch.zeros(shape, dtype=torch.float64)
        self.add_state("total", total, dist_reduce_fx="sum")
        count = torch.zeros(shape[0], dtype=torch.long)
        self.add_state("count", count, dist_reduce_fx="sum")
        self.add_state("frame_count", torch.zeros(shape).long(), dist_reduce_fx="sum")

    def update(self, prediction: Tensor, target: Tensor, action: Tensor) -> None:
        """Adds a batch."""
        check_poses(prediction, target, self.num_frames, num_channels=3)
        action = action.reshape(-1)
        if action.numel() != len(target) or not bool(
            ((action >= 0) & (action < len(self.actions))).all()
        ):
            raise ValueError(
                f"action must be {len(target)} labels from 0 to {len(self.actions) - 1}, "
                f"got {action.tolist()}"
            )
        if self.constant is not None:
            prediction = torch.where(self.constant, target, prediction)
        error = angle_error(prediction, target, self.exclude)
        self.total.index_add_(0, action, error.nan_to_num(0.0))
        self.frame_count.index_add_(0, action, (~error.isnan()).long())
        self.count.index_add_(0, action, torch.ones_like(action))

    def compute(self) -> AngleErrors:
        """Returns the errors so far."""
        # torchmetrics squeezes tensors with a single element.
        per_frame = self.total / self.frame_count.view_as(self.total)
        per_action = per_frame[:, self.frames]
        return AngleErrors(per_action.nanmean(0), per_action, per_frame, self.count)

    def table(self) -> pd.DataFrame:
        """Returns the errors as in the papers: one row per action with a clip and one for their
        average, one column per horizon in milliseconds.
        """
        errors = self.compute()
        # torchmetrics squeezes tensors with a single element.
        table = errors.per_action.reshape(len(self.actions), -1).tolist()
        seen = errors.num_clips.reshape(-1).tolist()
        rows = zip(self.actions, table, seen, strict=True)
        content = {action: row for action, row, count in rows if count}
        content["average"] = errors.average.reshape(-1).tolist()
        columns = [int(ms) if ms == int(ms) else ms for ms in self.horizons]
        return pd.DataFrame.from_dict(content, orient="index", columns=columns)


def angle_error(prediction: Tensor, target: Tensor, exclude: Sequence[int] = ()) -> Tensor:
    """Computes the error of each clip at each frame, ``[B, T]``, from ``[B, T, V, 3]``, see
    :class:`MeanAngleError`; NaN for a frame without a joint that counts.
    """
    there = recorded(prediction, target).unsqueeze(-1)
    known = target.double().masked_fill(~there, 0.0), prediction.double().masked_fill(~there, 0.0)
    e, e_hat = (matrix_to_euler(axis_angle_to_matrix(x)) for x in known)
    count = there.sum(1, keepdim=True)
    mean = torch.where(there, e, 0.0).sum(1, keepdim=True) / count
    deviation = torch.where(there, e - mean, 0.0).square().sum(1, keepdim=True) / count
    moves = there & (deviation.sqrt() > 1e-4)
    moves[:, :, list(exclude)] = False
    error = torch.where(moves, e_hat - e, 0.0).flatten(2).norm(dim=2)
    there = there.squeeze(-1).clone()
    there[:, :, list(exclude)] = False
    return error.masked_fill(~there.any(2), torch.nan)
