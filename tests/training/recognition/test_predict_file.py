import json
import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch

from pyg_skeleton.datasets import ClipDataset
from pyg_skeleton.io import NTUBody, NTURecording, write_ntu_skeleton
from pyg_skeleton.nn.models import STGCN
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.training import RECOGNITION_RECIPES, RecognitionRun, predict_file, recognize
from pyg_skeleton.training.recognition.data import chain_of

CLASSES = list("abcdefg")


@pytest.fixture
def trained():
    """A network of a layout and channels, and the run it is from."""

    def make(layout, dataset="clips", channels=3):
        torch.manual_seed(0)
        options = {"channels": (8,), "strides": (1,), "in_channels": channels, "num_persons": 2}
        model = STGCN(Skeleton.get(layout), 7, **options)
        model.classes = CLASSES
        recipe = replace(RECOGNITION_RECIPES["tiny"], num_frames=8)
        return model, RecognitionRun(
            "st_gcn", None, {}, "none", {}, recipe, dataset, None, "bone", 0, 0.0
        )

    return make


def expected(model, run, joints, size=None):
    """Of joints ``[M, T, V, C]``, by way of a data set."""
    chain = chain_of(run, False, model.skeleton, joints.shape[-1])

    def prepare(data):
        if size is not None:
            data.image_size = torch.tensor([size])
        return chain(data)

    clip = torch.tensor(joints, dtype=torch.float32).transpose(1, 2)
    clips = ClipDataset([clip], [0], ["a"], model.skeleton, CLASSES, prepare)
    logits = recognize(model, clips).drop(columns="label").iloc[0]
    return torch.tensor(logits.to_numpy()).softmax(0).numpy()


def check(table, chances):
    order = np.argsort(-chances)[:5]
    assert table["class"].tolist() == [CLASSES[i] for i in order]
    np.testing.assert_allclose(table["probability"], chances[order], rtol=1e-4)


def random(*shape):
    return np.random.default_rng(0).random(shape).astype(np.float32)


def test_array(trained, tmp_path):
    model, run = trained("coco17", channels=2)
    joints = random(2, 12, 17, 2)
    for array in (joints, joints[:1], joints[0]):
        np.save(tmp_path / "a.npy", array)
        tables = predict_file(model, run, tmp_path / "a.npy")
        assert list(tables) == ["a"]
        check(tables["a"], expected(model, run, array.reshape(-1, 12, 17, 2)))
    assert len(predict_file(model, run, tmp_path / "a.npy", top=9)["a"]) == 7


@pytest.mark.parametrize("dataset", ["ntu60", "ntu120"])
def test_recording_of_ntu(dataset, trained, tmp_path):
    model, run = trained("ntu25", dataset)
    joints, frames = random(12, 25, 3), np.arange(12)
    recording = NTURecording(12, [NTUBody(7, frames, joints, 0 * frames)])
    write_ntu_skeleton(tmp_path / "a.skeleton", recording)
    check(
        predict_file(model, run, tmp_path / "a.skeleton")["a"], expected(model, run, joints[None])
    )
    write_ntu_skeleton(tmp_path / "b.skeleton", NTURecording(12, []))
    with pytest.raises(ValueError, match=r"b.skeleton: nobody is in clip 'b'"):
        predict_file(model, run, tmp_path / "b.skeleton")


def test_pickle_of_pyskl(trained, tmp_path):
    """Two clips, one of them with the size of its picture."""
    model, run = trained("coco17", "pose-annotations")
    keypoints, scores = 300 * random(1, 12, 17, 2), random(1, 12, 17)
    clip = {"label": 0, "total_frames": 12, "keypoint": keypoints, "keypoint_score": scores}
    clips = [{**clip, "frame_dir": "x", "img_shape": (480, 640)}, {**clip, "frame_dir": "y"}]
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(clips, 4))
    joints = np.concatenate([keypoints, scores[..., None]], -1)
    tables = predict_file(model, run, tmp_path / "a.pkl", image_size=(320, 240))
    check(tables["x"], expected(model, run, joints, (640, 480)))
    check(tables["y"], expected(model, run, joints, (320, 240)))


def test_a_pickle_that_would_run_code(trained, tmp_path):
    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    (tmp_path / "a.pkl").write_bytes(pickle.dumps([Evil()], 4))
    with pytest.raises(ValueError, match=r"a\.pkl"):
        predict_file(*trained("coco17", "pose-annotations"), tmp_path / "a.pkl")
    assert not (tmp_path / "ran").exists()


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
    return folder, joints[[0, 2]]


def test_openpose(openpose, trained):
    """Joints are found by name, and the two persons of the highest confidence."""
    folder, joints = openpose
    model, run = trained("body25")
    check(predict_file(model, run, folder)["video"], expected(model, run, joints))
    model, run = trained("coco17", "pose-annotations")
    names = trained("body25")[0].skeleton.joints
    joints = joints[:, :, [names.index(name) for name in model.skeleton.joints]]
    tables = predict_file(model, run, folder, (640, 480))
    check(tables["video"], expected(model, run, joints, (640, 480)))
    with pytest.raises(ValueError, match="in pixels, expected --image-size WIDTH HEIGHT"):
        predict_file(model, run, folder)
    (name,) = predict_file(model, run, folder / "video_000000000003_keypoints.json", (640, 480))
    assert name == "video_000000000003_keypoints"  # a clip of one frame
    with pytest.raises(ValueError, match="OpenPose has no 'spine', a joint of 'ntu25'"):
        predict_file(*trained("ntu25"), folder)


def test_nw_ucla(trained, tmp_path):
    model, run = trained("kinect20", "nw-ucla")
    joints = random(12, 20, 3)
    (tmp_path / "a.json").write_text(json.dumps({"skeletons": joints.tolist()}))
    check(predict_file(model, run, tmp_path / "a.json")["a"], expected(model, run, joints[None]))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"", "expected a .skeleton, .npy, .pkl or .json file, or a folder of OpenPose"),
        ("a.npy", np.zeros((4, 5, 3)), r"expected \(M, T, 17, 3\) for the layout 'coco17' and the"),
        ("a.npy", np.zeros((4, 17, 3)), "nobody is in clip 'a'"),
        ("a.npy", np.full((4, 17, 3), np.nan), "clip 'a' has a joint that is not a finite number"),
        ("a.npy", np.full((4, 17, 3), 1e300), "clip 'a' has a joint that is not a finite number"),
        ("a.skeleton", b"1\n1\n", "a.skeleton:"),
        ("a.json", b"{", ":1: is not JSON"),
        ("a.json", b"[]", "skeletons: expected a list of frames, got list"),
        ("a.json", b'{"data": []}', "is of Kinetics, the network was trained on clips"),
        ("a.pkl", b"no pickle", "a.pkl"),
    ],
)
def test_files_that_no_network_can_read(name, content, message, trained, tmp_path):
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        np.save(path, content)
    with pytest.raises(ValueError, match=message) as error:
        predict_file(*trained("coco17"), path)
    assert str(path) in str(error.value)
    with pytest.raises(FileNotFoundError):
        predict_file(*trained("coco17"), tmp_path / f"nowhere_{name}")
