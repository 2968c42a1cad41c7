"""Input checks of the metrics."""

from __future__ import annotations

import torch
from torch import Tensor


def check_poses(prediction: Tensor, target: Tensor, num_frames: int, num_channels: int = 0) -> None:
    """Raises an error unless both are ``[B, T, V, C]`` with the expected number of frames."""
    if prediction.shape != target.shape or target.dim() != 4:
        raise ValueError(
            f"prediction and target must both be [B, T, V, C], "
            f"got {list(prediction.shape)} and {list(target.shape)}"
        )
    if target.size(1) != num_frames:
        raise ValueError(f"expected poses of {num_frames} frames, got {target.size(1)}")
    if num_channels and target.size(3) != num_channels:
        raise ValueError(f"expected poses of {num_channels} channels, got {target.size(3)}")


def recorded(prediction: Tensor, target: Tensor) -> Tensor:
    r"""Returns the joints that count, ``[*, V]``: those whose target is not NaN.

    Args:
        prediction (Tensor): The predicted joints, ``[*, V, D]``.
        target (Tensor): The true joints, NaN where they were not recorded.

    Raises:
        ValueError: If a prediction that counts is not finite, or a target is infinite.
    """
    there = ~target.isnan().any(-1)
    for name, value in (("target", target), ("prediction", prediction)):
        wrong = there & ~value.isfinite().all(-1)
        if bool(wrong.any()):
            place = wrong.nonzero()[0].tolist()
            more = f" and {int(wrong.sum()) - 1} more" if int(wrong.sum()) > 1 else ""
            raise ValueError(f"the {name} of the joint at {place} is not finite{more}")
    return there


def check_mask(mask: Tensor | None, prediction: Tensor, target: Tensor) -> Tensor:
    """Returns the mask of the evaluated joints, ``[B, T, V]``; by default those that are
    :func:`recorded`.
    """
    if mask is None:
        return recorded(prediction, target)
    if mask.shape != target.shape[:3]:
        raise ValueError(f"mask must be {list(target.shape[:3])}, got {list(mask.shape)}")
    hidden = ~mask.bool().unsqueeze(-1)
    return recorded(prediction, target.masked_fill(hidden, torch.nan))


def check_pose_pairs(prediction: Tensor, target: Tensor, root: int = 0) -> None:
    """Raises an error unless both are ``[N, V, 3]`` and have a joint **root**."""
    if prediction.shape != target.shape or target.dim() != 3 or target.size(2) != 3:
        raise ValueError(
            f"prediction and target must both be [N, V, 3], "
            f"got {list(prediction.shape)} and {list(target.shape)}"
        )
    if not 0 <= root < target.size(1):
        raise ValueError(f"root must be a joint from 0 to {target.size(1) - 1}, got {root}")


def check_graphs(graph: Tensor, num_joints: int) -> None:
    """Raises an error unless the graphs are finite and ``[N, V, V]``."""
    if graph.dim() != 3 or graph.shape[1:] != (num_joints, num_joints):
        raise ValueError(
            f"graph must be [N, {num_joints}, {num_joints}], got {list(graph.shape)}; average "
            f"over subsets, channels and frames first"
        )
    finite = graph.isfinite().flatten(1).all(1)
    if not bool(finite.all()):
        raise ValueError(f"the graph of clip {int((~finite).nonzero()[0])} is not finite")


def check_labels(label: Tensor, num_clips: int, num_classes: int, name: str) -> Tensor:
    """Raises an error unless the labels are one class per clip, ``[N]``."""
    label = label.reshape(-1)
    if label.is_floating_point() or label.numel() != num_clips:
        raise ValueError(
            f"{name} must be {num_clips} integers, got {list(label.shape)} of {label.dtype}"
        )
    if num_clips and not bool(((label >= 0) & (label < num_classes)).all()):
        raise ValueError(
            f"{name} must be from 0 to {num_classes - 1}, "
            f"got {int(label.min())} to {int(label.max())}"
        )
    return label
