"""Single files, as each corpus reads them for a network that was trained on it."""

import json
import pickle

import numpy as np
import pytest
import torch

from pyg_skeleton.datasets import (
    NWUCLA,
    ClipDataset,
    KineticsSkeleton,
    PoseAnnotations,
)
from pyg_skeleton.datasets.recognition.kinetics_skeleton import kinetics_persons
from pyg_skeleton.datasets.recognition.ntu_persons import NTU_PERSONS
from pyg_skeleton.datasets.recognition.ntu_rgbd import NTURGBD
from pyg_skeleton.io import NTUBody, NTURecording, read_openpose, write_ntu_skeleton
from pyg_skeleton.skeleton import Skeleton


def random(*shape):
    return np.random.default_rng(0).random(shape).astype(np.float32)


def read(path, skeleton, kind=ClipDataset, **kwargs):
    """The only clip of a file."""
    (clip,) = kind.read_clips(path, skeleton, **kwargs)
    assert clip.name == path.stem
    assert clip.joints.dtype == torch.float32
    return clip


def test_array(tmp_path):
    joints = random(2, 12, 17, 2)
    for array in (joints, joints[:1], joints[0]):
        np.save(tmp_path / "a.npy", array)
        clip = read(tmp_path / "a.npy", "coco17", channels=2)
        np.testing.assert_array_equal(clip.joints, array.reshape(-1, 12, 17, 2))
        data = clip.to_data(Skeleton.get("coco17"))
        data.validate()
        assert "image_size" not in data
        np.testing.assert_array_equal(data.x[:17], array.reshape(-1, 12, 17, 2)[0].swapaxes(0, 1))


@pytest.mark.parametrize("pipeline", ["ctrgcn", "infogcn", "agcn", "stgcn", "pyskl"])
def test_recording_of_ntu(pipeline, tmp_path):
    """The persons are those of the pipeline's rule."""
    frames = np.arange(12)
    bodies = [NTUBody(i, frames[i:], random(12 - i, 25, 3), 0 * frames[i:] + i) for i in range(3)]
    recording = NTURecording(12, bodies)
    write_ntu_skeleton(tmp_path / "a.skeleton", recording)
    clip = read(tmp_path / "a.skeleton", "ntu25", NTURGBD, pipeline=pipeline)
    rule = NTU_PERSONS["ctrgcn" if pipeline == "infogcn" else pipeline]
    np.testing.assert_allclose(clip.joints, rule(recording).swapaxes(1, 2), atol=1e-6)
    write_ntu_skeleton(tmp_path / "b.skeleton", NTURecording(12, []))
    with pytest.raises(ValueError, match=r"b.skeleton: no person in clip 'b'"):
        read(tmp_path / "b.skeleton", "ntu25", NTURGBD, pipeline=pipeline)


def test_annotations(tmp_path):
    """Two clips, one of them with the size of its picture; scores are the third channel."""
    keypoints, scores = 300 * random(2, 12, 17, 2), random(2, 12, 17)
    keypoints[1] = 0
    clip = {"label": 0, "total_frames": 12, "keypoint": keypoints, "keypoint_score": scores}
    clips = [{**clip, "frame_dir": "x", "img_shape": (480, 640)}, {**clip, "frame_dir": "y"}]
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(clips, 4))
    x, y = PoseAnnotations.read_clips(tmp_path / "a.pkl", "coco17", image_size=(320, 240))
    assert (x.name, x.image_size, y.name, y.image_size) == ("x", (640, 480), "y", (320, 240))
    expected = np.concatenate([keypoints, scores[..., None]], -1)[:1]
    np.testing.assert_array_equal(x.joints, expected)
    assert x.to_data(Skeleton.get("coco17")).image_size.tolist() == [[640, 480]]


@pytest.fixture
def openpose(tmp_path):
    """The joints of three persons, the second of whom OpenPose is the least sure of; body25."""
    joints = 300 * random(3, 6, 25, 3)
    joints[..., 2] = np.array([0.9, 0.1, 0.5])[:, None, None]
    folder = tmp_path / "video"
    folder.mkdir()
    for t in range(6):
        people = [{"pose_keypoints_2d": person[t].flatten().tolist()} for person in joints]
        (folder / f"video_{t:012d}_keypoints.json").write_text(json.dumps({"people": people}))
    return folder, joints


