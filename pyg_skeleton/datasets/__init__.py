"""One data set per corpus: the files, the official splits, the classes."""

from pyg_skeleton.datasets.clip_dataset import ClipDataset
from pyg_skeleton.datasets.clip_table import ClipTable
from pyg_skeleton.datasets.cmu_actions import CMUActions
from pyg_skeleton.datasets.cmu_mocap import CMUMocap
from pyg_skeleton.datasets.exp_map_dataset import ExpMapDataset
from pyg_skeleton.datasets.exp_map_positions import exp_map_to_positions
from pyg_skeleton.datasets.human36m import Human36M
from pyg_skeleton.datasets.human36m_exp_map import Human36MExpMap
from pyg_skeleton.datasets.human_eva import HumanEva
from pyg_skeleton.datasets.kinect_corpus import KinectCorpus
from pyg_skeleton.datasets.kinetics_skeleton import KineticsSkeleton
from pyg_skeleton.datasets.lifting import (
    CMUMocapLifting,
    LiftingDataset,
    PoseSequence,
    RenderedPoses,
    SyntheticLifting,
    render_bodies,
)
from pyg_skeleton.datasets.mpi_inf_3dhp import MPIINF3DHP
from pyg_skeleton.datasets.msr_action3d import MSRAction3D
from pyg_skeleton.datasets.ntu_rgbd import NTURGBD
from pyg_skeleton.datasets.nw_ucla import NWUCLA
from pyg_skeleton.datasets.pku_mmd import PKUMMD
from pyg_skeleton.datasets.pose_annotations import PoseAnnotations
from pyg_skeleton.datasets.prepare_clips import prepare_clips
from pyg_skeleton.datasets.select_classes import select_classes
from pyg_skeleton.datasets.shuffled_supervision import ShuffledSupervision
from pyg_skeleton.datasets.skeletics152 import Skeletics152
from pyg_skeleton.datasets.synthetic import SyntheticMotion
from pyg_skeleton.datasets.utd_mhad import UTDMHAD
from pyg_skeleton.datasets.utkinect import UTKinect

__all__ = [
    "MPIINF3DHP",
    "NTURGBD",
    "NWUCLA",
    "PKUMMD",
    "UTDMHAD",
    "CMUActions",
    "CMUMocap",
    "CMUMocapLifting",
    "ClipDataset",
    "ClipTable",
    "ExpMapDataset",
    "Human36M",
    "Human36MExpMap",
    "HumanEva",
    "KinectCorpus",
    "KineticsSkeleton",
    "LiftingDataset",
    "MSRAction3D",
    "PoseAnnotations",
    "PoseSequence",
    "RenderedPoses",
    "ShuffledSupervision",
    "Skeletics152",
    "SyntheticLifting",
    "SyntheticMotion",
    "UTKinect",
    "exp_map_to_positions",
    "prepare_clips",
    "render_bodies",
    "select_classes",
]
