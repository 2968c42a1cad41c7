"""Checks that joints can be those of a body: their values, their order, their picture."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pyg_skeleton.skeleton.bone_length import total_bone_length

if TYPE_CHECKING:
    from pyg_skeleton.skeleton.skeleton import Skeleton

#: The largest coordinate, in any unit: a million kilometers, or the numbers of a damaged file.
LARGEST = 1e9
#: The mean bone over the diagonal of the box around a body: people in motion reach 0.23, joints in
#: a random order rarely less than 0.27.
_LONG = 0.235
#: All bones over the shortest tree through all joints: people reach 1.5, joints in a random order
#: rarely less than 1.9.
_RATIO = 1.6
#: The largest movement of people from one frame to the next, in diagonals; more is noise.
_MOVE = 0.08
_NUM_FRAMES = 4


def check_coordinates(x: Tensor | NDArray[Any], name: str, missing: bool = False) -> None:
    """Refuses coordinates that are infinite or larger than a billion.

    Args:
        x (torch.Tensor or numpy.ndarray): The coordinates.
        name (str): The name of the clip, for the message.
        missing (bool, optional): Whether NaN stands for a missing joint; otherwise it is refused.
            (default: :obj:`False`)

    Raises:
        ValueError: With the first place.
    """
    values = x.detach() if isinstance(x, Tensor) else torch.from_numpy(np.asarray(x))
    if not values.numel() or not values.is_floating_point():
        return
    low, high = values.aminmax()  # NaN if there is any
    if bool((low >= -LARGEST) & (high <= LARGEST)):
        return
    bad = values.abs() > LARGEST
    bad = bad if missing else bad | values.isnan()
    if bool(bad.any()):
        place = tuple(bad.nonzero()[0].tolist())
        raise ValueError(
            f"{name}: the number at {list(place)} is {float(values[place]):.4g}, expected "
            f"coordinates up to {LARGEST:g}"
        )


def check_image_size(points: Tensor | NDArray[Any], width: float, height: float) -> None:
    r"""Refuses a size of a picture that only fits its joints with width and height swapped.

    Args:
        points (torch.Tensor or numpy.ndarray): Joints in pixels; zero or NaN where they are
            missing.
        width (float): The width of the picture.
        height (float): The height of the picture.

    Shapes:
        - **points:** :math:`(*, 2)`

    Raises:
        ValueError: If many joints are outside, and none is when the two are swapped.
    """
    x, y = torch.as_tensor(points).detach().flatten(0, -2).unbind(-1)
    outside = (x > 1.1 * width) | (y > 1.1 * height)
    if int(outside.sum()) <= len(x) // 20:
        return
    x, y = x[outside], y[outside]
    if float(x.max()) <= 1.05 * height and float(y.max()) <= 1.05 * width:
        raise ValueError(
            f"expected image_size=(width, height), got ({width:g}, {height:g}) and joints up to "
            f"x = {float(x.max()):.0f}, y = {float(y.max()):.0f}: are width and height swapped?"
        )


def warn_if_disordered(x: Tensor, skeleton: Skeleton) -> bool:
    r"""Warns if joints seem to be in another order than that of their layout, since bones join
    what is far apart. A clip of less than four frames or of noise passes, and so do vectors from
    joint to joint, whose root is zero.

    Args:
        x (torch.Tensor): The joints of a clip; zero or NaN where they are missing.
        skeleton (Skeleton): The layout.

    Shapes:
        - **x:** :math:`(M, V, T, C)`

    Returns:
        Whether it warned.
    """
    body, num_frames = x[0].detach().double(), x.size(2)
    if num_frames < _NUM_FRAMES or len(skeleton.bones) < _NUM_FRAMES:
        return False
    if not _has_long_bones(body[:, num_frames // 2], skeleton):  # nearly always
        return False
    frames = [i * (num_frames - 2) // (_NUM_FRAMES - 1) for i in range(_NUM_FRAMES)]
    wrong = [_is_disordered(body[:, t], body[:, t + 1], skeleton) for t in frames]
    if sum(wrong) < _NUM_FRAMES - 1:
        return False
    warnings.warn(
        f"the joints seem to be in another order than that of {skeleton.name!r}: its bones are "
        f"more than {_RATIO} times as long as the shortest links of all joints",
        stacklevel=3,
    )
    return True


def _is_disordered(pose: Tensor, after: Tensor, skeleton: Skeleton) -> bool:
    """Looks at a pose ``[V, C]`` and the one after it."""
    seen = (pose != 0).any(-1) & pose.isfinite().all(-1) & after.isfinite().all(-1)
    if not bool(seen.all()) or not _has_long_bones(pose, skeleton):
        return False
    moves = (after - pose).norm(dim=-1).mean() > _MOVE * _diagonal(pose)
    return not bool(moves) and bool(
        total_bone_length(pose, skeleton) > _RATIO * _shortest_tree(pose)
    )


def _has_long_bones(pose: Tensor, skeleton: Skeleton) -> bool:
    mean = total_bone_length(pose, skeleton) / len(skeleton.bones)
    return bool(mean > _LONG * _diagonal(pose))


def _diagonal(pose: Tensor) -> Tensor:
    return (pose.amax(0) - pose.amin(0)).norm()


def _shortest_tree(pose: Tensor) -> Tensor:
    """The length of the shortest tree through all joints ``[V, C]``, by Prim's algorithm."""
    distance = torch.cdist(pose, pose)
    nearest, total = distance[0].clone(), pose.new_zeros(())
    nearest[0] = torch.inf
    left = torch.ones(len(pose), dtype=torch.bool)
    left[0] = False
    for _ in range(len(pose) - 1):
        joint = nearest.argmin()
        total = total + nearest[joint]
        left[joint] = False
        nearest = torch.minimum(nearest, distance[joint]).where(left, torch.inf)
    return total