def test_openpose(openpose):
    """Joints are found by name, and the two persons of the highest score."""
    folder, joints = openpose
    np.testing.assert_allclose(read(folder, "body25").joints, joints[[0, 2]], rtol=1e-6)
    assert read(folder, "body25", channels=2).joints.shape == (2, 6, 25, 2)
    coco, body = Skeleton.get("coco17"), Skeleton.get("body25")
    clip = read(folder, coco, PoseAnnotations, image_size=(640, 480))
    order = [body.joints.index(name) for name in coco.joints]
    np.testing.assert_allclose(clip.joints, joints[[0, 2]][:, :, order], rtol=1e-6)
    assert clip.image_size == (640, 480)
    one = read(folder / "video_000000000003_keypoints.json", "body25")
    assert one.joints.shape == (2, 1, 25, 3)
    with pytest.raises(ValueError, match="OpenPose has no 'spine', a joint of 'ntu25'"):
        read(folder, "ntu25")


def test_openpose_for_a_network_of_kinetics(openpose):
    """The picture is one wide and high, its middle the origin, y upwards."""
    folder, _ = openpose
    layout = Skeleton.get("openpose18")
    clip = read(folder, layout, KineticsSkeleton, image_size=(640, 480))
    names = Skeleton.get("body25").joints
    persons = read_openpose(folder)[:, :, [names.index(name) for name in layout.joints]]
    persons[..., :2] /= np.array([640, 480], np.float32)
    np.testing.assert_array_equal(clip.joints, kinetics_persons(persons).swapaxes(1, 2))


def test_kinetics(tmp_path):
    pose, score = random(36).round(3).tolist(), random(18).round(3).tolist()
    frames = [{"frame_index": t, "skeleton": [{"pose": pose, "score": score}]} for t in (0, 1)]
    content = {"data": frames, "label": "x", "label_index": 0}
    (tmp_path / "a.json").write_text(json.dumps(content))
    clip = read(tmp_path / "a.json", "openpose18", KineticsSkeleton)
    assert clip.joints.shape == (1, 2, 18, 3)
    assert clip.joints[0, 0, 0].tolist() == pytest.approx(
        [pose[0] - 0.5, 0.5 - pose[1], score[0]], abs=1e-6
    )
    with pytest.raises(ValueError, match="is a clip of Kinetics, expected one of NWUCLA"):
        read(tmp_path / "a.json", "kinect20", NWUCLA)


def test_nw_ucla(tmp_path):
    joints = random(12, 20, 3)
    (tmp_path / "a.json").write_text(json.dumps({"skeletons": joints.tolist()}))
    np.testing.assert_array_equal(
        read(tmp_path / "a.json", "kinect20", NWUCLA).joints, joints[None]
    )


@pytest.mark.parametrize(
    ("kind", "name"), [(PoseAnnotations, "a.npy"), (KineticsSkeleton, "video")]
)
def test_pixels_need_the_size_of_the_picture(kind, name, openpose, tmp_path):
    np.save(tmp_path / "a.npy", random(1, 4, 17, 3))
    with pytest.raises(ValueError, match=r"are in pixels, expected image_size=\(width, height\)"):
        read(tmp_path / name, "coco17", kind)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"", "expected a .skeleton, .npy, .pkl or .json file, or a folder of OpenPose"),
        ("a.npy", np.zeros((4, 5, 3)), r"expected \(M, T, 17, 3\) for the layout 'coco17' and the"),
        ("a.npy", np.zeros((4, 17, 3)), "no person in clip 'a'"),
        ("a.npy", np.full((4, 17, 3), np.nan), "clip 'a' has a joint that is not a finite number"),
        ("a.npy", np.full((4, 17, 3), 1e300), "clip 'a' has a joint that is not a finite number"),
        ("a.skeleton", b"1\n1\n", "a.skeleton:"),
        ("a.json", b"{", ":1: is not JSON"),
        ("a.json", b"[]", r"skeletons: expected a list of frames, got \[\]"),
        ("a.pkl", b"no pickle", "a.pkl"),
    ],
)
def test_files_that_cannot_be_read(name, content, message, tmp_path):
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        np.save(path, content)
    with pytest.raises(ValueError, match=message) as error:
        list(ClipDataset.read_clips(path, "coco17"))
    assert str(path) in str(error.value)
    with pytest.raises(FileNotFoundError):
        list(ClipDataset.read_clips(tmp_path / f"nowhere_{name}", "coco17"))
