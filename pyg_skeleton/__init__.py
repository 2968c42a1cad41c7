"""Graph neural networks for human skeletons on PyTorch Geometric."""

from pyg_skeleton.data import SkeletonData, SkeletonLoader
from pyg_skeleton.nn.models import create_model, list_models
from pyg_skeleton.skeleton import Skeleton, list_skeletons
from pyg_skeleton.version import __version__

__all__ = [
    "Skeleton",
    "SkeletonData",
    "SkeletonLoader",
    "__version__",
    "create_model",
    "list_models",
    "list_skeletons",
]
