"""Operators: one message-passing layer per file."""

from pyg_skeleton.nn.conv.actional_conv import ActionalConv
from pyg_skeleton.nn.conv.agim import AGIM, ActionalGraph
from pyg_skeleton.nn.conv.jgtc_block import JGTCBlock
from pyg_skeleton.nn.conv.joint_conv import JointConv
from pyg_skeleton.nn.conv.part_conv import PartConv
from pyg_skeleton.nn.conv.pgtc_block import PGTCBlock
from pyg_skeleton.nn.conv.skeleton_conv import SkeletonConv
from pyg_skeleton.nn.conv.structural_conv import StructuralConv

__all__ = [
    "AGIM",
    "ActionalConv",
    "ActionalGraph",
    "JGTCBlock",
    "JointConv",
    "PGTCBlock",
    "PartConv",
    "SkeletonConv",
    "StructuralConv",
]
