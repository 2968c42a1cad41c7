"""Operators: one message-passing layer per file."""

from importlib import import_module
from typing import Any

from pyg_skeleton.nn.conv.actional_conv import ActionalConv
from pyg_skeleton.nn.conv.adaptive_graph_conv import AdaptiveGraphConv
from pyg_skeleton.nn.conv.agim import AGIM, ActionalGraph
from pyg_skeleton.nn.conv.complete_conv import CompleteConv
from pyg_skeleton.nn.conv.ctrg_conv import CTRGConv
from pyg_skeleton.nn.conv.dynamic_hcsf_conv import DynamicHCSFConv
from pyg_skeleton.nn.conv.hcsf_conv import HCSFConv
from pyg_skeleton.nn.conv.high_order_conv import HighOrderConv
from pyg_skeleton.nn.conv.hop_graph import HopGraph
from pyg_skeleton.nn.conv.joint_conv import JointConv
from pyg_skeleton.nn.conv.lcn_conv import LCNConv
from pyg_skeleton.nn.conv.mix_hop_conv import MixHopConv
from pyg_skeleton.nn.conv.non_local import NonLocal
from pyg_skeleton.nn.conv.part_conv import PartConv
from pyg_skeleton.nn.conv.self_attention_graph_conv import SelfAttentionGraphConv
from pyg_skeleton.nn.conv.sem_g_conv import SemGConv
from pyg_skeleton.nn.conv.skeleton_conv import SkeletonConv
from pyg_skeleton.nn.conv.spatial_graph_conv import SpatialGraphConv
from pyg_skeleton.nn.conv.structural_conv import StructuralConv
from pyg_skeleton.nn.conv.vanilla_g_conv import VanillaGConv

__all__ = [
    "AGIM",
    "ActionalConv",
    "ActionalGraph",
    "AdaptiveGraphConv",
    "CTRGConv",
    "CompleteConv",
    "DynamicHCSFConv",
    "HCSFConv",
    "HighOrderConv",
    "HopGraph",
    "JointConv",
    "LCNConv",
    "MixHopConv",
    "NonLocal",
    "PartConv",
    "SelfAttentionGraphConv",
    "SemGConv",
    "SkeletonConv",
    "SpatialGraphConv",
    "StructuralConv",
    "VanillaGConv",
]


def __getattr__(name: str) -> Any:
    if name in ("JGTCBlock", "PGTCBlock"):  # where they were before there was nn.blocks
        return getattr(import_module("pyg_skeleton.nn.blocks"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
