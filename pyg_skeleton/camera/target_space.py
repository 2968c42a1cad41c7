"""The two target spaces of 3-D poses, whose errors are not comparable."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor

from pyg_skeleton.camera.camera import Camera
from pyg_skeleton.camera.keypoints import denormalize_keypoints, normalize_keypoints

_BOX = 2.0
"""The side of the square around the root, in meters."""


class TargetSpace(ABC):
    """The interface of target spaces, for poses with a root joint."""

    name: ClassVar[str]

    def __init__(self, root: int = 0) -> None:
        self.root = root

    @abstractmethod
    def encode(self, positions: Tensor, camera: Camera) -> Tensor:
        """Converts positions in camera space, in meters, to targets of a network."""

    @abstractmethod
    def decode(self, target: Tensor, camera: Camera, root_depth: Tensor) -> Tensor:
        """Converts predictions to positions relative to the root, in millimeters."""

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}(root={self.root})"


class RootRelativeTarget(TargetSpace):
    r"""Positions relative to the root joint, in meters: the target of `SemGCN
    <https://arxiv.org/abs/1904.03345>`_ and most other networks.

    .. math::
        \mathbf{y}_i = \mathbf{x}_i - \mathbf{x}_{\mathrm{root}}

    Args:
        root (int, optional): The root joint. (default: :obj:`0`)

    Shapes:
        - **positions:** :math:`(N, V, 3)` in camera space, in meters
        - **target:** :math:`(N, V, 3)`
    """

    name = "root-relative"

    def encode(self, positions: Tensor, camera: Camera | None = None) -> Tensor:
        """Returns the target of poses; no camera is needed."""
        _check(positions)
        return positions - positions[:, self.root, None]

    def decode(
        self, target: Tensor, camera: Camera | None = None, root_depth: Tensor | None = None
    ) -> Tensor:
        """Returns positions relative to the root in millimeters; camera and depth are unused."""
        _check(target)
        return (target - target[:, self.root, None]) * 1000


class PixelDepthTarget(TargetSpace):
    r"""Undistorted pixels, and depth relative to the root in pixels at the distance of the root:
    the target of `LCN <https://openaccess.thecvf.com/content_ICCV_2019/html/Ci_Optimizing_Network_Structure_for_3D_Human_Pose_Estimation_ICCV_2019_paper.html>`_
    and `Skeletal-GNN <https://arxiv.org/abs/2108.07181>`_.

    .. math::
        \mathbf{y}_i = \frac{2}{w} \left( u_i, v_i, \rho (z_i - z_{\mathrm{root}}) \right)
        - \left( 1, \frac{h}{w}, 0 \right), \qquad
        \rho = \frac{1}{2\,\mathrm{m}} \left( 2\,\mathrm{m} \frac{f_x}{z_{\mathrm{root}}} + 1
        \right)

    where :math:`\rho` is the number of pixels per meter for a box of two meters around the root.
    The conversion to millimeters uses the true depth of the root and thus the true scale. Errors
    benefit from that and are not comparable with those of :class:`RootRelativeTarget`.

    Args:
        root (int, optional): The root joint. (default: :obj:`0`)

    Shapes:
        - **positions:** :math:`(N, V, 3)` in camera space, in meters
        - **root_depth:** :math:`(N)`, in meters
        - **target:** :math:`(N, V, 3)`
    """

    name = "pixel-depth"

    def ratio(self, camera: Camera, root_depth: Tensor) -> Tensor:
        r"""Returns the pixels per meter :math:`\rho` at the depth of the root, :math:`(N)`."""
        return (_BOX * float(camera.focal[0]) / root_depth + 1) / _BOX

    def encode(self, positions: Tensor, camera: Camera) -> Tensor:
        """Returns the target of poses.

        Raises:
            ValueError: If a joint is not in front of the camera.
        """
        _check(positions)
        uv = camera.project(positions, distort=False)
        z = positions[..., 2]
        root_depth = z[:, self.root]
        depth = self.ratio(camera, root_depth)[:, None] * (z - root_depth[:, None])
        uv = normalize_keypoints(uv, camera.width, camera.height)
        return torch.cat([uv, (depth * (2 / camera.width)).unsqueeze(-1)], dim=-1)

    def decode(self, target: Tensor, camera: Camera, root_depth: Tensor) -> Tensor:
        """Returns positions relative to the root in millimeters, using its true depth."""
        _check(target)
        uv = denormalize_keypoints(target[..., :2], camera.width, camera.height)
        depth = target[..., 2] * (camera.width / 2)
        z = depth / self.ratio(camera, root_depth)[:, None] + root_depth[:, None]
        positions = camera.unproject(uv, z, distort=False)
        return (positions - positions[:, self.root, None]) * 1000


#: The target spaces by name; the name is reported with every result.
TARGET_SPACES: dict[str, type[TargetSpace]] = {
    RootRelativeTarget.name: RootRelativeTarget,
    PixelDepthTarget.name: PixelDepthTarget,
}


def get_target_space(name: str, root: int = 0) -> TargetSpace:
    """Returns the target space with a given name.

    Args:
        name (str): :obj:`"root-relative"` or :obj:`"pixel-depth"`.
        root (int, optional): The root joint. (default: :obj:`0`)

    Raises:
        ValueError: If the name is unknown.
    """
    if name not in TARGET_SPACES:
        raise ValueError(
            f"unknown target space {name!r}, expected one of {', '.join(TARGET_SPACES)}"
        )
    return TARGET_SPACES[name](root)


def _check(positions: Tensor) -> None:
    if positions.dim() != 3 or positions.size(-1) != 3:
        raise ValueError(f"positions must be [N, V, 3], got {list(positions.shape)}")
