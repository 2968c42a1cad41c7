"""The preprocessing of published pipelines, each as one chain of transforms."""

from __future__ import annotations

from typing import Any

from torch_geometric.transforms import BaseTransform, Compose

from pyg_skeleton.transforms.center import Center
from pyg_skeleton.transforms.frame_draw import FrameDraw
from pyg_skeleton.transforms.min_max_normalize import MinMaxNormalize
from pyg_skeleton.transforms.nw_ucla_view import NWUCLAView
from pyg_skeleton.transforms.stream import Stream, StreamName


class Chain(Compose):
    """Transforms one after the other on one copy of the clip, not on a copy for each."""

    def forward(self, data: Any) -> Any:
        """Applies them."""
        for transform in self.transforms:
            data = transform.forward(data)
        return data


def ctrgcn_nw_ucla(train: bool, stream: StreamName = "joint", num_frames: int = 52) -> Chain:
    r"""The chain of CTR-GCN's code for NW-UCLA: the second joint of the first frame to the origin,
    a random view (in training), all coordinates to :math:`[-1, 1]`, a fixed number of frames, and
    the stream.

    Args:
        train (bool): Whether frames are drawn at random and the view is.
        stream (str, optional): See :class:`Stream`. (default: :obj:`"joint"`)
        num_frames (int, optional): The number of frames. (default: :obj:`52`)
    """
    steps: list[BaseTransform] = [Center(joint=1, frame="first", person=0)]
    if train:
        steps.append(NWUCLAView())
    steps += [MinMaxNormalize(), FrameDraw(num_frames, random=train)]
    return Chain([*steps, *_stream(stream, "kinect20")])


def _stream(stream: StreamName, skeleton: str) -> list[BaseTransform]:
    return [] if stream == "joint" else [Stream(stream, skeleton)]
