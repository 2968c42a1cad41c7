"""Convolutions over time."""

from pyg_skeleton.nn.temporal.temporal_conv import TemporalConv

__all__ = ["TemporalConv"]
