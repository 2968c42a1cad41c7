"""Transforms of clips, each a :class:`torch_geometric.transforms.BaseTransform`.

Several of them change the number of frames. :class:`TemporalCrop` keeps a window,
:class:`TemporalResize` interpolates, :class:`TemporalSample` picks evenly spaced frames;
:class:`CropResize` (CTR-GCN), :class:`FrameDraw` (CTR-GCN on NW-UCLA), :class:`UniformSample`
(pyskl), :class:`PadFrames` (ST-GCN, 2s-AGCN) and :class:`SymmetricCrop` (CoDT) are the steps of
published pipelines, exactly as these have them.
"""

from pyg_skeleton.transforms.align_shoulders import AlignShoulders
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.bones_from_joints import BonesFromJoints
from pyg_skeleton.transforms.center import Center
from pyg_skeleton.transforms.center_2d import Center2D
from pyg_skeleton.transforms.chains import (
    Chain,
    agcn_ntu,
    any_layout,
    codt_chain,
    codt_chain_2d,
    ctrgcn_ntu,
    ctrgcn_nw_ucla,
    infogcn_ntu,
    kinetics_chain,
    ntu_chain,
    pyskl_2d,
    pyskl_ntu,
    stgcn_kinetics,
    stgcn_ntu,
)
from pyg_skeleton.transforms.convert_skeleton import ConvertSkeleton
from pyg_skeleton.transforms.crop_resize import CropResize
from pyg_skeleton.transforms.difference import Difference
from pyg_skeleton.transforms.duplicate_person import DuplicatePerson
from pyg_skeleton.transforms.first_seen_origin import FirstSeenOrigin
from pyg_skeleton.transforms.frame_draw import FrameDraw
from pyg_skeleton.transforms.info_gcn_align import InfoGCNAlign
from pyg_skeleton.transforms.joint_noise import JointNoise
from pyg_skeleton.transforms.joint_occlusion import JointOcclusion
from pyg_skeleton.transforms.min_max_normalize import MinMaxNormalize
from pyg_skeleton.transforms.mirror_flip import MirrorFlip
from pyg_skeleton.transforms.nw_ucla_view import NWUCLAView
from pyg_skeleton.transforms.observation_ratio import ObservationRatio
from pyg_skeleton.transforms.pad_frames import PadFrames
from pyg_skeleton.transforms.part_mask import PartMask, codt_parts
from pyg_skeleton.transforms.pre_normalize import AGCNPreNormalize, PreNormalize3D
from pyg_skeleton.transforms.pre_normalize_2d import PreNormalize2D
from pyg_skeleton.transforms.random_move import RandomMove
from pyg_skeleton.transforms.random_rotation import RandomRotation
from pyg_skeleton.transforms.random_scale import RandomScale
from pyg_skeleton.transforms.select_joints import SelectJoints
from pyg_skeleton.transforms.select_persons import SelectPersons
from pyg_skeleton.transforms.shear import Shear
from pyg_skeleton.transforms.standardize import Standardize
from pyg_skeleton.transforms.stream import Stream
from pyg_skeleton.transforms.symmetric_crop import SymmetricCrop
from pyg_skeleton.transforms.temporal_crop import TemporalCrop
from pyg_skeleton.transforms.temporal_resize import TemporalResize
from pyg_skeleton.transforms.temporal_sample import TemporalSample
from pyg_skeleton.transforms.turn_upright import TurnUpright
from pyg_skeleton.transforms.uniform_sample import UniformSample

__all__ = [
    "AGCNPreNormalize",
    "AlignShoulders",
    "BonesFromJoints",
    "Center",
    "Center2D",
    "Chain",
    "ConvertSkeleton",
    "CropResize",
    "Difference",
    "DuplicatePerson",
    "FirstSeenOrigin",
    "FrameDraw",
    "InfoGCNAlign",
    "JointNoise",
    "JointOcclusion",
    "MinMaxNormalize",
    "MirrorFlip",
    "NWUCLAView",
    "ObservationRatio",
    "PadFrames",
    "PartMask",
    "PreNormalize2D",
    "PreNormalize3D",
    "RandomMove",
    "RandomRotation",
    "RandomScale",
    "SelectJoints",
    "SelectPersons",
    "Shear",
    "SkeletonTransform",
    "Standardize",
    "Stream",
    "SymmetricCrop",
    "TemporalCrop",
    "TemporalResize",
    "TemporalSample",
    "TurnUpright",
    "UniformSample",
    "agcn_ntu",
    "any_layout",
    "codt_chain",
    "codt_chain_2d",
    "codt_parts",
    "ctrgcn_ntu",
    "ctrgcn_nw_ucla",
    "infogcn_ntu",
    "kinetics_chain",
    "ntu_chain",
    "pyskl_2d",
    "pyskl_ntu",
    "stgcn_kinetics",
    "stgcn_ntu",
]
