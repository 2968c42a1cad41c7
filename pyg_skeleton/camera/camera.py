"""A pinhole camera."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor

from pyg_skeleton.camera.distortion import distort, undistort
from pyg_skeleton.camera.keypoints import normalize_keypoints

Distortion = Literal["videopose3d", "martinez"]
Numbers = Tensor | Sequence[float]


@dataclass(frozen=True, init=False, eq=False)
class Camera:
    r"""A pinhole camera with radial and tangential distortion.

    .. math::
        \mathbf{x}_{\mathrm{cam}} = \mathbf{R} (\mathbf{x} - \mathbf{t}), \qquad
        \mathbf{u} = \mathbf{f} \odot D(\mathbf{q}) + \mathbf{c}, \quad
        \mathbf{q} = (x_{\mathrm{cam}}, y_{\mathrm{cam}}) / z_{\mathrm{cam}}

    .. math::
        D(\mathbf{q}) = \mathbf{q} \left( 1 + k_1 r^2 + k_2 r^4 + k_3 r^6
        + \mathbf{p}^{\top} \mathbf{q} \right) + r^2 \mathbf{p}, \qquad
        r = \lVert \mathbf{q} \rVert

    In camera space, x points right, y down and z forward. Pixels are counted from the upper left
    corner. All methods are differentiable and work with any leading dimensions, device and
    floating-point type.

    Args:
        width (int): The width of the image in pixels.
        height (int): The height of the image in pixels.
        focal (Tensor or sequence of float): The two focal lengths :math:`\mathbf{f}` in pixels.
        center (Tensor or sequence of float): The principal point :math:`\mathbf{c}` in pixels.
        radial (Tensor or sequence of float, optional): :math:`k_1, k_2, k_3`.
            (default: :obj:`(0, 0, 0)`)
        tangential (Tensor or sequence of float, optional): :math:`p_1, p_2`.
            (default: :obj:`(0, 0)`)
        rotation (Tensor, optional): The rotation matrix :math:`\mathbf{R}` from world to camera,
            the identity if :obj:`None`. Human3.6M is published with the quaternion of the inverse.
            (default: :obj:`None`)
        translation (Tensor or sequence of float, optional): The position :math:`\mathbf{t}` of the
            camera in the world, in meters. (default: :obj:`(0, 0, 0)`)
        name (str, optional): The name of the camera. (default: :obj:`""`)
        distortion (str, optional): The order of the tangential coefficients:
            :obj:`"videopose3d"` is :math:`\mathbf{p} = (p_1, p_2)` and keeps :math:`\mathbf{q}`
            between -1 and 1, as in `VideoPose3D <https://arxiv.org/abs/1811.11742>`_ and SemGCN;
            :obj:`"martinez"` is :math:`\mathbf{p} = (p_2, p_1)`, as in `Martinez et al.
            <https://arxiv.org/abs/1705.03098>`_ and LCN. (default: :obj:`"videopose3d"`)

    Raises:
        ValueError: If an argument is invalid or **rotation** is not a rotation matrix.
    """

    width: int
    height: int
    focal: Tensor
    center: Tensor
    radial: Tensor
    tangential: Tensor
    rotation: Tensor
    translation: Tensor
    name: str
    distortion: Distortion

    def __init__(
        self,
        width: int,
        height: int,
        focal: Numbers,
        center: Numbers,
        radial: Numbers = (0.0, 0.0, 0.0),
        tangential: Numbers = (0.0, 0.0),
        rotation: Tensor | Sequence[Sequence[float]] | None = None,
        translation: Numbers = (0.0, 0.0, 0.0),
        name: str = "",
        distortion: Distortion = "videopose3d",
    ) -> None:
        if not (width > 0 and height > 0):
            raise ValueError(f"an image has a positive size, got {width} x {height}")
        if distortion not in get_args(Distortion):
            known = ", ".join(get_args(Distortion))
            raise ValueError(f"unknown distortion {distortion!r}, expected one of {known}")
        turn = torch.eye(3) if rotation is None else rotation
        for key, value, shape in (
            ("focal", focal, (2,)),
            ("center", center, (2,)),
            ("radial", radial, (3,)),
            ("tangential", tangential, (2,)),
            ("rotation", turn, (3, 3)),
            ("translation", translation, (3,)),
        ):
            numbers = torch.as_tensor(value).detach().to("cpu", torch.double, copy=True)
            if tuple(numbers.shape) != shape or not bool(numbers.isfinite().all()):
                raise ValueError(f"{key} must be finite numbers {list(shape)}, got {value}")
            object.__setattr__(self, key, numbers)
        for key, text in (("name", name), ("distortion", distortion)):
            object.__setattr__(self, key, text)
        for key, size in (("width", width), ("height", height)):
            object.__setattr__(self, key, int(size))
        if not bool((self.focal > 0).all()):
            raise ValueError(f"focal must be positive, got {self.focal.tolist()}")
        off = (self.rotation @ self.rotation.T - torch.eye(3, dtype=torch.double)).abs().max()
        if off > 1e-3 or torch.linalg.det(self.rotation) < 0:
            raise ValueError(f"rotation is no rotation matrix: {self.rotation.tolist()}")

    @property
    def intrinsics(self) -> Tensor:
        """The nine intrinsic parameters of VideoPose3D: focal lengths and center, normalized by
        the image size, and the radial and tangential coefficients.
        """
        center = normalize_keypoints(self.center, self.width, self.height)
        return torch.cat([self.focal * (2 / self.width), center, self.radial, self.tangential])

    def world_to_camera(self, x: Tensor) -> Tensor:
        """Transforms positions :math:`(*, 3)` in meters from world to camera space."""
        _check("x", x, 3)
        return (x - self.translation.to(x)) @ self.rotation.to(x).T

    def camera_to_world(self, x: Tensor) -> Tensor:
        """Transforms positions :math:`(*, 3)` in meters from camera to world space."""
        _check("x", x, 3)
        return x @ self.rotation.to(x) + self.translation.to(x)

    def project(self, x: Tensor, distort: bool = True) -> Tensor:
        """Projects positions in camera space to pixels.

        Args:
            x (Tensor): The positions :math:`(*, 3)`, in any unit.
            distort (bool, optional): If set to :obj:`False`, ignores the distortion of the lens.
                (default: :obj:`True`)

        Raises:
            ValueError: If a position is not in front of the camera.
        """
        _check("x", x, 3)
        if bool((x[..., 2] <= 0).any()):
            raise ValueError(
                f"{int((x[..., 2] <= 0).sum())} of {x[..., 2].numel()} positions are not in front "
                f"of the camera {self.name!r}: z must be above 0 in its space"
            )
        points = x[..., :2] / x[..., 2:]
        return self._to_pixels(self._distort(points) if distort else points)

    def unproject(self, uv: Tensor, depth: Tensor, distort: bool = True) -> Tensor:
        """Converts pixels with a depth to positions in camera space.

        Args:
            uv (Tensor): The pixels :math:`(*, 2)`.
            depth (Tensor): The depth z of each pixel, :math:`(*)`, in the unit of the output.
            distort (bool, optional): If set to :obj:`False`, ignores the distortion of the lens.
                (default: :obj:`True`)
        """
        _check("uv", uv, 2)
        points = self._to_points(uv)
        points = self._undistort(points) if distort else points
        return torch.cat([points * depth.unsqueeze(-1), depth.unsqueeze(-1)], dim=-1)

    def undistort(self, uv: Tensor) -> Tensor:
        """Removes the distortion of the lens from pixels :math:`(*, 2)`.

        Raises:
            ValueError: If a pixel is so far outside the image that the distortion is not invertible
                there.
        """
        _check("uv", uv, 2)
        return self._to_pixels(self._undistort(self._to_points(uv)))

    def _to_pixels(self, points: Tensor) -> Tensor:
        return points * self.focal.to(points) + self.center.to(points)

    def _to_points(self, uv: Tensor) -> Tensor:
        return (uv - self.center.to(uv)) / self.focal.to(uv)

    def _coefficients(self, like: Tensor) -> tuple[Tensor, Tensor]:
        swapped = self.distortion == "martinez"
        return self.radial.to(like), (self.tangential.flip(0) if swapped else self.tangential).to(
            like
        )

    def _distort(self, points: Tensor) -> Tensor:
        if self.distortion == "videopose3d":
            points = points.clamp(-1, 1)
        return distort(points, *self._coefficients(points))

    def _undistort(self, points: Tensor) -> Tensor:
        return undistort(points, *self._coefficients(points))

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self.name!r}, {self.width} x {self.height})"


def _check(name: str, value: Tensor, channels: int) -> None:
    if value.dim() < 1 or value.size(-1) != channels or not value.is_floating_point():
        raise ValueError(
            f"{name} must be floating-point numbers [..., {channels}], got {value.dtype} "
            f"{list(value.shape)}"
        )
