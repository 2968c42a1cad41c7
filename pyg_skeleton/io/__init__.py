"""Readers and writers, one per file format: file in, arrays out."""

from pyg_skeleton.io.calibration import CameraCalibration
from pyg_skeleton.io.camera_json import read_cameras_json
from pyg_skeleton.io.clip_store import ClipStore
from pyg_skeleton.io.clip_store_writer import ClipSource, write_clip_store
from pyg_skeleton.io.containers.files import memory_limit
from pyg_skeleton.io.containers.npy import read_npy
from pyg_skeleton.io.containers.npz import read_npz
from pyg_skeleton.io.containers.restricted_pickle import read_restricted_pickle
from pyg_skeleton.io.exchange.csv_table import read_csv, write_csv
from pyg_skeleton.io.exchange.json_clip import read_json_clip, write_json_clip
from pyg_skeleton.io.exchange.npz_clip import read_npz_clip, write_npz_clip
from pyg_skeleton.io.exchange.save import write_recording
from pyg_skeleton.io.exp_map import read_exp_map, write_exp_map
from pyg_skeleton.io.formats import Format, list_formats, read_recordings
from pyg_skeleton.io.h36m_archive import (
    read_h36m_cameras,
    read_h36m_hourglass,
    read_h36m_positions,
)
from pyg_skeleton.io.joined_stores import JoinedStores
from pyg_skeleton.io.keypoints.coco import read_coco_annotations, read_coco_results
from pyg_skeleton.io.keypoints.deeplabcut import read_deeplabcut_csv, read_deeplabcut_h5
from pyg_skeleton.io.keypoints.mediapipe import read_mediapipe_csv, read_mediapipe_json
from pyg_skeleton.io.keypoints.mmpose import read_mmpose
from pyg_skeleton.io.keypoints.openpose import read_openpose_recording
from pyg_skeleton.io.keypoints.sleap import read_sleap_csv, read_sleap_h5
from pyg_skeleton.io.keypoints.ultralytics import read_ultralytics_json, read_ultralytics_labels
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
from pyg_skeleton.io.mocap.amass import read_amass
from pyg_skeleton.io.mocap.azure_kinect import read_azure_kinect
from pyg_skeleton.io.mocap.bvh import read_bvh
from pyg_skeleton.io.mocap.bvh_writer import write_bvh
from pyg_skeleton.io.mocap.c3d import read_c3d
from pyg_skeleton.io.mocap.mvnx import read_mvnx
from pyg_skeleton.io.mocap.pose_format import read_pose_format
from pyg_skeleton.io.mocap.trc import read_trc
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
from pyg_skeleton.io.stacked_clips import (
    StackedFile,
    count_stacked_classes,
    read_stacked_clips,
)
from pyg_skeleton.io.vibe_json import VIBETrack, read_vibe_json
from pyg_skeleton.io.video_pose import CameraKeypoints, read_positions_2d, read_positions_3d

__all__ = [
    "AnnotatedFrames",
    "CameraCalibration",
    "CameraKeypoints",
    "ClipSource",
    "ClipStore",
    "Format",
    "JoinedStores",
    "KineticsLabel",
    "NTUBody",
    "NTURecording",
    "PKUAction",
    "PoseClip",
    "PoseFile",
    "Recording",
    "StackedFile",
    "UTKinectSegment",
    "VIBETrack",
    "count_stacked_classes",
    "list_formats",
    "memory_limit",
    "read_amass",
    "read_azure_kinect",
    "read_bvh",
    "read_c3d",
    "read_cameras_json",
    "read_coco_annotations",
    "read_coco_results",
    "read_csv",
    "read_deeplabcut_csv",
    "read_deeplabcut_h5",
    "read_exp_map",
    "read_h36m_cameras",
    "read_h36m_hourglass",
    "read_h36m_positions",
    "read_json_clip",
    "read_kinetics_labels",
    "read_kinetics_skeleton",
    "read_mediapipe_csv",
    "read_mediapipe_json",
    "read_mmpose",
    "read_mpi_inf_3dhp",
    "read_msr_action3d",
    "read_mvnx",
    "read_npy",
    "read_npz",
    "read_npz_clip",
    "read_ntu_skeleton",
    "read_nw_ucla",
    "read_openpose",
    "read_openpose_recording",
    "read_pku_labels",
    "read_pku_skeleton",
    "read_pku_split",
    "read_pose_annotations",
    "read_pose_format",
    "read_positions_2d",
    "read_positions_3d",
    "read_recordings",
    "read_restricted_pickle",
    "read_sleap_csv",
    "read_sleap_h5",
    "read_stacked_clips",
    "read_trc",
    "read_ultralytics_json",
    "read_ultralytics_labels",
    "read_utd_mhad",
    "read_utkinect",
    "read_utkinect_labels",
    "read_vibe_json",
    "write_bvh",
    "write_clip_store",
    "write_csv",
    "write_exp_map",
    "write_json_clip",
    "write_npz_clip",
    "write_ntu_skeleton",
    "write_recording",
]
