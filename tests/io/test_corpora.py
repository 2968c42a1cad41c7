"""The raw file of each corpus, as it is read without saying what it is."""

import json
import pickle

import numpy as np
import pytest
import torch

from pyg_skeleton.data import read, read_all
from pyg_skeleton.datasets import exp_map_to_positions
from pyg_skeleton.io import NTUBody, NTURecording, write_exp_map, write_ntu_skeleton
from pyg_skeleton.skeleton import Skeleton


def joints(frames, number, channels=3):
    return np.random.default_rng(0).normal(size=(frames, number, channels)).round(4).astype("f4")


def said(clip):
    return clip.skeleton.name, clip.frame_rate, clip.unit, clip.up


def test_ntu(tmp_path):
    """Whatever the file is called."""
    body = NTUBody(72057594037931101, np.array([1, 2]), joints(2, 25), np.zeros(2, int))
    write_ntu_skeleton(tmp_path / "clip", NTURecording(4, [body]))
    clip = read(tmp_path / "clip")
    assert said(clip) == ("ntu25", 30, "m", "y")
    assert clip.persons == (72057594037931101,)
    np.testing.assert_allclose(clip.joints[0, 1:3], body.joints)
    assert clip.visible.any(2)[0].tolist() == [False, True, True, False]


def test_ntu_without_anybody(tmp_path):
    write_ntu_skeleton(tmp_path / "a.skeleton", NTURecording(4, []))
    with pytest.raises(ValueError, match=r"a.skeleton: has no person in any frame"):
        read(tmp_path / "a.skeleton")


def test_pku_mmd(tmp_path):
    """The second person is there in the first frame only."""
    table = joints(3, 50).reshape(3, 150)
    table[1:, 75:] = 0
    np.savetxt(tmp_path / "0002-L.txt", table, fmt="%.6f")
    clip = read(tmp_path / "0002-L.txt")
    assert said(clip) == ("ntu25", 30, "m", "y")
    np.testing.assert_allclose(clip.joints[0].flatten(1), table[:, :75], atol=1e-6)
    assert clip.visible.all(2).tolist() == [[True] * 3, [True, False, False]]


def test_nw_ucla(tmp_path):
    x = joints(3, 20)
    (tmp_path / "a01_s01_e00_v01.json").write_text(json.dumps({"skeletons": x.tolist()}))
    clip = read(tmp_path / "a01_s01_e00_v01.json")
    assert said(clip) == ("kinect20", None, "m", "y")
    np.testing.assert_allclose(clip.joints[0], x)


def test_nw_ucla_is_upright(shared_dir):
    """The heads of the corpus are above its feet."""
    path = sorted((shared_dir / "data/nw_ucla/all_sqe").glob("*.json"))[0]
    clip = read(path)
    height = clip.joints[0, :, :, 1].mean(0)
    assert height[clip.skeleton.joint_id("head")] > height[clip.skeleton.joint_id("left_foot")] + 1


def test_utd_mhad(tmp_path):
    """Its joints come in another order than those of the layout."""
    savemat = pytest.importorskip("scipy.io").savemat
    x = joints(4, 20)
    savemat(tmp_path / "a1_s1_t1_skeleton.mat", {"d_skel": x.transpose(1, 2, 0)})
    clip = read(tmp_path / "a1_s1_t1_skeleton.mat")
    assert said(clip) == ("kinect20", 30, "m", "y")
    np.testing.assert_allclose(clip.joints[0, :, clip.skeleton.joint_id("head")], x[:, 0])
    np.testing.assert_allclose(clip.joints[0, :, clip.skeleton.joint_id("right_foot")], x[:, 19])


def test_msr_action3d(tmp_path):
    x = joints(4, 20)
    np.savetxt(tmp_path / "a.txt", np.insert(x.reshape(-1, 3), 3, 1.0, axis=1))
    clip = read(tmp_path / "a.txt")
    assert said(clip) == ("kinect20", 15, None, None)
    np.testing.assert_allclose(clip.joints[0, :, clip.skeleton.joint_id("head")], x[:, 19])
    np.testing.assert_allclose(clip.joints[0, :, clip.skeleton.joint_id("left_shoulder")], x[:, 0])


def test_utkinect(tmp_path):
    """Frames that the sensor lost are missing."""
    x = joints(3, 20)
    np.savetxt(tmp_path / "a.txt", np.column_stack([[252, 254, 255], x.reshape(3, 60)]))
    clip = read(tmp_path / "a.txt")
    assert said(clip) == ("kinect20", 30, "m", "y")
    np.testing.assert_allclose(clip.joints[0, [0, 2, 3]], x)
    assert clip.visible.all(2)[0].tolist() == [True, False, True, True]


