"""The table of the formats: a line each, in the order in which they are tried."""

from __future__ import annotations

from pyg_skeleton.io import arrays, corpora
from pyg_skeleton.io.corpora import numbers_in_line
from pyg_skeleton.io.formats import Format

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
    Format("openpose", corpora.is_openpose, corpora.openpose, ("max_persons",)),
    Format("kinetics", corpora.is_kinetics, corpora.kinetics, ("max_persons",)),
    Format("pyskl", corpora.is_pickle, corpora.pyskl),
    # Arrays
    Format(
        "npy", lambda probe: probe.head.startswith(b"\x93NUMPY"), arrays.read_array, ("channels",)
    ),
)
