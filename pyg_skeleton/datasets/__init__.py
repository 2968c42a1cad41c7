"""Data sets, one per corpus: its files, its official splits, its classes, its preparation."""

from pyg_skeleton.datasets.actor.recording import synthetic_recording
from pyg_skeleton.datasets.actor.synthetic_motion import SyntheticMotion
from pyg_skeleton.datasets.cross_domain.load_task import CrossDomainTask, load_task
from pyg_skeleton.datasets.lifting import (
    AnyCamera,
    CMUMocapLifting,
    LiftingDataset,
    PoseSequence,
    RenderedPoses,
    SyntheticLifting,
    render_bodies,
)
from pyg_skeleton.datasets.lifting.human36m import Human36M
from pyg_skeleton.datasets.lifting.human_eva import HumanEva
from pyg_skeleton.datasets.lifting.mpi_inf_3dhp import MPIINF3DHP
from pyg_skeleton.datasets.motion.any_body import AnyBody
from pyg_skeleton.datasets.motion.clip_motion import ClipMotion, KineticsMotion, NTUMotion
from pyg_skeleton.datasets.motion.cmu_mocap import CMUMocap
from pyg_skeleton.datasets.motion.exp_map_dataset import ExpMapDataset
from pyg_skeleton.datasets.motion.human36m_exp_map import Human36MExpMap
from pyg_skeleton.datasets.motion.shuffled_supervision import ShuffledSupervision
from pyg_skeleton.datasets.recognition.clip_dataset import ClipDataset
from pyg_skeleton.datasets.recognition.clip_table import ClipTable
from pyg_skeleton.datasets.recognition.cmu_actions import CMUActions
from pyg_skeleton.datasets.recognition.derived import prepare_clips, select_classes
from pyg_skeleton.datasets.recognition.kinect_corpus import KinectCorpus
from pyg_skeleton.datasets.recognition.kinetics_skeleton import KineticsSkeleton
from pyg_skeleton.datasets.recognition.msr_action3d import MSRAction3D
from pyg_skeleton.datasets.recognition.ntu_rgbd import NTURGBD
from pyg_skeleton.datasets.recognition.nw_ucla import NWUCLA
from pyg_skeleton.datasets.recognition.pku_mmd import PKUMMD
from pyg_skeleton.datasets.recognition.pose_annotations import PoseAnnotations
from pyg_skeleton.datasets.recognition.skeletics152 import Skeletics152
from pyg_skeleton.datasets.recognition.stacked_clips import StackedClips
from pyg_skeleton.datasets.recognition.synthetic_clips import SyntheticClips
from pyg_skeleton.datasets.recognition.utd_mhad import UTDMHAD
from pyg_skeleton.datasets.recognition.utkinect import UTKinect
from pyg_skeleton.datasets.registry import (
    CROSS_DOMAIN,
    LIFTING,
    MOTION,
    RECOGNITION,
    corpus_options,
    find_corpus,
    open_corpus,
)
from pyg_skeleton.skeleton.exp_map import exp_map_to_positions

__all__ = [
    "CROSS_DOMAIN",
    "LIFTING",
    "MOTION",
    "MPIINF3DHP",
    "NTURGBD",
    "NWUCLA",
    "PKUMMD",
    "RECOGNITION",
    "UTDMHAD",
    "AnyBody",
    "AnyCamera",
    "CMUActions",
    "CMUMocap",
    "CMUMocapLifting",
    "ClipDataset",
    "ClipMotion",
    "ClipTable",
    "CrossDomainTask",
    "ExpMapDataset",
    "Human36M",
    "Human36MExpMap",
    "HumanEva",
    "KinectCorpus",
    "KineticsMotion",
    "KineticsSkeleton",
    "LiftingDataset",
    "MSRAction3D",
    "NTUMotion",
    "PoseAnnotations",
    "PoseSequence",
    "RenderedPoses",
    "ShuffledSupervision",
    "Skeletics152",
    "StackedClips",
    "SyntheticClips",
    "SyntheticLifting",
    "SyntheticMotion",
    "UTKinect",
    "corpus_options",
    "exp_map_to_positions",
    "find_corpus",
    "load_task",
    "open_corpus",
    "prepare_clips",
    "render_bodies",
    "select_classes",
    "synthetic_recording",
]
