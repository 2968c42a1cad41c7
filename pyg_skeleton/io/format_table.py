"""The table of the formats: a line each, in the order in which they are tried."""

from __future__ import annotations

from pyg_skeleton.io import corpora
from pyg_skeleton.io.arrays import is_array, read_array
from pyg_skeleton.io.corpora import numbers_in_line
from pyg_skeleton.io.exchange.csv_table import is_csv, read_csv
from pyg_skeleton.io.exchange.json_clip import is_json_clip, read_json_clip
from pyg_skeleton.io.exchange.npz_clip import is_npz_clip, read_npz_clip
from pyg_skeleton.io.formats import Format
from pyg_skeleton.io.keypoints.coco import (
    is_coco_annotations,
    is_coco_results,
    read_coco_annotations,
    read_coco_results,
)
from pyg_skeleton.io.keypoints.deeplabcut import (
    is_deeplabcut_csv,
    is_deeplabcut_h5,
    read_deeplabcut_csv,
    read_deeplabcut_h5,
)
from pyg_skeleton.io.keypoints.mediapipe import (
    is_mediapipe_csv,
    is_mediapipe_json,
    read_mediapipe_csv,
    read_mediapipe_json,
)
from pyg_skeleton.io.keypoints.mmpose import is_mmpose, read_mmpose
from pyg_skeleton.io.keypoints.openpose import is_openpose, read_openpose_recording
from pyg_skeleton.io.keypoints.sleap import is_sleap_csv, is_sleap_h5, read_sleap_csv, read_sleap_h5
from pyg_skeleton.io.keypoints.ultralytics import (
    is_ultralytics_json,
    is_ultralytics_labels,
    read_ultralytics_json,
    read_ultralytics_labels,
)
from pyg_skeleton.io.mocap.amass import is_amass, read_amass
from pyg_skeleton.io.mocap.azure_kinect import is_azure_kinect, read_azure_kinect
from pyg_skeleton.io.mocap.bvh import is_bvh, read_bvh
from pyg_skeleton.io.mocap.c3d import is_c3d, read_c3d
from pyg_skeleton.io.mocap.mvnx import is_mvnx, read_mvnx
from pyg_skeleton.io.mocap.pose_format import is_pose_format, read_pose_format
from pyg_skeleton.io.mocap.trc import is_trc, read_trc

FORMATS = (
    # Motion capture
    Format("bvh", is_bvh, read_bvh),
    Format("c3d", is_c3d, read_c3d),
    Format("amass", is_amass, read_amass),
    Format("azure-kinect", is_azure_kinect, read_azure_kinect),
    Format("mvnx", is_mvnx, read_mvnx),
    Format("pose-format", is_pose_format, read_pose_format, ("component",)),
    Format("trc", is_trc, read_trc),
    # 3-D corpora
    Format("ntu", corpora.is_ntu, corpora.ntu),
    Format("pku-mmd", lambda probe: numbers_in_line(probe) == 150, corpora.pku_mmd),
    Format("msr-action3d", lambda probe: numbers_in_line(probe) == 4, corpora.msr_action3d),
    Format("utkinect", lambda probe: numbers_in_line(probe) == 61, corpora.utkinect),
    Format("utd-mhad", lambda probe: probe.head.startswith(b"MATLAB 5.0"), corpora.utd_mhad),
    Format(
        "exp-map", lambda probe: numbers_in_line(probe, ",") in corpora.EXP_MAPS, corpora.exp_map
    ),
    Format("nw-ucla", lambda probe: "skeletons" in probe.keys, corpora.nw_ucla),
    Format("vibe", corpora.is_vibe, corpora.vibe),
    # 2-D keypoints
    Format("pyskl", corpora.is_pickle, corpora.pyskl),
    Format("kinetics", corpora.is_kinetics, corpora.kinetics, ("max_persons",)),
    Format("openpose", is_openpose, read_openpose_recording, ("hands", "max_persons")),
    Format("coco-results", is_coco_results, read_coco_results, ("min_score", "max_persons")),
    Format("coco-annotations", is_coco_annotations, read_coco_annotations, ("max_persons",)),
    Format("mmpose", is_mmpose, read_mmpose, ("max_persons",)),
    Format(
        "ultralytics-labels",
        is_ultralytics_labels,
        read_ultralytics_labels,
        ("num_joints", "max_persons"),
    ),
    Format("ultralytics-json", is_ultralytics_json, read_ultralytics_json, ("max_persons",)),
    Format("mediapipe-json", is_mediapipe_json, read_mediapipe_json, ("landmarks",)),
    Format("mediapipe-csv", is_mediapipe_csv, read_mediapipe_csv, ("landmarks",)),
    Format("deeplabcut-csv", is_deeplabcut_csv, read_deeplabcut_csv),
    Format("deeplabcut-h5", is_deeplabcut_h5, read_deeplabcut_h5),
    Format("sleap-csv", is_sleap_csv, read_sleap_csv, ("max_persons",)),
    Format("sleap-h5", is_sleap_h5, read_sleap_h5),
    # Your own
    Format("json", is_json_clip, read_json_clip),
    Format("npz", is_npz_clip, read_npz_clip, ("key", "channels")),
    Format("npy", is_array, read_array, ("channels",)),
    Format("csv", is_csv, read_csv),
)
