import pytest
import torch
from torch.testing import assert_close

from pyg_skeleton.skeleton import Skeleton, list_skeletons
from pyg_skeleton.transforms import Stream
from pyg_skeleton.transforms.stream import ancestors

NTU = Skeleton.get("ntu25")
# Child and parent of the published lists, from one; (21, 21) is the root.
PAIRS = [(1, 2), (2, 21), (3, 21), (4, 3), (5, 21), (6, 5), (7, 6), (8, 7), (9, 21), (10, 9)]
PAIRS += [(11, 10), (12, 11), (13, 1), (14, 13), (15, 14), (16, 15), (17, 1), (18, 17), (19, 18)]
PAIRS += [(20, 19), (22, 23), (21, 21), (23, 8), (24, 25), (25, 12)]


def make_clip(persons=2, frames=5):
    return NTU.to_data(torch.randn(persons, 25, frames, 3))


def bone_of(x):
    out = torch.zeros_like(x)
    for child, parent in PAIRS:
        out[:, child - 1] = x[:, child - 1] - x[:, parent - 1]
    return out


def motion_of(x):
    out = torch.zeros_like(x)
    out[:, :, :-1] = x[:, :, 1:] - x[:, :, :-1]
    return out


def test_four_streams():
    data = make_clip()
    x = data.x.view(2, 25, 5, 3)
    expected = {
        "joint": x,
        "bone": bone_of(x),
        "joint-motion": motion_of(x),
        "bone-motion": motion_of(bone_of(x)),
    }
    for name, value in expected.items():
        assert_close(Stream(name, "ntu25")(data).x, value.flatten(0, 1))
    assert torch.equal(data.x, x.flatten(0, 1))


def test_one_frame():
    out = Stream("joint-motion", NTU)(make_clip(1, 1))
    assert out.x.shape == (25, 1, 3)
    assert not out.x.any()


def test_later_ancestors_as_a_power_of_the_adjacency():
    """(I - A^k) x of InfoGCN; the number of bones for k = 1, 2, ... on NTU is published."""
    adjacency = torch.zeros(25, 25)
    for child, parent in [*PAIRS, (21, 2)]:  # InfoGCN counts from the spine, joint 2
        if child != parent and child != 2:
            adjacency[child - 1, parent - 1] = 1
    data = make_clip(1)
    for order, count in enumerate([24, 22, 17, 12, 8, 4, 2, 0], start=1):
        power = torch.linalg.matrix_power(adjacency, order)
        assert sum(joint >= 0 for joint in ancestors(NTU, order, "spine")) == count
        kept = Stream("bone", NTU, order, root="spine", keep_rootless=True)(data)
        assert_close(kept.x, torch.einsum("vw,wtc->vtc", torch.eye(25) - power, data.x))
        zeroed = Stream("bone", NTU, order, root=1)(data)
        assert_close(zeroed.x, kept.x * power.sum(1).view(-1, 1, 1))


def test_missing_joints():
    x = torch.rand(25, 4, 3)
    x[7, 1] = float("nan")
    data = NTU.to_data(x, missing="mask")
    bone = Stream("bone", NTU)(data)
    lost = (~bone.visible).nonzero().tolist()
    assert lost == [[7, 1], [22, 1]]  # the hand, and the thumb that hangs on it
    assert not bone.x[~bone.visible].any()
    motion = Stream("joint-motion", NTU)(data)
    assert (~motion.visible).nonzero().tolist() == [[7, 0], [7, 1]]
    assert not motion.x[~motion.visible].any()
    assert data.visible.sum() == 25 * 4 - 1


@pytest.mark.parametrize("name", list_skeletons())
def test_every_layout(name):
    skeleton = Skeleton.get(name)
    x = torch.rand(skeleton.num_joints, 2, 3)
    out = Stream("bone", name)(skeleton.to_data(x)).x
    assert not out[skeleton.root].any()
    child, parent = torch.tensor(skeleton.bones).T
    assert torch.equal(out[child], x[child] - x[parent])


def test_errors():
    with pytest.raises(ValueError, match="stream must be one of"):
        Stream("velocity", NTU)
    with pytest.raises(ValueError, match="order must be at least 1, got 0"):
        Stream("bone", NTU, order=0)
    with pytest.raises(ValueError, match="Stream is for 20 joints, got 25 nodes"):
        Stream("bone", "kinect20")(make_clip(1))
    assert (
        str(Stream("bone", NTU))
        == "Stream(stream='bone', skeleton='ntu25', order=1, root=None, keep_rootless=False)"
    )
