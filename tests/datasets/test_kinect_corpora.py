"""UTD-MHAD, MSR Action3D and UTKinect, in files that the tests write."""

import numpy as np
import pytest
import torch

from pyg_skeleton.datasets import UTDMHAD, MSRAction3D, UTKinect
from pyg_skeleton.datasets.kinect_corpus import subject_of
from pyg_skeleton.datasets.msr_action3d import _JOINTS as MSR_JOINTS
from pyg_skeleton.datasets.utd_mhad import _JOINTS as UTD_JOINTS
from pyg_skeleton.skeleton import Skeleton

KINECT = Skeleton.get("kinect20")


def clip_of(seed, frames):
    return np.random.default_rng(seed).normal(size=(frames, 20, 3)).astype(np.float32)


def same_joints(data, clip, names):
    """Every joint is where the file has the joint of that name."""
    names = names.split()
    assert sorted(names) == sorted(KINECT.joints)
    for j, name in enumerate(KINECT.joints):
        np.testing.assert_allclose(data.x[j], clip[:, names.index(name)], rtol=1e-5)


def test_names():
    assert subject_of("a1_s3_t4") == 3
    assert subject_of("s10_e01_sitDown_5") == 10


# UTD-MHAD ########################################################################################


@pytest.fixture
def utd(tmp_path):
    io = pytest.importorskip("scipy.io")
    (tmp_path / "Skeleton").mkdir()
    for seed, name in enumerate(("a1_s1_t1", "a27_s2_t3", "a2_s7_t4", "a28_s1_t1")):
        joints = clip_of(seed, 5 + seed).transpose(1, 2, 0)
        io.savemat(tmp_path / "Skeleton" / f"{name}_skeleton.mat", {"d_skel": joints})
    return tmp_path


def test_utd_mhad(utd):
    train = UTDMHAD(utd, progress=False)
    assert str(train) == "UTDMHAD('kinect20', clips=2, items=2, classes=27)"
    assert train.names == ["a1_s1_t1", "a2_s7_t4"]
    assert train.subjects == [1, 7]
    assert train.labels.tolist() == [0, 1]
    same_joints(train[1], clip_of(2, 7), UTD_JOINTS)
    test = UTDMHAD(utd, "test", progress=False)
    assert (test.names, test.labels.tolist()) == (["a27_s2_t3"], [26])
    assert len(UTDMHAD(utd / "Skeleton", None, progress=False)) == 3
    assert UTDMHAD(utd, train_subjects=[2], progress=False).subjects == [2]


def test_utd_mhad_errors(utd, tmp_path):
    with pytest.raises(ValueError, match="split must be 'train', 'test' or None, got 'val'"):
        UTDMHAD(utd, "val")
    with pytest.raises(FileNotFoundError, match=r"has no a1_s1_t1_skeleton.mat"):
        UTDMHAD(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="has no clip of the split 'train'"):
        UTDMHAD(utd, train_subjects=(), progress=False)


# MSR Action3D ####################################################################################


@pytest.fixture
def msr(tmp_path):
    for seed, name in enumerate(("a01_s01_e01", "a20_s03_e02", "a06_s02_e01", "a02_s05_e01")):
        clip = clip_of(seed, 4)
        if name == "a02_s05_e01":
            clip[:] = 0
        rows = np.concatenate([clip, np.ones((4, 20, 1))], axis=-1).reshape(-1, 4)
        np.savetxt(tmp_path / f"{name}_skeleton3D.txt", rows, fmt="%.7g")
    return tmp_path


