"""The data object of a clip, its loader and sampler."""

from pyg_skeleton.data.batch_poses import batch_poses
from pyg_skeleton.data.clip import Clip
from pyg_skeleton.data.loader import SkeletonLoader
from pyg_skeleton.data.read import read, read_all
from pyg_skeleton.data.sampler import EpochSampler
from pyg_skeleton.data.skeleton_data import SkeletonData
from pyg_skeleton.data.to_data import to_data

__all__ = [
    "Clip",
    "EpochSampler",
    "SkeletonData",
    "SkeletonLoader",
    "batch_poses",
    "read",
    "read_all",
    "to_data",
]
