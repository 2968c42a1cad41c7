import pytest

from pyg_skeleton.skeleton import Skeleton, list_skeletons, register_skeleton, registry


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_skeletons", dict(registry._skeletons))


def test_list_skeletons() -> None:
    # fmt: off
    assert list_skeletons() == sorted([
        "ntu25", "kinect20", "openpose18", "body25", "coco17", "h36m32", "h36m17", "h36m16",
        "h36m17-lcn", "h36m20", "h36m21", "cmu38", "cmu26", "mpii16", "mpi-inf-3dhp17", "smpl24",
        "vibe49", "shared15", "mediapipe33", "crowdpose14", "aic14", "halpe26", "halpe136",
        "coco-wholebody133", "hand21", "azure32", "xsens23", "openpose60", "openpose67",
    ])
    # fmt: on


def test_get() -> None:
    assert Skeleton.get("ntu25") is Skeleton.get("ntu25")
    with pytest.raises(ValueError, match="unknown skeleton 'ntu52'; did you mean 'ntu25'"):
        Skeleton.get("ntu52")
    with pytest.raises(TypeError, match="expected the name of a skeleton, got 25"):
        Skeleton.get(25)  # type: ignore[arg-type]


@pytest.mark.usefixtures("names")
def test_register_skeleton() -> None:
    one = Skeleton("mine", ["a", "b"], [(1, 0)], 0)
    assert register_skeleton(one) is one
    assert Skeleton.get("mine") is one
    register_skeleton(Skeleton("mine", ["a", "b"], [(1, 0)], 0))
    other = Skeleton("mine", ["a", "c"], [(1, 0)], 0)
    with pytest.raises(ValueError, match=r"another skeleton 'mine' \(joints: only here \[b\]"):
        register_skeleton(other)
    assert register_skeleton(other, overwrite=True) is Skeleton.get("mine")
    assert "mine" in list_skeletons()