def test_vibe(tmp_path):
    x = joints(3, 49)
    content = {
        "7": {"joints3d": x.tolist(), "frame_ids": [1, 2, 4]},
        "9": {"joints3d": x[:1].tolist(), "frame_ids": [0]},
    }
    (tmp_path / "a.json").write_text(json.dumps(content))
    clip = read(tmp_path / "a.json")
    assert said(clip) == ("vibe49", None, "m", "-y")
    assert clip.persons == ("7", "9")
    np.testing.assert_allclose(clip.joints[0, [1, 2, 4]], x)
    assert clip.visible.all(2)[1].tolist() == [True] + [False] * 4


def test_kinetics(tmp_path):
    """Persons are listed anew in each frame, here in another order."""
    x = np.random.default_rng(0).uniform(0, 0.3, (2, 1, 18, 2))
    x[1, ..., 0] += 0.5
    frames = [
        {
            "frame_index": t + 1,
            "skeleton": [
                {"pose": (x[m, 0] + 0.01 * t).flatten().tolist(), "score": [0.5 + 0.1 * m] * 18}
                for m in ((0, 1) if t % 2 else (1, 0))
            ],
        }
        for t in range(5)
    ]
    (tmp_path / "a.json").write_text(json.dumps({"data": frames, "label": "x", "label_index": 1}))
    clip = read(tmp_path / "a.json")
    assert said(clip) == ("openpose18", 30, "normalized", "-y")
    assert clip.image_size == (340, 256)
    np.testing.assert_allclose(
        clip.joints[0, 1:], x[1] + 0.01 * np.arange(5)[:, None, None], rtol=1e-5
    )
    assert clip.confidence[0, 1:].min() == pytest.approx(0.6)
    assert not bool(clip.visible[:, 0].any())


def test_pyskl(tmp_path):
    """Two clips of pixels, one of them with a person who is not there at the end."""
    x = np.abs(joints(4, 17, 2)) * 100 + 1
    two = np.stack([x, x + 200, 0 * x])
    two[1, 2:] = 0
    clips = [
        {"frame_dir": "a", "label": 0, "img_shape": (480, 640), "keypoint": x[None].astype("f2")},
        {"frame_dir": "b", "label": 1, "keypoint": two.astype("f2")},
    ]
    for clip in clips:
        clip["total_frames"] = 4
        clip["keypoint_score"] = np.full(clip["keypoint"].shape[:3], 0.75, "f2")
    clips[0]["keypoint_score"][0, 1, 2] = 0
    (tmp_path / "a.pkl").write_bytes(pickle.dumps({"split": {}, "annotations": clips}))
    first, second = read_all(tmp_path / "a.pkl")
    assert said(first) == ("coco17", None, "px", "-y")
    assert (first.name, first.image_size, second.image_size) == ("a", (640, 480), None)
    np.testing.assert_allclose(first.joints[0, 2:], x[2:], rtol=1e-3)
    assert (~first.visible).nonzero().tolist() == [[0, 1, 2]]
    assert second.visible.all(2).tolist() == [[True] * 4, [True, True, False, False]]
    assert second.confidence[1, :, 0].tolist() == [0.75, 0.75, 0, 0]


def test_pyskl_of_kinect(tmp_path):
    x = joints(4, 25)[None]
    clip = {"frame_dir": "a", "label": 0, "total_frames": 4, "keypoint": x}
    (tmp_path / "a.pkl").write_bytes(pickle.dumps({"split": {}, "annotations": [clip]}))
    assert said(read(tmp_path / "a.pkl")) == ("ntu25", None, None, None)
    clip["keypoint"] = x[:, :, :17]
    (tmp_path / "a.pkl").write_bytes(pickle.dumps({"split": {}, "annotations": [clip]}))
    with pytest.raises(ValueError, match="does not name its 17 joints, pass layout="):
        read(tmp_path / "a.pkl")


@pytest.mark.parametrize(
    ("columns", "layout", "frame_rate"), [(99, "h36m32", 50), (117, "cmu38", 120)]
)
def test_exp_map(tmp_path, columns, layout, frame_rate):
    table = np.random.default_rng(0).normal(size=(3, columns))
    write_exp_map(tmp_path / "walking_1.txt", table)
    clip = read(tmp_path / "walking_1.txt")
    assert said(clip) == (layout, frame_rate, "m", "y")
    angles = np.ascontiguousarray(table[:, 3:].reshape(3, -1, 3).transpose(1, 0, 2))
    placed = exp_map_to_positions(torch.from_numpy(angles), layout, root_rotation=True)
    torch.testing.assert_close(clip.joints[0], placed.transpose(0, 1).float())
    assert Skeleton.get(layout).num_joints == clip.joints.size(2)
