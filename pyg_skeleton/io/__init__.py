"""Readers and writers, one per file format: file in, arrays out."""

from pyg_skeleton.io.calibration import CameraCalibration
from pyg_skeleton.io.camera_json import read_cameras_json
from pyg_skeleton.io.clip_store import ClipStore
from pyg_skeleton.io.clip_store_writer import ClipSource, write_clip_store
from pyg_skeleton.io.containers.files import memory_limit
from pyg_skeleton.io.containers.npy import read_npy
from pyg_skeleton.io.containers.npz import read_npz
from pyg_skeleton.io.containers.restricted_pickle import read_restricted_pickle
from pyg_skeleton.io.exp_map import read_exp_map, write_exp_map
from pyg_skeleton.io.formats import Format, list_formats, read_recordings
from pyg_skeleton.io.h36m_archive import (
    read_h36m_cameras,
    read_h36m_hourglass,
    read_h36m_positions,
)
from pyg_skeleton.io.kinect_text import (
    UTKinectSegment,
    read_msr_action3d,
    read_utd_mhad,
    read_utkinect,
    read_utkinect_labels,
)
from pyg_skeleton.io.kinetics_skeleton import (
    KineticsLabel,
    read_kinetics_labels,
    read_kinetics_skeleton,
)
from pyg_skeleton.io.mpi_inf_3dhp import AnnotatedFrames, read_mpi_inf_3dhp
from pyg_skeleton.io.ntu_skeleton import (
    NTUBody,
    NTURecording,
    read_ntu_skeleton,
    write_ntu_skeleton,
)
from pyg_skeleton.io.nw_ucla import read_nw_ucla
from pyg_skeleton.io.openpose import read_openpose
from pyg_skeleton.io.pku_mmd import (
    PKUAction,
    read_pku_labels,
    read_pku_skeleton,
    read_pku_split,
)
from pyg_skeleton.io.pose_annotations import PoseClip, PoseFile, read_pose_annotations
from pyg_skeleton.io.recording import Recording
from pyg_skeleton.io.vibe_json import VIBETrack, read_vibe_json
from pyg_skeleton.io.video_pose import CameraKeypoints, read_positions_2d, read_positions_3d

__all__ = [
    "AnnotatedFrames",
    "CameraCalibration",
    "CameraKeypoints",
    "ClipSource",
    "ClipStore",
    "Format",
    "KineticsLabel",
    "NTUBody",
    "NTURecording",
    "PKUAction",
    "PoseClip",
    "PoseFile",
    "Recording",
    "UTKinectSegment",
    "VIBETrack",
    "list_formats",
    "memory_limit",
    "read_cameras_json",
    "read_exp_map",
    "read_h36m_cameras",
    "read_h36m_hourglass",
    "read_h36m_positions",
    "read_kinetics_labels",
    "read_kinetics_skeleton",
    "read_mpi_inf_3dhp",
    "read_msr_action3d",
    "read_npy",
    "read_npz",
    "read_ntu_skeleton",
    "read_nw_ucla",
    "read_openpose",
    "read_pku_labels",
    "read_pku_skeleton",
    "read_pku_split",
    "read_pose_annotations",
    "read_positions_2d",
    "read_positions_3d",
    "read_recordings",
    "read_restricted_pickle",
    "read_utd_mhad",
    "read_utkinect",
    "read_utkinect_labels",
    "read_vibe_json",
    "write_clip_store",
    "write_exp_map",
    "write_ntu_skeleton",
]
