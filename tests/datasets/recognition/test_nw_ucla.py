import json
import random

import numpy as np
import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.datasets import NWUCLA
from pyg_skeleton.transforms import ctrgcn_nw_ucla

MANY = "ignore:.*the published split:UserWarning"


@pytest.fixture
def root(tmp_path):
    """Three takes of two actions and one of an action that is not in the corpus."""
    (tmp_path / "all_sqe").mkdir()
    generator = np.random.default_rng(0)
    for name in ("a01_s01_e00", "a02_s01_e00", "a12_s10_e03", "a07_s01_e00"):
        for view in (1, 2, 3):
            clip = generator.normal(size=(view * 10, 20, 3)).round(5)
            path = tmp_path / "all_sqe" / f"{name}_v0{view}.json"
            path.write_text(json.dumps({"file_name": name, "skeletons": clip.tolist()}))
    return tmp_path


@pytest.mark.filterwarnings(MANY)
def test_splits(root):
    train = NWUCLA(root)
    assert str(train) == "NWUCLA('kinect20', clips=6, items=30, classes=10)"
    assert train.names[:2] == ["a01_s01_e00_v01", "a01_s01_e00_v02"]
    assert train.labels.tolist() == [0, 0, 1, 1, 9, 9]
    test = NWUCLA(root / "all_sqe", "test")
    assert len(test) == test.num_clips == 3
    assert test.names[-1] == "a12_s10_e03_v03"
    assert test.classes[9] == "carry"
    assert train[3].x.shape == test[0].x.shape == (20, 52, 3)


@pytest.mark.filterwarnings(MANY)
def test_the_joints_of_the_file(root):
    dataset = NWUCLA(root, transform=None, repeat=1)
    data = dataset[1]
    content = json.loads((root / "all_sqe" / f"{dataset.names[1]}.json").read_text())
    expected = torch.tensor(content["skeletons"]).transpose(0, 1)
    assert torch.equal(data.x, expected)
    data.validate()


def reference(clip, train, seed):
    """The chain in NumPy, with the same draws: the authors' order and matrices."""
    clip = clip.astype(np.float64)  # [T, V, C]
    clip = clip - clip[0, 1]
    torch.manual_seed(seed)
    if train:
        agx, agy = np.radians(torch.randint(-60, 61, (2,)).tolist())
        s = 0.5 + float(torch.rand(()))
        rx = [[1, 0, 0], [0, np.cos(agx), np.sin(agx)], [0, -np.sin(agx), np.cos(agx)]]
        ry = [[np.cos(agy), 0, -np.sin(agy)], [0, 1, 0], [np.sin(agy), 0, np.cos(agy)]]
        clip = clip @ (np.array(ry) @ (np.array(rx) * s))
    low, high = clip.min((0, 1)), clip.max((0, 1))
    clip = (clip - low) / (high - low) * 2 - 1
    if train:
        draws = torch.randint(100 * len(clip), (104,)).tolist()
        frames = sorted(n // 100 for n in list(dict.fromkeys(draws))[:52])
    else:
        frames = np.linspace(0, len(clip) - 1, 52).astype(int)
    return clip[frames].transpose(1, 0, 2)


@pytest.mark.filterwarnings(MANY)
@pytest.mark.parametrize("split", ["train", "test"])
def test_chain(root, split):
    raw, dataset = (NWUCLA(root, split, transform=t) for t in (None, "ctrgcn"))
    for i in range(3):
        torch.manual_seed(i)
        out = dataset[i].x
        expected = reference(raw[i].x.transpose(0, 1).numpy(), split == "train", i)
        np.testing.assert_allclose(out.numpy(), expected, atol=1e-5)


@pytest.mark.filterwarnings(MANY)
@pytest.mark.parametrize("stream", ["bone", "joint-motion", "bone-motion"])
def test_streams_come_last(root, stream):
    joint = NWUCLA(root, "test")[0].x
    out = NWUCLA(root, "test", transform=ctrgcn_nw_ucla(train=False, stream=stream))[0].x
    if stream.startswith("bone"):
        parents = [1, 2, 2, 2, 2, 4, 5, 6, 2, 8, 9, 10, 0, 12, 13, 14, 0, 16, 17, 18]
        joint = joint - joint[parents]
    if stream.endswith("motion"):
        joint = torch.cat([joint.diff(dim=1), torch.zeros(20, 1, 3)], dim=1)
    torch.testing.assert_close(out, joint)


def test_counts_are_checked(root):
    with pytest.warns(UserWarning, match="has 6 train clips, the published split 1020"):
        NWUCLA(root)


@pytest.mark.filterwarnings(MANY)
def test_errors(root, tmp_path):
    with pytest.raises(ValueError, match="split must be 'train' or 'test', got 'val'"):
        NWUCLA(root, "val")
    with pytest.raises(ValueError, match="transform must be a callable or 'ctrgcn', got 'pyskl'"):
        NWUCLA(root, transform="pyskl")
    with pytest.raises(FileNotFoundError, match="has no train clip of NW-UCLA"):
        NWUCLA(tmp_path / "nowhere")
    path = root / "all_sqe" / "a01_s01_e00_v01.json"
    path.write_text(path.read_text()[:-100])
    with pytest.raises(ValueError, match=r"a01_s01_e00_v01.json:1: is not JSON"):
        NWUCLA(root)


@pytest.fixture(scope="module")
def real(shared_dir):
    root = shared_dir / "data" / "nw_ucla"
    if not root.is_dir():
        pytest.skip(f"no NW-UCLA in {shared_dir}")
    return {split: NWUCLA(root, split) for split in ("train", "test")}


def test_the_published_split(real):
    assert real["train"].num_clips == 1020
    assert len(real["train"]) == 5100
    assert len(real["test"]) == 464
    assert real["train"].labels.bincount().tolist() == [
        102, 102, 96, 124, 101, 102, 99, 99, 98, 97
    ]  # fmt: skip
    assert sum("v01" in name for name in real["train"].names) == 516
    lengths = [clip.size(2) for dataset in real.values() for clip in dataset._clips]
    assert (min(lengths), max(lengths)) == (1, 201)


def test_every_clip_of_the_real_data_passes_the_chain(real):
    for dataset in real.values():
        for data in random.Random(0).sample(range(len(dataset)), 100):
            x = dataset[data].x
            assert x.shape == (20, 52, 3)
            assert x.isfinite().all()
            assert x.abs().max() <= 1 + 1e-5
    batch = next(iter(SkeletonLoader(real["train"], 16, shuffle=True, seed=0)))
    assert batch.x.shape == (320, 52, 3)
