import os
import pickle

import numpy as np
import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.datasets import PoseAnnotations
from pyg_skeleton.transforms import pyskl_2d, pyskl_ntu

pytestmark = pytest.mark.filterwarnings("ignore:.* are left out:UserWarning")


def clip_of(number, joints=17, channels=2):
    """Two persons, the second sometimes absent; no person in the last clip."""
    generator = np.random.default_rng(number)
    frames = 30 + 10 * number
    keypoint = generator.random((2, frames, joints, channels)).astype(np.float16)
    keypoint[1] *= number % 2
    keypoint *= number < 5
    out = {
        "frame_dir": f"clip{number}",
        "label": number % 3,
        "total_frames": frames,
        "keypoint": keypoint,
    }
    if channels == 2:
        out["keypoint_score"] = generator.random((2, frames, joints)).astype(np.float16)
        out["img_shape"] = (480, 640 + number)
    return out


def write(path, **kwargs):
    clips = [clip_of(number, **kwargs) for number in range(6)]
    splits = {"xsub_train": ["clip0", "clip1", "clip3"], "xsub_val": ["clip5", "clip4", "clip2"]}
    path.write_bytes(pickle.dumps({"split": splits, "annotations": clips}, 4))
    return clips


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ntu60_hrnet.pkl"


def make(path, *args, **kwargs):
    return PoseAnnotations(path, *args, progress=False, **kwargs)


def test_two_dimensions(path):
    clips = write(path)
    dataset = make(path)
    assert str(dataset) == "PoseAnnotations('coco17', clips=5, items=5, classes=3)"
    assert dataset.names == ["clip0", "clip1", "clip2", "clip3", "clip4"]
    for data, clip in zip(dataset, clips, strict=False):
        data.validate()
        persons = 2 if clip["keypoint"][1].any() else 1
        expected = np.concatenate([clip["keypoint"], clip["keypoint_score"][..., None]], axis=-1)
        expected = expected[:persons].transpose(0, 2, 1, 3).astype(np.float32)
        assert torch.equal(data.x, torch.from_numpy(expected).flatten(0, 1))
        assert data.image_size.tolist() == [list(clip["img_shape"][::-1])]
        assert data.y.item() == clip["label"]
    assert (tmp := dataset[[3, 1]])[0].image_size.tolist() == [[643, 480]]
    assert tmp.names == ["clip3", "clip1"]


def test_clips_of_the_split_that_are_not_there_are_named(path):
    write(path)
    content = pickle.loads(path.read_bytes())
    content["split"]["xsub_train"] += ["nowhere"]
    path.write_bytes(pickle.dumps(content))
    with pytest.warns(UserWarning, match=r"\d of .* are left out: .*nowhere"):
        assert "nowhere" in make(path, "xsub_train").missing


def test_splits(path):
    write(path)
    assert make(path, "xsub_train").names == ["clip0", "clip1", "clip3"]
    val = make(path, "xsub_val")
    assert val.splits == ["xsub_train", "xsub_val"]
    assert val.names == ["clip2", "clip4"]
    assert [data.image_size[0, 0].item() for data in val] == [642, 644]
    with pytest.raises(ValueError, match="has no split 'train', only xsub_train, xsub_val"):
        make(path, "train")


@pytest.mark.parametrize(("joints", "channels", "name"), [(25, 3, "ntu25"), (18, 2, "openpose18")])
def test_layouts(path, joints, channels, name):
    write(path, joints=joints, channels=channels)
    dataset = make(path, classes=["a", "b", "c"])
    assert dataset.skeleton.name == name
    assert dataset[0].x.size(-1) == 3
    assert ("image_size" in dataset[0]) == (channels == 2)
    assert dataset.classes == ["a", "b", "c"]


def test_a_layout_of_ones_own(path):
    write(path, joints=14, channels=3)
    with pytest.raises(ValueError, match="skeleton must be given for 14 joints in 3D"):
        make(path)


def test_chains(path):
    write(path)
    loader = SkeletonLoader(make(path, transform=pyskl_2d(True, "bone")), 5, seed=0)
    assert next(iter(loader)).x.shape == (17 * 7, 100, 3)
    write(path, joints=25, channels=3)
    loader = SkeletonLoader(make(path, transform=pyskl_ntu(False), repeat=2), 10)
    assert next(iter(loader)).x.shape == (25 * 14, 100, 3)


def test_one_to_three_persons_of_the_first_kinect(recognition_files, tmp_path):
    _, path = recognition_files.pose_annotations_kinect(tmp_path)
    clips = make(path, "sub_train")
    assert clips.skeleton.name == "kinect20"
    assert [clips.clip(i).size(0) for i in range(3)] == [1, 2, 3]
    clips.transform = clips.preparation(True, num_frames=8)
    assert [data.x.size(0) for data in clips] == [20, 40, 40]
    assert next(iter(SkeletonLoader(clips, batch_size=3))).x.shape == (20 * 5, 8, 3)


def test_the_pickle_is_read_once(path, monkeypatch):
    write(path)
    make(path)
    monkeypatch.setattr(
        "pyg_skeleton.datasets.recognition.pose_annotations.read_pose_annotations", None
    )
    assert len(make(path, "xsub_val")) == 2
    path.unlink()
    assert len(make(path, "xsub_val")) == 2


def test_another_pickle_of_that_name(path):
    write(path)
    make(path)
    write(path, joints=25, channels=3)
    os.utime(path, (0, 0))
    assert make(path).skeleton.name == "ntu25"


def test_a_store_elsewhere(path, tmp_path):
    write(path)
    make(path, store=tmp_path / "fast")
    assert (tmp_path / "fast" / "index.json").exists()
    assert not path.with_suffix(".clips").exists()


def test_errors(path, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no such file, and no store at .*hrnet.clips"):
        make(path)
    clips = [clip_of(0), clip_of(1, channels=3)]
    path.write_bytes(pickle.dumps(clips, 4))
    with pytest.raises(ValueError, match=r"expected clips in 2 or in 3 dimensions, got \{2, 3\}"):
        make(path)
    path.write_bytes(pickle.dumps([clip_of(0), clip_of(1, joints=18)], 4))
    with pytest.raises(ValueError, match=r"clip1: has 18 joints and 3 channels"):
        make(path)
    assert not path.with_suffix(".clips").exists()
