import numpy as np
import pytest

from pyg_skeleton.datasets.lifting.detections import read_detections
from pyg_skeleton.skeleton import Skeleton

LAYOUTS = ["h36m17", "h36m16", "mpii16", "coco17"]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data_2d.npz"


def read(path):
    return read_detections(path, map(Skeleton.get, LAYOUTS), rename=str.upper)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_recognizes_the_order_of_joints(path, lifting_files, layout):
    clip = np.random.default_rng(0).normal(size=(3, int(layout[-2:]), 2))
    lifting_files.save_2d(path, {"S1": {"a": [clip, clip + 1]}}, layout)
    found = read(path)
    assert found.layout is Skeleton.get(layout)
    read_camera = found.read("S1", "A", 2, 2, found.layout)
    np.testing.assert_allclose(read_camera(1), clip[:2] + 1, rtol=1e-6)


def test_faults(path, lifting_files):
    lifting_files.save_2d(path, {"S1": {"a": [np.zeros((3, 17, 2))]}}, "h36m17")
    found, skeleton = read(path), Skeleton.get("h36m17")
    for subject, take in (("S2", "A"), ("S1", "a")):
        with pytest.raises(ValueError, match=f"{subject}/{take}: expected clips of 1 cam.* got 0"):
            found.read(subject, take, 1, 3, skeleton)
    with pytest.raises(ValueError, match="S1/A: expected clips of 2 cameras, got 1"):
        found.read("S1", "A", 2, 3, skeleton)
    with pytest.raises(ValueError, match="S1/A, camera 0: has 3 frames, expected the 4"):
        found.read("S1", "A", 1, 4, skeleton)(0)
