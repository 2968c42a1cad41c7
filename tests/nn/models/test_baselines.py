"""The networks that SemGCN and Skeletal-GNN are compared with."""

import pytest
import torch
import torch.nn.functional as F

from pyg_skeleton.nn import HighOrderConv
from pyg_skeleton.nn.models import LCN, HighOrderGCN, MartinezMLP, PoseGAT, ResGCN
from pyg_skeleton.skeleton import Skeleton

H36M = Skeleton.get("h36m16")


def test_res_gcn_is_the_printed_equation():
    model = ResGCN(H36M, hidden_channels=6, num_blocks=2).double().eval()
    adjacency = torch.eye(16, dtype=torch.float64) + (H36M.distances == 1)
    scale = adjacency.sum(1).rsqrt()
    adjacency = scale[:, None] * adjacency * scale

    def conv(layer, x):
        return adjacency @ x @ layer.weight[0].t() + layer.bias

    def unit(layer, x):
        return F.relu(conv(layer.conv, x) / (1 + 1e-5) ** 0.5)

    x = torch.rand(16, 2, dtype=torch.float64)
    h = unit(model.input, x)
    for first, second in model.blocks:
        h = h + unit(second, unit(first, h))
    torch.testing.assert_close(model.forward_poses(x), conv(model.output, h))


def test_high_order_gcn_adds_hops_up_at_the_end():
    model = HighOrderGCN(H36M, hidden_channels=5, num_blocks=1)
    assert model.input.conv.out_channels == 20
    assert [c.in_channels for c in model.graph_convs()] == [20, 20]
    assert isinstance(model.output, HighOrderConv)
    assert model.output.out_channels == 3
    # Pairs that walks of 0 to 3 steps join, as the authors have them.
    assert model.output.template.sizes == [16, 30, 52, 68]


def test_pose_gat_sees_one_body_at_a_time():
    model = PoseGAT(H36M, hidden_channels=8, num_blocks=1).eval()
    x = torch.rand(3 * 16, 2)
    alone = torch.cat([model.forward_poses(part) for part in x.split(16)])
    torch.testing.assert_close(model.forward_poses(x), alone)


@pytest.mark.parametrize("predict_root", [False, True])
def test_martinez_mlp_root(predict_root):
    skeleton = Skeleton.get("mpii16")  # whose root is in the middle of the joints
    model = MartinezMLP(skeleton, hidden_channels=8, predict_root=predict_root).eval()
    pose = model.forward_poses(torch.rand(2 * 16, 2)).view(2, 16, 3)
    root = pose[:, skeleton.root]
    assert bool(root.any()) == predict_root
    others = [v for v in range(16) if v != skeleton.root]
    assert pose[:, others].all()


@pytest.mark.parametrize("outputs", [45, 48])
def test_martinez_mlp_from_official(outputs):
    weights = {}

    def linear(name, norm, to, channels):
        weights[f"{name}.weight"] = torch.randn(to, channels)
        weights[f"{name}.bias"] = torch.randn(to)
        if norm:
            for part in ("weight", "bias", "running_mean", "running_var"):
                weights[f"{norm}.{part}"] = torch.rand(to)
            weights[f"{norm}.num_batches_tracked"] = torch.tensor(7)

    def run(name, norm, x):
        x = F.linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"])
        parts = [weights[f"{norm}.{p}"] for p in ("running_mean", "running_var", "weight", "bias")]
        return F.relu(F.batch_norm(x, *parts))

    linear("w1", "batch_norm1", 8, 32)
    for stage in ("linear_stages.0", "linear_stages.1"):
        linear(f"{stage}.w1", f"{stage}.batch_norm1", 8, 8)
        linear(f"{stage}.w2", f"{stage}.batch_norm2", 8, 8)
    linear("w2", None, outputs, 8)
    model = MartinezMLP.from_official(weights)
    x = torch.rand(5, 32)
    h = run("w1", "batch_norm1", x)
    for stage in ("linear_stages.0", "linear_stages.1"):
        y = run(f"{stage}.w1", f"{stage}.batch_norm1", h)
        h = h + run(f"{stage}.w2", f"{stage}.batch_norm2", y)
    expected = F.linear(h, weights["w2.weight"], weights["w2.bias"])
    pose = model.forward_poses(x.view(-1, 2)).view(5, -1)
    torch.testing.assert_close(pose[:, 48 - outputs :], expected)
    assert not pose[:, : 48 - outputs].any()

    with pytest.raises(ValueError, match=r"from 34 to 51 or 48 numbers .*h36m17.*got 32"):
        MartinezMLP.from_official(weights, "h36m17")
    with pytest.raises(ValueError, match=r"'w1.weight', 'w2.weight' and so on, got w1.bias"):
        MartinezMLP.from_official({"w1.bias": torch.zeros(3)})
    del weights["w1.bias"]
    with pytest.raises(ValueError, match=r"weights missing: input.0.bias"):
        MartinezMLP.from_official(weights)


def test_lcn_adds_the_keypoints_in_the_image_only():
    model = LCN(Skeleton.get("h36m17-lcn"), hidden_channels=4, num_blocks=1).eval()
    x = torch.rand(2 * 17, 2)
    relative = model.forward_poses(x)
    model.target_space = "pixel-depth"
    torch.testing.assert_close(model.forward_poses(x), relative + F.pad(x, (0, 1)))


def test_lcn_sees_as_far_as_its_hops():
    skeleton = Skeleton.get("h36m17-lcn")
    model = LCN(skeleton, hidden_channels=8, num_blocks=1, hops=1).double().eval()
    x = torch.rand(17, 2, dtype=torch.float64, requires_grad=True)
    wrist = skeleton.joints.index("left_wrist")
    model.forward_poses(x)[wrist].sum().backward()
    seen = x.grad.any(dim=1)
    assert torch.equal(seen, skeleton.distances[wrist] <= 4)  # four layers of one hop
