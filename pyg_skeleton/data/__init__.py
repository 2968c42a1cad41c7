"""The data object of a clip, its loader and sampler."""

from pyg_skeleton.data.batch_poses import batch_poses
from pyg_skeleton.data.loader import SkeletonLoader
from pyg_skeleton.data.sampler import EpochSampler
from pyg_skeleton.data.skeleton_data import SkeletonData
from pyg_skeleton.data.to_data import to_data

__all__ = [
    "EpochSampler",
    "SkeletonData",
    "SkeletonLoader",
    "batch_poses",
    "to_data",
]
