"""Data sets of 2-D poses with their 3-D poses."""

from pyg_skeleton.datasets.lifting.any_camera import AnyCamera
from pyg_skeleton.datasets.lifting.cmu_mocap_lifting import CMUMocapLifting
from pyg_skeleton.datasets.lifting.dataset import LiftingDataset
from pyg_skeleton.datasets.lifting.render import render_bodies
from pyg_skeleton.datasets.lifting.rendered import RenderedPoses
from pyg_skeleton.datasets.lifting.sequence import PoseSequence
from pyg_skeleton.datasets.lifting.synthetic_lifting import SyntheticLifting

__all__ = [
    "AnyCamera",
    "CMUMocapLifting",
    "LiftingDataset",
    "PoseSequence",
    "RenderedPoses",
    "SyntheticLifting",
    "render_bodies",
]
