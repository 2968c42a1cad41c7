import json

import numpy as np
import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.datasets import Skeletics152
from pyg_skeleton.datasets.recognition.skeletics152 import vibe_persons
from pyg_skeleton.io import VIBETrack

pytestmark = pytest.mark.filterwarnings("ignore:.* are left out:UserWarning")


def track(frames, seed=0):
    joints = np.random.default_rng(seed).normal(0, 1, (len(frames), 49, 3)).round(3)
    return {"joints3d": joints.tolist(), "frame_ids": list(frames)}


def write_corpus(root, name="vibe_results_{}"):
    for split, count in (("train", 2), ("val", 1)):
        for number, label in enumerate(["abseiling", "yoga", "bowling"]):
            folder = root / name.format(split) / label
            folder.mkdir(parents=True)
            for i in range(count):
                content = {"1": track(range(5 + number), 10 * number + i)}
                (folder / f"video{i}.json").write_text(json.dumps(content))
    empty = root / name.format("train") / "yoga" / "nobody.json"
    empty.write_text("{}")
    return root


def make(root, *args, **kwargs):
    return Skeletics152(root, *args, num_workers=0, progress=False, **kwargs)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("skeletics"))


def test_all_classes(root):
    with pytest.warns(UserWarning, match=r"1 of .* are left out: yoga/nobody$"):
        data = make(root, transform=None)
    assert data.classes == ["abseiling", "bowling", "yoga"]
    assert data.labels.tolist() == [0, 0, 1, 1, 2, 2]
    assert data.names[0] == "abseiling/video0"
    assert data.missing == ["yoga/nobody"]
    content = json.loads((root / "vibe_results_train/abseiling/video0.json").read_text())
    expected = torch.tensor(content["1"]["joints3d"])[:, :25].transpose(0, 1)
    # VIBE's y points downwards; half a turn about x, so that left stays left.
    torch.testing.assert_close(data[0].x, expected * torch.tensor([1.0, -1.0, -1.0]))
    assert data[0].skeleton == "body25"
    assert len(make(root, "val")) == 3


def test_chosen_classes(root, tmp_path):
    data = make(root, classes=["yoga", "abseiling"])
    assert data.classes == ["yoga", "abseiling"]
    assert data.labels.tolist() == [0, 0, 1, 1]
    file = tmp_path / "classes.txt"
    file.write_text("yoga\n\nabseiling\n")
    assert make(root, classes=file).names == data.names
    # Each list has a store of its own, so that one does not replace the other.
    assert len(make(root)) == 6
    assert make(root, classes=file)._clips.path == data._clips.path


def test_default_chain(root):
    data = make(root)
    batch = next(iter(SkeletonLoader(data, batch_size=6)))
    x = batch.x.view(6, 25, 50, 3)
    assert x[:, 1].abs().max() < 1e-6
    assert (x[:, 2, :, 0] >= x[:, 5, :, 0]).all()


def as_track(frames, value=None, name="1"):
    frames = np.array(frames)
    joints = np.ones((len(frames), 49, 3), np.float32) * frames[:, None, None]
    return VIBETrack(name, joints, frames)


def test_gaps_are_interpolated():
    out = vibe_persons([as_track([2, 3, 7, 8])])
    assert out.shape == (1, 25, 7, 3)
    np.testing.assert_allclose(out[0, 4, :, 0], [2, 3, 4, 5, 6, 7, 8])
    np.testing.assert_allclose(out[0, 4, :, 1], [-2, -3, -4, -5, -6, -7, -8])


def test_the_two_longest_tracks():
    tracks = [as_track(range(4, 10)), as_track([1, 2, 5]), as_track([30])]
    out = vibe_persons(tracks)
    assert out.shape == (2, 25, 9, 3)
    np.testing.assert_allclose(out[0, 0, :, 0], [0, 0, 0, 4, 5, 6, 7, 8, 9])
    np.testing.assert_allclose(out[1, 0, :, 0], [1, 2, 3, 4, 5, 0, 0, 0, 0])
    assert vibe_persons([]) is None


def test_other_folders_and_store_alone(tmp_path):
    root = write_corpus(tmp_path / "a", "{}")
    names = make(root, classes=["yoga"]).names
    for file in (root / "train").rglob("*.json"):
        file.unlink()
    for folder in sorted((root / "train").iterdir()):
        folder.rmdir()
    (root / "train").rmdir()
    assert make(root, classes=["yoga"]).names == names


def test_refusals(root, tmp_path):
    with pytest.raises(ValueError, match=r"'train' or 'val', got 'test'"):
        make(root, "test")
    with pytest.raises(FileNotFoundError, match=r"juggling: has no video"):
        make(root, classes=["yoga", "juggling"])
    with pytest.raises(FileNotFoundError, match=r"has no video"):
        make(root, classes=["../vibe_results_val/yoga"])
    with pytest.raises(ValueError, match=r"each once, got \['yoga', 'yoga'\]"):
        make(root, classes=["yoga", "yoga"])
    with pytest.raises(FileNotFoundError, match=r"has no folder of a class"):
        make(tmp_path)
    with pytest.raises(ValueError, match=r"callable or 'codt', got 'x'"):
        make(root, transform="x")
    broken = write_corpus(tmp_path / "b")
    file = broken / "vibe_results_train/yoga/video1.json"
    file.write_text(json.dumps({"1": {**track([0, 1]), "frame_ids": [1, 0]}}))
    with pytest.raises(ValueError, match=r"video1\.json: '1'\.frame_ids\[1\]: expected a number"):
        make(broken)
