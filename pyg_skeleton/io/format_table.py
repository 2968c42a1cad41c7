"""The table of the formats: a line each, in the order in which they are tried."""

from __future__ import annotations

from pyg_skeleton.io import arrays, corpora
from pyg_skeleton.io.corpora import numbers_in_line
from pyg_skeleton.io.formats import Format
from pyg_skeleton.io.keypoints import (
    coco,
    deeplabcut,
    mediapipe,
    mmpose,
    openpose,
    sleap,
    ultralytics,
)

FORMATS = (
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
    Format(
        "openpose",
        openpose.is_openpose,
        openpose.read_openpose_recording,
        ("hands", "max_persons"),
    ),
    Format(
        "coco-results",
        coco.is_coco_results,
        coco.read_coco_results,
        ("min_score", "max_persons"),
    ),
    Format(
        "coco-annotations",
        coco.is_coco_annotations,
        coco.read_coco_annotations,
        ("max_persons",),
    ),
    Format("mmpose", mmpose.is_mmpose, mmpose.read_mmpose, ("max_persons",)),
    Format(
        "ultralytics-labels",
        ultralytics.is_ultralytics_labels,
        ultralytics.read_ultralytics_labels,
        ("num_joints", "max_persons"),
    ),
    Format(
        "ultralytics-json",
        ultralytics.is_ultralytics_json,
        ultralytics.read_ultralytics_json,
        ("max_persons",),
    ),
    Format(
        "mediapipe-json",
        mediapipe.is_mediapipe_json,
        mediapipe.read_mediapipe_json,
        ("landmarks",),
    ),
    Format(
        "mediapipe-csv",
        mediapipe.is_mediapipe_csv,
        mediapipe.read_mediapipe_csv,
        ("landmarks",),
    ),
    Format("deeplabcut-csv", deeplabcut.is_deeplabcut_csv, deeplabcut.read_deeplabcut_csv),
    Format("deeplabcut-h5", deeplabcut.is_deeplabcut_h5, deeplabcut.read_deeplabcut_h5),
    Format("sleap-csv", sleap.is_sleap_csv, sleap.read_sleap_csv, ("max_persons",)),
    Format("sleap-h5", sleap.is_sleap_h5, sleap.read_sleap_h5),
    # Arrays
    Format(
        "npy", lambda probe: probe.head.startswith(b"\x93NUMPY"), arrays.read_array, ("channels",)
    ),
)
