"""Data sets of 2-D poses and the 3-D poses behind them."""

from pyg_skeleton.datasets.lifting.dataset import LiftingDataset
from pyg_skeleton.datasets.lifting.sequence import PoseSequence

__all__ = ["LiftingDataset", "PoseSequence"]
