"""Metrics, each with its protocol in its name or its documentation."""

from pyg_skeleton.metrics.mean_angle_error import AngleErrors, MeanAngleError
from pyg_skeleton.metrics.mpjpe_per_frame import MPJPEPerFrame
from pyg_skeleton.metrics.pck import PCK
from pyg_skeleton.metrics.zero_velocity import zero_velocity

__all__ = ["PCK", "AngleErrors", "MPJPEPerFrame", "MeanAngleError", "zero_velocity"]
