"""Convolutions over time."""

from pyg_skeleton.nn.temporal.multi_scale_temporal_conv import MultiScaleTemporalConv
from pyg_skeleton.nn.temporal.temporal_conv import TemporalConv

__all__ = ["MultiScaleTemporalConv", "TemporalConv"]
