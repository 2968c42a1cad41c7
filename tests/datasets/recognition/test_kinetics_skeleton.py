import json

import numpy as np
import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.datasets import KineticsSkeleton

pytestmark = pytest.mark.filterwarnings("ignore:.* are left out:UserWarning")


def write_clip(path, frames, persons, seed):
    """The n-th person of a frame has the score n + 1 in all joints, in turning order."""
    generator = np.random.default_rng(seed)
    data = []
    for t in range(frames):
        listed = []
        for p in range(persons):
            score = [round(0.1 * ((p + t) % persons + 1), 3)] * 17 + [0]
            listed.append({"pose": generator.random(36).round(3).tolist(), "score": score})
        data.append({"frame_index": t, "skeleton": listed})
    path.write_text(json.dumps({"data": data, "label": "x", "label_index": 0}))
    return data


@pytest.fixture
def root(tmp_path):
    labels = {}
    (tmp_path / "kinetics_train").mkdir()
    for number, persons in enumerate((1, 3, 0, 6)):
        path = tmp_path / "kinetics_train" / f"clip{number}.json"
        write_clip(path, 20 + number, persons, number)
        labels[f"clip{number}"] = {
            "has_skeleton": True,
            "label": f"action {number % 2}",
            "label_index": number % 2,
        }
    labels["gone"] = {"has_skeleton": True, "label": "action 4", "label_index": 4}
    labels["empty"] = {"has_skeleton": False, "label": "action 0", "label_index": 0}
    labels["../kinetics_train/clip0"] = labels["clip0"]
    (tmp_path / "kinetics_train_label.json").write_text(json.dumps(labels))
    return tmp_path


def make(root, **kwargs):
    return KineticsSkeleton(root, progress=False, **kwargs)


def test_clips(root):
    with pytest.warns(UserWarning, match=r"2 of .* are left out: empty, clip2$"):
        dataset = make(root, transform=None)
    assert str(dataset) == "KineticsSkeleton('openpose18', clips=3, items=3, classes=5)"
    assert dataset.names == ["clip0", "clip1", "clip3"]
    assert dataset.classes == ["action 0", "action 1", "2", "3", "action 4"]
    assert dataset.missing == ["empty", "clip2"]
    assert [data.num_persons for data in dataset] == [1, 2, 2]
    assert [data.num_frames for data in dataset] == [20, 21, 23]
    assert dataset.labels.tolist() == [0, 1, 1]


def test_of_five_persons_the_two_that_are_surest_in_each_frame(root):
    """Follows the authors' code, in NumPy."""
    data = json.loads((root / "kinetics_train" / "clip3.json").read_text())["data"]
    array = np.zeros((3, 23, 18, 5))
    for frame in data:
        for m, person in enumerate(frame["skeleton"][:5]):
            array[0, frame["frame_index"], :, m] = person["pose"][0::2]
            array[1, frame["frame_index"], :, m] = person["pose"][1::2]
            array[2, frame["frame_index"], :, m] = person["score"]
    array[0:2] = array[0:2] - 0.5
    array[1:2] = -array[1:2]
    array[0][array[2] == 0] = 0
    array[1][array[2] == 0] = 0
    order = (-array[2].sum(axis=1)).argsort(axis=1)
    for t, s in enumerate(order):
        array[:, t] = array[:, t][:, :, s].transpose(0, 1, 2)
    expected = array[..., :2].transpose(3, 2, 1, 0)
    clip = make(root, transform=None)[2].x.view(2, 18, 23, 3)
    np.testing.assert_allclose(clip.numpy(), expected, atol=1e-6)
    assert not clip[:, 17].any()


def test_chains(root):
    batch = next(iter(SkeletonLoader(make(root), 3, seed=0)))
    assert batch.x.shape == (5 * 18, 150, 3)
    (root / "kinetics_val").mkdir()
    write_clip(root / "kinetics_val" / "v.json", 30, 1, 0)
    label = {"v": {"has_skeleton": True, "label": "a", "label_index": 0}}
    (root / "kinetics_val_label.json").write_text(json.dumps(label))
    data = make(root, split="val")[0]
    assert data.x.shape == (18, 300, 3)
    assert not data.x[:, 30:].any()


def test_files_are_read_once(root, monkeypatch):
    make(root)
    monkeypatch.setattr(
        "pyg_skeleton.datasets.recognition.kinetics_skeleton.read_kinetics_skeleton", None
    )
    assert torch.is_tensor(make(root)[0].x)


def test_errors(root, tmp_path):
    with pytest.raises(ValueError, match="split must be 'train' or 'val', got 'test'"):
        make(root, split="test")
    with pytest.raises(ValueError, match="transform must be a callable or 'stgcn', got 'x'"):
        make(root, transform="x")
    with pytest.raises(FileNotFoundError, match=r"kinetics_val_label.json: no such file"):
        make(root, split="val")
    (root / "kinetics_train" / "clip1.json").write_text('{"data":\n[}')
    with pytest.raises(ValueError, match=r"clip1.json:2: is not JSON"):
        make(root)
    assert not (root / "processed" / "kinetics-train").exists()
    for path in (root / "kinetics_train").iterdir():
        path.unlink()
    with pytest.raises(FileNotFoundError, match="has no clip of its label file in kinetics_train"):
        make(root)
