import pytest
import torch
import torch.nn.functional as F

from pyg_skeleton.nn.models import SRNet, transfer_weights
from pyg_skeleton.nn.models.lifting.sr_net import SplitRecombine
from pyg_skeleton.skeleton import Skeleton

NORM = ("running_mean", "running_var", "weight", "bias")
ROBOT = {"hip": None, "chest": "hip", "left_hand": "chest", "right_hand": "chest"}


def layer(weights, name, x, sizes):
    """One layer as its equation says, in evaluation."""
    out, end = [], 0
    for g, size in enumerate(sizes):
        start, end = end, end + size
        u = {key: weights[f"{name}.gates.{g}.{key}"] for key in ("0.weight", "0.bias")}
        norm = [weights[f"{name}.gates.{g}.1.{key}"] for key in NORM]
        gate = F.linear(torch.cat([x[:, :start], x[:, end:]], dim=1), *u.values())
        scaled = F.batch_norm(gate, *norm).sigmoid() * x[:, start:end]
        out.append(scaled @ weights[f"{name}.groups.{g}.weight"].t())
    return torch.cat(out, dim=1)


def test_sr_net_equals_its_equation():
    model = SRNet("h36m17", hidden_channels=64, num_blocks=1).double()
    for value in model.state_dict().values():
        if value.is_floating_point():
            value.add_(0.3 * torch.rand_like(value))
    weights, x = model.eval().state_dict(), torch.randn(5, 17, 2).double()
    trunk, limbs = [0, 7, 8, 9, 10], [[11, 12, 13], [14, 15, 16], [4, 5, 6], [1, 2, 3]]
    reads = sum(([0, *limb] for limb in limbs), trunk)

    def unit(name, h, sizes):
        h = layer(weights, f"{name}.0", h, sizes)
        return F.leaky_relu(F.batch_norm(h, *(weights[f"{name}.1.{key}"] for key in NORM)), 0.01)

    widths = [15, 12, 12, 12, 13]  # of 64 by 5, 4, 4, 4, 4 joints
    h = unit("input", x[:, reads].flatten(1), [10, 8, 8, 8, 8])
    h = h + unit("blocks.0.1", unit("blocks.0.0", h, widths), widths)
    pose = layer(weights, "output", h, widths).view(5, 17, 3)
    expected = torch.empty_like(pose)
    expected[:, sum(limbs, trunk)] = pose
    actual = model.forward_poses(x.flatten(0, 1)).view(5, 17, 3)
    torch.testing.assert_close(actual, expected)


def test_first_gates_are_one_half():
    conv = SplitRecombine([3, 2], [4, 5])
    x = torch.randn(6, 5)
    expected = [group(part) for group, part in zip(conv.groups, x.split([3, 2], 1), strict=True)]
    torch.testing.assert_close(conv(x), 0.5 * torch.cat(expected, dim=1))


def test_groups_of_other_bodies():
    robot = Skeleton.from_dict(
        {
            "name": "robot",
            "joints": ROBOT,
            "parts": {"body": ["hip", "chest"], "a": ["left_hand"], "b": ["right_hand"]},
        }
    )
    model = SRNet(robot, hidden_channels=8).eval()
    assert model.reads.tolist() == [0, 1, 0, 2, 0, 3]  # the hip is the root
    assert model(robot.to_data(torch.randn(4, 2))).shape == (4, 3)
    with pytest.raises(ValueError, match=r"3 groups of \[2, 2, 2\] joints can share, got 2"):
        SRNet(robot, hidden_channels=2)


def test_weights_of_joints_stay_on_their_layout():
    names = ["a", "b", "c", "d"]
    parts = {"one": ["a", "b"], "two": ["c", "d"]}
    body = {"name": "body", "joints": {"a": None, "b": "a", "c": "a", "d": "c"}, "parts": parts}
    other = {"name": "other", "joints": {"a": None, "c": "a", "b": "a", "d": "c"}}
    other["parts"] = {"one": ["a", "c"], "two": ["b", "d"]}
    source, target = (SRNet(Skeleton.from_dict(d), hidden_channels=8) for d in (body, other))
    assert sorted(source.skeleton.joints) == sorted(target.skeleton.joints) == names
    made = transfer_weights(source, target).made
    assert {name.split(".")[0] for name in made} == {"input", "output"}
    assert not transfer_weights(source, SRNet(source.skeleton, hidden_channels=8)).made
