"""Virtual cameras in a ring around a person."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from pyg_skeleton.camera.camera import Camera

_SIZE, _MARGIN = 1000, 20.0


def look_at(
    position: Tensor | Sequence[float],
    point: Tensor | Sequence[float],
    up: Tensor | Sequence[float] = (0.0, 1.0, 0.0),
) -> Tensor:
    """Computes the rotation from the world to an upright camera that looks at a point.

    Args:
        position (Tensor or sequence of float): The position of the camera.
        point (Tensor or sequence of float): The point in the center of the image.
        up (Tensor or sequence of float, optional): The direction that points up in the image.
            (default: :obj:`(0, 1, 0)`)

    Shapes:
        - **position, point, up:** :math:`(3)`
        - **output:** :math:`(3, 3)`, for :class:`Camera`

    Raises:
        ValueError: If the camera would look straight up or down, or is located at the point.
    """
    eye, there, top = (torch.as_tensor(v, dtype=torch.double) for v in (position, point, up))
    forward = there - eye
    right = torch.linalg.cross(forward, top)
    if right.norm() <= 1e-9 * forward.norm() * top.norm():
        raise ValueError(
            f"a camera at {eye.tolist()} that looks at {there.tolist()} has no upright image for "
            f"up = {top.tolist()}"
        )
    down = torch.linalg.cross(forward, right)
    return torch.stack([axis / axis.norm() for axis in (right, down, forward)])


def camera_ring(
    points: Tensor, num_cameras: int = 4, generator: torch.Generator | None = None
) -> list[Camera]:
    r"""Creates cameras in a ring around a person that see all points, similar to those of
    `Human3.6M <https://doi.org/10.1109/TPAMI.2013.248>`_.

    Each camera has an image of 1000 x 1000 pixels, a focal length of 1140 to 1155 pixels, a
    principal point up to 15 pixels from the image center, and no distortion. The cameras are 1.3 to
    1.7 meters above the floor and look at the center of the points. The angle of the first is
    random, the others follow evenly with a jitter of up to 15 degrees. Their distance is 4.5 to 5.5
    meters, or more if needed to keep all points at least 20 pixels from the image border.

    Args:
        points (Tensor): The points to keep in view, such as all joints of all frames, in meters, y
            up, the floor at :math:`y = 0`.
        num_cameras (int, optional): The number of cameras. (default: :obj:`4`)
        generator (torch.Generator, optional): The random number generator.
            (default: :obj:`None`)

    Shapes:
        - **points:** :math:`(*, 3)`

    Raises:
        ValueError: If there is no camera or no point, or a point is not finite.
    """
    if num_cameras < 1:
        raise ValueError(f"num_cameras must be at least 1, got {num_cameras}")
    if points.dim() < 1 or points.size(-1) != 3 or points.numel() == 0:
        raise ValueError(f"points must be [..., 3] and not empty, got {list(points.shape)}")
    if not bool(points.isfinite().all()):
        raise ValueError("points must be finite")
    rows = points.detach().double().reshape(-1, 3)
    middle = (rows.min(0).values + rows.max(0).values) / 2
    start = 2 * math.pi * float(torch.rand((), generator=generator))
    cameras = []
    for number in range(num_cameras):
        draw = torch.rand(7, generator=generator, dtype=torch.double)
        angle = start + 2 * math.pi * number / num_cameras + math.radians(30) * float(draw[0] - 0.5)
        height, distance = 1.3 + 0.4 * float(draw[1]), 4.5 + float(draw[2])
        focal = (1140 + 15 * draw[3]) * (1 - 0.002 * torch.stack([0 * draw[4], draw[4]]))
        center = 485 + 30 * draw[5:]
        while True:
            position = middle + distance * torch.tensor([math.sin(angle), 0.0, math.cos(angle)])
            position[1] = height
            turn = look_at(position, middle)
            if _in_image((rows - position) @ turn.T, focal, center):
                break
            distance *= 1.02
        camera = Camera(
            _SIZE, _SIZE, focal, center, rotation=turn, translation=position, name=f"{number}"
        )
        cameras.append(camera)
    return cameras


def _in_image(seen: Tensor, focal: Tensor, center: Tensor) -> bool:
    uv = seen[:, :2] / seen[:, 2:] * focal + center
    inside = (seen[:, 2] > 0.1) & (uv >= _MARGIN).all(-1) & (uv <= _SIZE - _MARGIN).all(-1)
    return bool(inside.all())
