import pytest
import torch

from pyg_skeleton.data import SkeletonLoader, to_data
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import SelectPersons

NTU = Skeleton.get("ntu25")


def make_clip(scales=(1.0, 3.0, 2.0), **kwargs):
    x = torch.randn(len(scales), 25, 20, 3) * torch.tensor(scales).view(-1, 1, 1, 1)
    return to_data(NTU, x, y=3, hops=2, target=x[:, :, :2], **kwargs)


def test_select_persons():
    assert str(SelectPersons(2)) == "SelectPersons(num_persons=2, by='position')"
    data = make_clip(person=[4, 7, 9])
    data.confidence = torch.rand(75)
    first = SelectPersons(2)(data)
    assert torch.equal(first.x, data.x[:50])
    assert first.person.unique().tolist() == [0, 1]  # a place each in a network
    moving = SelectPersons(2, by="motion")(data)
    assert moving.person.unique().tolist() == [0, 1]
    for key in ("x", "target", "confidence"):
        assert torch.equal(moving[key], data[key][25:])
    assert moving.joint.tolist() == 2 * list(range(25))
    expected = to_data(NTU, torch.zeros(2, 25, 20, 3), hops=2)
    assert moving.graph == expected.graph
    assert moving.edge_index_hop2 is expected.edge_index_hop2
    assert moving.y.tolist() == [3]
    assert moving.graph == data.graph
    assert moving.validate()
    assert data.num_persons == 3
    assert next(iter(SkeletonLoader([moving, moving], batch_size=2))).num_bodies == 4


def test_enough_persons():
    data = make_clip()
    for num in (3, 5):
        assert SelectPersons(num)(data).x is data.x
    one = SelectPersons(1, by="motion")(data)
    assert torch.equal(one.x, data.x[25:50])


def test_missing_joints_do_not_move():
    x = torch.randn(2, 25, 20, 3)
    x[1] *= 0.5
    # Had the missing joints of the second person been at zero, they would have moved most.
    x[1] += 100
    x[1, :, ::2] = float("nan")
    data = to_data(NTU, x, missing="mask")
    out = SelectPersons(1, by="motion")(data)
    assert torch.equal(out.x, data.x[:25])
    assert torch.equal(out.visible, data.visible[:25])


def test_errors():
    with pytest.raises(ValueError, match="num_persons must be at least 1, got 0"):
        SelectPersons(0)
    with pytest.raises(ValueError, match=r"by must be one of .* got 'size'"):
        SelectPersons(1, by="size")
    data = make_clip()
    with pytest.raises(ValueError, match="takes clips, not batches"):
        SelectPersons(1)(next(iter(SkeletonLoader([data]))))
    data.edge_weight = torch.ones(data.num_edges)
    with pytest.raises(ValueError, match="cannot convert the field 'edge_weight'"):
        SelectPersons(1)(data)
    data.edge_index = data.edge_index[:, 1:]
    with pytest.raises(ValueError, match="copies of the edges of one body"):
        SelectPersons(1)(data)


def test_the_one_in_the_middle():
    x = torch.zeros(3, 25, 4, 3)
    x[0, ..., 0], x[1, ..., 0], x[2, ..., 0] = 100.0, 300.0, 620.0
    x[..., 1] = 240.0
    clip = NTU.to_data(x)
    assert SelectPersons(1, by="center")(clip).x[0, 0, 0] == 300
    clip.image_size = torch.tensor([[1240, 480]])
    assert SelectPersons(1, by="center")(clip).x[0, 0, 0] == 620


def test_the_one_who_is_there_longest():
    x = torch.ones(3, 25, 6, 3)
    x[0, :, 4:], x[1, :, 5:], x[2, :, 1:] = 0, 0, 0
    x[1, :, 0] = 7.0
    assert SelectPersons(1, by="presence")(NTU.to_data(x)).x[0, 0, 0] == 7
