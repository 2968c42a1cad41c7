import numpy as np
import pytest

from pyg_skeleton.datasets import MSRAction3D
from pyg_skeleton.io.corpora import MSR_ACTION3D as MSR_JOINTS
from pyg_skeleton.skeleton import Skeleton

pytestmark = pytest.mark.filterwarnings("ignore:.* are left out:UserWarning")

KINECT = Skeleton.get("kinect20")
EXCLUDED = (
    *("a02_s03_e02", "a04_s03_e01", "a07_s04_e01", "a13_s09_e01", "a13_s09_e02", "a13_s09_e03"),
    *("a14_s03_e01", "a20_s07_e01", "a20_s07_e03", "a20_s10_e03"),
)


@pytest.fixture
def msr(tmp_path, kinect_clip):
    for seed, name in enumerate(("a01_s01_e01", "a20_s03_e02", "a06_s02_e01", "a02_s05_e01")):
        clip = kinect_clip(seed, 4)
        if name == "a02_s05_e01":
            clip[:] = 0
        rows = np.concatenate([clip, np.ones((4, 20, 1))], axis=-1).reshape(-1, 4)
        np.savetxt(tmp_path / f"{name}_skeleton3D.txt", rows, fmt="%.7g")
    return tmp_path


def test_msr_action3d(msr, kinect_clip, same_joints):
    with pytest.warns(UserWarning, match=r"clips have no person and are left out: a02_s05_e01$"):
        train = MSRAction3D(msr, progress=False)
    assert str(train) == "MSRAction3D('kinect20', clips=2, items=2, classes=20)"
    assert train.names == ["a01_s01_e01", "a20_s03_e02"]
    assert train.labels.tolist() == [0, 19]
    assert train.missing == ["a02_s05_e01"]
    same_joints(train[0], kinect_clip(0, 4), MSR_JOINTS)
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


def test_ten_files_are_left_out(msr):
    for name in EXCLUDED:
        (msr / f"{name}_skeleton3D.txt").write_bytes(
            (msr / "a01_s01_e01_skeleton3D.txt").read_bytes()
        )
    names = ["a01_s01_e01", "a06_s02_e01", "a20_s03_e02"]
    assert MSRAction3D(msr, None, progress=False).names == names
    everything = MSRAction3D(msr, None, all_files=True, progress=False)
    assert everything.names == sorted([*names, *EXCLUDED])
    first = MSRAction3D.open(msr, "train", subset="AS1", all_files=True)
    odd = ["a13_s09_e01", "a13_s09_e02", "a13_s09_e03", "a20_s03_e02", "a20_s07_e01", "a20_s07_e03"]
    assert first.names == ["a02_s03_e02", *odd]
