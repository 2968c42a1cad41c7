"""A recording by one camera."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from pyg_skeleton.camera import Camera
from pyg_skeleton.skeleton.plausible import check_coordinates


@dataclass(frozen=True, eq=False)
class PoseSequence:
    r"""A take of a person, seen by one camera.

    Args:
        subject (str): The name of the subject.
        action (str): The canonical name of the action, without the number of the take.
        take (str): The name of the take, which is the same for all of its cameras.
        camera (Camera): The camera.
        keypoints (Tensor): The 2-D joints in pixels; NaN if not detected.
        positions (Tensor): The same joints in camera space, in meters.
        fps (float): Frames per second.
        confidence (Tensor, optional): The scores of the detector. (default: :obj:`None`)

    Shapes:
        - **keypoints:** :math:`(T, V, 2)`
        - **positions:** :math:`(T, V, 3)`
        - **confidence:** :math:`(T, V)`

    Raises:
        ValueError: If the shapes do not match, or a number is not finite or larger than a billion.
    """

    subject: str
    action: str
    take: str
    camera: Camera
    keypoints: Tensor
    positions: Tensor
    fps: float
    confidence: Tensor | None = None

    def __post_init__(self) -> None:
        if self.keypoints.dim() != 3 or self.keypoints.size(-1) != 2 or not self.keypoints.size(0):
            raise ValueError(f"{self}: keypoints must be [T, V, 2], got {self._shape('keypoints')}")
        frames, joints = self.keypoints.shape[:2]
        if tuple(self.positions.shape) != (frames, joints, 3):
            raise ValueError(
                f"{self}: positions must be [{frames}, {joints}, 3] as the keypoints are "
                f"{self._shape('keypoints')}, got {self._shape('positions')}"
            )
        if bool(self.keypoints.isinf().any()):
            raise ValueError(f"{self}: keypoints must be numbers, or NaN, but some are infinite")
        if self.confidence is not None and tuple(self.confidence.shape) != (frames, joints):
            raise ValueError(
                f"{self}: confidence must be [{frames}, {joints}], got {self._shape('confidence')}"
            )
        if not bool(self.positions.isfinite().all()):
            frame, joint, _ = (~self.positions.isfinite()).nonzero()[0].tolist()
            raise ValueError(
                f"{self}: the position of joint {joint} in frame {frame} is not a number"
            )
        check_coordinates(self.positions, f"{self}, positions")
        check_coordinates(self.keypoints, f"{self}, keypoints", missing=True)
        if not self.fps > 0:
            raise ValueError(f"{self}: fps must be positive, got {self.fps}")

    @property
    def num_frames(self) -> int:
        """The number of frames."""
        return self.keypoints.size(0)

    def _shape(self, name: str) -> list[int]:
        return list(getattr(self, name).shape)

    def __repr__(self) -> str:
        where = f"{self.subject}/{self.take}/{self.camera.name}"
        return (
            f"{self.__class__.__name__}({where!r}, {self.action!r}, frames={len(self.keypoints)})"
        )
