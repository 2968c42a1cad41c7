"""Blocks that networks stack: operator, norm, activation and residual."""

from pyg_skeleton.nn.blocks.gtc_block import GTCBlock
from pyg_skeleton.nn.blocks.hcsf_block import HCSFBlock
from pyg_skeleton.nn.blocks.jgtc_block import JGTCBlock
from pyg_skeleton.nn.blocks.pgtc_block import PGTCBlock
from pyg_skeleton.nn.blocks.st_block import STBlock
from pyg_skeleton.nn.blocks.st_gcn_block import STGCNBlock
from pyg_skeleton.nn.blocks.stc_attention import STCAttention
from pyg_skeleton.nn.blocks.units import GraphUnit, HopUnit, ResidualBlock

__all__ = [
    "GTCBlock",
    "GraphUnit",
    "HCSFBlock",
    "HopUnit",
    "JGTCBlock",
    "PGTCBlock",
    "ResidualBlock",
    "STBlock",
    "STCAttention",
    "STGCNBlock",
]
