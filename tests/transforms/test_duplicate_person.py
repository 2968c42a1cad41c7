import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import DuplicatePerson

NTU = Skeleton.get("ntu25")


def test_somebody_alone(ntu_clip):
    data = ntu_clip([1, 1, 1])
    out = DuplicatePerson()(data)
    expected = NTU.to_data(torch.stack([data.x, data.x]))
    for key in ("x", "edge_index", "joint", "person"):
        assert torch.equal(out[key], expected[key])
    out.validate()
    assert (out.num_persons, data.num_persons) == (2, 1)
    assert out.graph == data.graph
    batch = next(iter(SkeletonLoader([out, ntu_clip([1, 1, 1], [1, 1, 1])], 2)))
    assert batch.num_bodies == 4


def test_visible_joints_too():
    x = torch.rand(25, 4, 3)
    x[3, 2] = float("nan")
    out = DuplicatePerson()(NTU.to_data(x, missing="mask"))
    assert torch.equal(out.visible[:25], out.visible[25:])
    assert not out.visible[28, 2]


def test_two_persons_stay(ntu_clip):
    data = ntu_clip([1, 1], [0, 1])
    assert DuplicatePerson()(data).num_persons == 2


def test_errors(ntu_clip):
    batch = next(iter(SkeletonLoader([ntu_clip([1])], 1)))
    with pytest.raises(ValueError, match="takes clips, not batches"):
        DuplicatePerson()(batch)
    with pytest.raises(ValueError, match="without target"):
        DuplicatePerson()(NTU.to_data(torch.zeros(25, 2, 3), target=torch.zeros(25, 2, 3)))
