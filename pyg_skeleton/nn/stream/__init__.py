"""Networks that answer frame by frame, while frames still come."""

from pyg_skeleton.nn.stream.action_stream import ActionStream
from pyg_skeleton.nn.stream.stream import Stream
from pyg_skeleton.nn.stream.window_stream import LiftingStream, MotionStream

__all__ = ["ActionStream", "LiftingStream", "MotionStream", "Stream"]
