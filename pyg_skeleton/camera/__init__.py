"""Cameras: from the world to pixels and back, and the spaces in which lifting is learned."""

from pyg_skeleton.camera.camera import Camera
from pyg_skeleton.camera.keypoints import denormalize_keypoints, normalize_keypoints
from pyg_skeleton.camera.target_space import (
    TARGET_SPACES,
    PixelDepthTarget,
    RootRelativeTarget,
    TargetSpace,
    get_target_space,
)

__all__ = [
    "TARGET_SPACES",
    "Camera",
    "PixelDepthTarget",
    "RootRelativeTarget",
    "TargetSpace",
    "denormalize_keypoints",
    "get_target_space",
    "normalize_keypoints",
]
