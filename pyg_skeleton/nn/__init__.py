"""Operators, pooling, blocks, networks and losses."""

from pyg_skeleton.nn.blocks import *  # noqa: F403
from pyg_skeleton.nn.blocks import __all__ as _blocks
from pyg_skeleton.nn.conv import *  # noqa: F403
from pyg_skeleton.nn.conv import __all__ as _conv
from pyg_skeleton.nn.image import *  # noqa: F403
from pyg_skeleton.nn.image import __all__ as _image
from pyg_skeleton.nn.norm import ChannelBatchNorm, JointBatchNorm
from pyg_skeleton.nn.pool import *  # noqa: F403
from pyg_skeleton.nn.pool import __all__ as _pool
from pyg_skeleton.nn.sums.graphs import Edges
from pyg_skeleton.nn.temporal import *  # noqa: F403
from pyg_skeleton.nn.temporal import __all__ as _temporal

__all__ = [
    "ChannelBatchNorm",
    "Edges",
    "JointBatchNorm",
    *_blocks,
    *_conv,
    *_image,
    *_pool,
    *_temporal,
]
