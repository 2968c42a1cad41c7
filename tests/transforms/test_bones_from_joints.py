import pytest
import torch

from pyg_skeleton.data import SkeletonLoader, to_data
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import BonesFromJoints

NTU = Skeleton.get("ntu25")


def make_clip(persons=2, **kwargs):
    x, target = torch.randn(persons, 25, 4, 3), torch.randn(persons, 25, 2, 3)
    return to_data(NTU, x, y=1, target=target, person=[5, 2][:persons], **kwargs)


def test_bones_in_place_of_joints():
    transform = BonesFromJoints("ntu25")
    assert str(transform) == "BonesFromJoints(skeleton='ntu25', dual=False)"
    data = make_clip()
    before = data.x.clone()
    out = transform(data)
    assert torch.equal(data.x, before)
    for key in ("x", "target"):
        joints = data[key].view(2, 25, -1, 3)
        bones = out[key].view(2, 25, -1, 3)
        assert not bones[:, NTU.root].any()
        for child, parent in NTU.bones:
            assert torch.equal(bones[:, child], joints[:, child] - joints[:, parent])
    assert out.graph == data.graph
    batch = next(iter(SkeletonLoader([data, data], batch_size=2)))
    assert torch.equal(transform(batch).x, torch.cat([out.x, out.x]))


@pytest.mark.parametrize("mode", ["ring", "power"])
def test_dual(mode):
    transform = BonesFromJoints(NTU, dual=True)
    data = make_clip(hops=3, mode=mode, subject=4)
    out = transform(data)
    assert out.x.shape == (48, 4, 3)
    assert out.skeleton == "ntu25-dual"
    dual = NTU.dual()
    bones = NTU.bone_vectors(data.x.view(2, 25, 4, 3), dim=1)
    expected = to_data(dual, bones, y=1, hops=3, mode=mode, person=[5, 2])
    for key in ("x", "y", "edge_index", "edge_index_hop2", "edge_index_hop3", "joint", "person"):
        assert torch.equal(out[key], expected[key])
    assert torch.equal(out.target, NTU.bone_vectors(data.target.view(2, 25, 2, 3), 1).flatten(0, 1))
    assert out.graph == expected.graph
    assert out.subject == 4
    assert data.x.shape == (50, 4, 3)
    assert data.skeleton == "ntu25"
    assert out.validate()
    assert next(iter(SkeletonLoader([out, out], batch_size=2))).graph == out.graph


def test_missing_joints():
    x = torch.randn(25, 3, 3)
    child, parent = NTU.bones[3]
    x[child, 1] = float("nan")
    data = to_data(NTU, x, missing="mask")
    out = BonesFromJoints(NTU)(data)
    assert not out.visible[child, 1]
    assert out.visible[parent, 1] == all(c != parent or p != child for c, p in NTU.bones)
    assert not out.x[~out.visible].any()
    hidden = 1 + sum(p == child for _, p in NTU.bones)
    assert int((~out.visible).sum()) == hidden
    dual = BonesFromJoints(NTU, dual=True)(data)
    assert not dual.visible[3, 1]
    assert int((~dual.visible).sum()) == hidden
    assert not dual.x[~dual.visible].any()


def test_wrong_clips():
    with pytest.raises(ValueError, match="BonesFromJoints is for 25 joints, got 18 nodes"):
        BonesFromJoints(NTU)(to_data(Skeleton.get("openpose18"), torch.randn(18, 2, 3)))
    with pytest.raises(ValueError, match="BonesFromJoints needs clips of 'openpose18' and its ed"):
        BonesFromJoints("openpose18", dual=True)(make_clip())
    batch = next(iter(SkeletonLoader([make_clip()])))
    with pytest.raises(ValueError, match="takes clips, not batches"):
        BonesFromJoints(NTU, dual=True)(batch)
    data = make_clip()
    data.confidence = torch.ones(50)
    with pytest.raises(ValueError, match="cannot convert the field 'confidence'"):
        BonesFromJoints(NTU, dual=True)(data)