def test_msr_action3d(msr):
    train = MSRAction3D(msr, progress=False)
    assert str(train) == "MSRAction3D('kinect20', clips=2, items=2, classes=20)"
    assert train.names == ["a01_s01_e01", "a20_s03_e02"]
    assert train.labels.tolist() == [0, 19]
    assert train.missing == ["a02_s05_e01"]
    same_joints(train[0], clip_of(0, 4), MSR_JOINTS)
    bones = [(20, 3), (1, 3), (2, 3), (1, 8), (8, 10), (10, 12), (2, 9), (9, 11), (11, 13), (3, 4)]
    bones += [(4, 7), (7, 5), (7, 6), (5, 14), (6, 15), (14, 16), (15, 17), (16, 18), (17, 19)]
    names = MSR_JOINTS.split()
    drawn = {frozenset((names[a - 1], names[b - 1])) for a, b in bones}
    ours = {frozenset((KINECT.joints[a], KINECT.joints[b])) for a, b in KINECT.bones}
    assert drawn == ours


def test_msr_subsets(msr):
    first = MSRAction3D(msr, None, "AS1", progress=False)
    assert first.names == ["a06_s02_e01", "a20_s03_e02"]
    assert first.labels.tolist() == [3, 7]
    assert first.classes[3] == "high throw"
    assert first.num_classes == 8
    assert MSRAction3D(msr, "test", "AS3", progress=False).labels.tolist() == [0]
    with pytest.raises(ValueError, match="subset must be one of AS1, AS2, AS3 or None, got 'AS4'"):
        MSRAction3D(msr, subset="AS4")


def test_msr_errors(msr, tmp_path):
    path = msr / "a20_s03_e02_skeleton3D.txt"
    path.write_text(path.read_text()[:-30])
    with pytest.raises(ValueError, match=r"a20_s03_e02_skeleton3D.txt:\d+: "):
        MSRAction3D(msr, progress=False)
    assert not (msr / "processed" / "msraction3d").exists()
    with pytest.raises(FileNotFoundError, match="has no a01_s01_e01_skeleton3D"):
        MSRAction3D(tmp_path / "nowhere")


# UTKinect ########################################################################################


@pytest.fixture
def utkinect(tmp_path):
    (tmp_path / "joints").mkdir()
    text = ""
    for subject in (1, 2):
        clip = clip_of(subject, 30)
        numbers = np.arange(100, 160, 2)[:, None]
        rows = np.concatenate([numbers, clip.reshape(30, 60)], axis=1)
        np.savetxt(tmp_path / "joints" / f"joints_s0{subject}_e01.txt", rows, fmt="%.7g")
        text += (
            f"s0{subject}_e01\nwalk: 100 110\nclapHands: 113 158\ncarry: NaN NaN\npush: 900 9000\n"
        )
    text += "s03_e01\nwalk: 1 2\n"
    (tmp_path / "actionLabel.txt").write_text(text)
    return tmp_path


def test_utkinect(utkinect):
    train = UTKinect(utkinect, progress=False)
    assert str(train) == "UTKinect('kinect20', clips=2, items=2, classes=10)"
    assert train.names == ["s01_e01_walk_100", "s01_e01_clapHands_113"]
    assert train.labels.tolist() == [0, 9]
    assert train.missing == ["s01_e01_push_900", "s02_e01_push_900"]
    clip = torch.from_numpy(clip_of(1, 30)).transpose(0, 1)
    torch.testing.assert_close(train[0].x, clip[:, :6], rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(train[1].x, clip[:, 7:], rtol=1e-5, atol=1e-6)
    assert UTKinect(utkinect, "test", progress=False).subjects == [2, 2]


def test_utkinect_errors(utkinect, tmp_path):
    path = utkinect / "actionLabel.txt"
    path.write_text("s01_e01\ndance: 1 2\n")
    with pytest.raises(ValueError, match=r"actionLabel.txt: expected one of walk, .* got 'dance'"):
        UTKinect(utkinect)
    path.write_text("s09_e01\nwalk: 1 2\n")
    with pytest.raises(FileNotFoundError, match=r"has no joints/joints_s01_e01.txt"):
        UTKinect(utkinect)
    with pytest.raises(FileNotFoundError, match=r"actionLabel.txt: no such file"):
        UTKinect(tmp_path / "nowhere")
