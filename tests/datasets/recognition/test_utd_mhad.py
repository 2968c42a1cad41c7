import pytest

from pyg_skeleton.datasets import UTDMHAD
from pyg_skeleton.io.corpora import UTD_MHAD as UTD_JOINTS

pytestmark = pytest.mark.filterwarnings("ignore:.* are left out:UserWarning")


@pytest.fixture
def utd(tmp_path, kinect_clip):
    io = pytest.importorskip("scipy.io")
    (tmp_path / "Skeleton").mkdir()
    for seed, name in enumerate(("a1_s1_t1", "a27_s2_t3", "a2_s7_t4", "a28_s1_t1")):
        joints = kinect_clip(seed, 5 + seed).transpose(1, 2, 0)
        io.savemat(tmp_path / "Skeleton" / f"{name}_skeleton.mat", {"d_skel": joints})
    return tmp_path


def test_utd_mhad(utd, kinect_clip, same_joints):
    train = UTDMHAD(utd, progress=False)
    assert str(train) == "UTDMHAD('kinect20', clips=2, items=2, classes=27)"
    assert train.names == ["a1_s1_t1", "a2_s7_t4"]
    assert train.subjects == [1, 7]
    assert train.labels.tolist() == [0, 1]
    same_joints(train[1], kinect_clip(2, 7), UTD_JOINTS)
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
