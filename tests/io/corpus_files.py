"""Files of the corpora, in the form in which they are released: a person who sways a little."""

import io
import json
import tempfile
from pathlib import Path

import numpy as np

from pyg_skeleton.io import NTUBody, NTURecording, write_exp_map, write_ntu_skeleton
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.rest_pose import rest_pose

FRAMES = 4


def swaying(layout):
    """The joints of a layout, ``[T, V, 3]``, in meters."""
    steps = 0.01 * np.random.default_rng(0).normal(size=(FRAMES, 1, 3)).cumsum(0)
    return (rest_pose(Skeleton.get(layout)).double().numpy() + steps + [0, 0, 3]).round(4)


def written(write, *args):
    """The content of the file that a function writes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file")
        write(path, *args)
        return path.read_bytes()


def text(table):
    """A table of numbers."""
    file = io.BytesIO()
    np.savetxt(file, table, fmt="%.6f")
    return file.getvalue()


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def mat(joints):
    from scipy.io import savemat

    file = io.BytesIO()
    savemat(file, {"d_skel": joints.transpose(1, 2, 0)})
    return file.getvalue()


def dump(content):
    return json.dumps(content).encode()


def kinetics(layout):
    """Shares of the picture; y points down."""
    xy = 0.5 + 0.2 * swaying(layout)[..., :2] * [1, -1]
    frames = [
        {"frame_index": t + 1, "skeleton": [{"pose": pose.flatten().tolist(), "score": [0.9] * 18}]}
        for t, pose in enumerate(xy)
    ]
    return dump({"data": frames, "label": "standing", "label_index": 0})


def files():
    """By name of the format the name of a file and its content."""
    ntu, kinect, vibe = swaying("ntu25"), swaying("kinect20"), swaying("vibe49")
    frames = np.arange(FRAMES)
    body = NTUBody(72057594037931101, frames, ntu.astype(np.float32), 0 * frames)
    angles = 0.1 * np.random.default_rng(0).normal(size=(FRAMES, 117))
    two = np.concatenate([ntu, 0 * ntu], axis=1)
    return {
        "ntu": ("a.skeleton", written(write_ntu_skeleton, NTURecording(FRAMES, [body]))),
        "pku-mmd": ("0002-L.txt", text(two.reshape(FRAMES, 150))),
        "msr-action3d": ("a.txt", text(np.insert(kinect.reshape(-1, 3), 3, 1.0, axis=1))),
        "utkinect": ("a.txt", text(np.column_stack([frames + 252, kinect.reshape(FRAMES, 60)]))),
        "utd-mhad": ("a1_s1_t1_skeleton.mat", mat(kinect)),
        "exp-map": ("walking_1.txt", written(write_exp_map, angles)),
        "nw-ucla": ("a01_s01_e00_v01.json", dump({"skeletons": kinect.tolist()})),
        "vibe": ("a.json", dump({"1": {"joints3d": vibe.tolist(), "frame_ids": frames.tolist()}})),
        "kinetics": ("a.json", kinetics("openpose18")),
        "npy": ("a.npy", npy(ntu)),
    }
