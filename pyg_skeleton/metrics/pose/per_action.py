from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor
from torchmetrics import Metric

from pyg_skeleton.metrics.pose.pose_metric import PoseMetric


class ActionErrors(NamedTuple):
    """The result of :class:`PerAction`, in the unit of its metric."""

    #: The mean over the actions with poses, each with the same weight.
    average: Tensor
    #: The mean over all poses.
    overall: Tensor
    #: The mean of each action, ``[A]``; NaN for an action without a pose.
    per_action: Tensor
    #: The number of poses of each action, ``[A]``; for MPJVE the number of differences.
    num_poses: Tensor


class PerAction(Metric):
    r"""Evaluates a lifting metric for each action, and its averages over the actions (as in
    published tables) and over all poses.

    .. code-block:: python

        metric = PerAction(MPJPE(), dataset.actions)
        metric.update(prediction, target, dataset.action_ids)
        metric.table()

    The two averages differ if the actions have different numbers of poses, so a result should name
    its average. Subjects and cameras of an action are pooled.

    Args:
        metric (PoseMetric): The metric.
        actions (sequence of str): The names of the actions, in the order of the labels.

    Shapes:
        - **prediction, target:** positions :math:`(N, V, 3)` in millimeters
        - **action:** labels :math:`(N)`
        - **sequence:** the recording of each pose, :math:`(N)`, for :class:`MPJVE`

    Raises:
        ValueError: If a shape or a label does not fit.
    """

    is_differentiable = False
    full_state_update = True  # as in MPJVE

    total: Tensor
    count: Tensor

    def __init__(self, metric: PoseMetric, actions: Sequence[str]) -> None:
        super().__init__()
        self.metric, self.actions = metric, list(actions)
        zeros = torch.zeros(len(self.actions), dtype=torch.float64)
        self.add_state("total", zeros, dist_reduce_fx="sum")
        self.add_state("count", zeros.long(), dist_reduce_fx="sum")

    def update(
        self, prediction: Tensor, target: Tensor, action: Tensor, sequence: Tensor | None = None
    ) -> None:
        """Adds a batch."""
        action = action.reshape(-1)
        if action.numel() != len(target) or not bool(
            ((action >= 0) & (action < len(self.actions))).all()
        ):
            raise ValueError(
                f"action must be {len(target)} labels from 0 to {len(self.actions) - 1}, "
                f"got {list(action.shape)} from {min(action.tolist(), default=None)} "
                f"to {max(action.tolist(), default=None)}"
            )
        error, pose = self.metric.errors(prediction, target, sequence)
        error, pose = error[~error.isnan()], pose[~error.isnan()]
        self.total = self.total.index_add(0, action[pose], error)
        self.count = self.count + action[pose].bincount(minlength=len(self.actions))

    def compute(self) -> ActionErrors:
        """Returns the errors of all batches so far."""
        per_action = self.total / self.count
        average = per_action[self.count > 0].mean()
        return ActionErrors(average, self.total.sum() / self.count.sum(), per_action, self.count)

    def table(self) -> pd.DataFrame:
        """Returns one row per action with poses and one for each average, with the error and the
        number of poses as columns.
        """
        errors = self.compute()
        # torchmetrics squeezes tensors with a single element.
        per_action, count = errors.per_action.reshape(-1).tolist(), errors.num_poses.reshape(-1)
        rows = dict(zip(self.actions, zip(per_action, count.tolist(), strict=True), strict=True))
        rows = {action: row for action, row in rows.items() if row[1]}
        rows["average over actions"] = errors.average.item(), int(count.sum())
        rows["average over poses"] = errors.overall.item(), int(count.sum())
        columns = [f"{self.metric.title} {self.metric.unit}".rstrip(), "poses"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns)

    def reset(self) -> None:
        """Resets the state."""
        super().reset()
        self.metric.reset()
