"""Pooling between joints and parts."""

from pyg_skeleton.nn.pool.bidirectional_fusion import BidirectionalFusion
from pyg_skeleton.nn.pool.joint_to_part_pool import JointToPartPool
from pyg_skeleton.nn.pool.part_to_joint_unpool import PartToJointUnpool

__all__ = ["BidirectionalFusion", "JointToPartPool", "PartToJointUnpool"]
