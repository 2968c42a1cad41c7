"""Camera models, and the target spaces of lifting networks."""

from pyg_skeleton.camera.camera import Camera
from pyg_skeleton.camera.keypoints import (
    denormalize_keypoints,
    normalize_body,
    normalize_keypoints,
)
from pyg_skeleton.camera.ring import camera_ring, look_at
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
    "camera_ring",
    "denormalize_keypoints",
    "get_target_space",
    "look_at",
    "normalize_body",
    "normalize_keypoints",
]
