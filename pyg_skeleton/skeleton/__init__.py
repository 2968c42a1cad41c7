"""The body: joints, bones, parts, mirror pairs, hops and the named layouts."""

from pyg_skeleton.skeleton.body_graph import BodyGraph
from pyg_skeleton.skeleton.bone_length import calibrate_bone_length, total_bone_length
from pyg_skeleton.skeleton.checks import LayoutError
from pyg_skeleton.skeleton.converter import JointConverter
from pyg_skeleton.skeleton.edges import GraphLike, as_graph, as_tree
from pyg_skeleton.skeleton.grouping import node_groups
from pyg_skeleton.skeleton.joint_names import common_names, layout_from_names
from pyg_skeleton.skeleton.kinematics import forward_kinematics
from pyg_skeleton.skeleton.motion import difference
from pyg_skeleton.skeleton.partition import partition_neighbors
from pyg_skeleton.skeleton.registry import list_skeletons, register_skeleton
from pyg_skeleton.skeleton.rotation import (
    axis_angle_to_matrix,
    axis_angle_to_quaternion,
    euler_to_matrix,
    matrix_to_axis_angle,
    matrix_to_euler,
    matrix_to_quaternion,
    quaternion_to_axis_angle,
    quaternion_to_matrix,
)
from pyg_skeleton.skeleton.shared import shared_skeleton
from pyg_skeleton.skeleton.skeleton import Skeleton, SkeletonLike

from pyg_skeleton.skeleton import layouts as _layouts  # noqa: F401  # isort: skip

__all__ = [
    "BodyGraph",
    "GraphLike",
    "JointConverter",
    "LayoutError",
    "Skeleton",
    "SkeletonLike",
    "as_graph",
    "as_tree",
    "axis_angle_to_matrix",
    "axis_angle_to_quaternion",
    "calibrate_bone_length",
    "common_names",
    "difference",
    "euler_to_matrix",
    "forward_kinematics",
    "layout_from_names",
    "list_skeletons",
    "matrix_to_axis_angle",
    "matrix_to_euler",
    "matrix_to_quaternion",
    "node_groups",
    "partition_neighbors",
    "quaternion_to_axis_angle",
    "quaternion_to_matrix",
    "register_skeleton",
    "shared_skeleton",
    "total_bone_length",
]
