"""Transforms of clips, each a :class:`torch_geometric.transforms.BaseTransform`."""

from pyg_skeleton.transforms.bones_from_joints import BonesFromJoints
from pyg_skeleton.transforms.center import Center
from pyg_skeleton.transforms.chains import ctrgcn_nw_ucla
from pyg_skeleton.transforms.convert_skeleton import ConvertSkeleton
from pyg_skeleton.transforms.difference import Difference
from pyg_skeleton.transforms.frame_draw import FrameDraw
from pyg_skeleton.transforms.joint_noise import JointNoise
from pyg_skeleton.transforms.joint_occlusion import JointOcclusion
from pyg_skeleton.transforms.min_max_normalize import MinMaxNormalize
from pyg_skeleton.transforms.mirror_flip import MirrorFlip
from pyg_skeleton.transforms.nw_ucla_view import NWUCLAView
from pyg_skeleton.transforms.observation_ratio import ObservationRatio
from pyg_skeleton.transforms.random_rotation import RandomRotation
from pyg_skeleton.transforms.random_scale import RandomScale
from pyg_skeleton.transforms.select_joints import SelectJoints
from pyg_skeleton.transforms.select_persons import SelectPersons
from pyg_skeleton.transforms.standardize import Standardize
from pyg_skeleton.transforms.stream import Stream
from pyg_skeleton.transforms.temporal_crop import TemporalCrop
from pyg_skeleton.transforms.temporal_resize import TemporalResize
from pyg_skeleton.transforms.temporal_sample import TemporalSample

__all__ = [
    "BonesFromJoints",
    "Center",
    "ConvertSkeleton",
    "Difference",
    "FrameDraw",
    "JointNoise",
    "JointOcclusion",
    "MinMaxNormalize",
    "MirrorFlip",
    "NWUCLAView",
    "ObservationRatio",
    "RandomRotation",
    "RandomScale",
    "SelectJoints",
    "SelectPersons",
    "Standardize",
    "Stream",
    "TemporalCrop",
    "TemporalResize",
    "TemporalSample",
    "ctrgcn_nw_ucla",
]
