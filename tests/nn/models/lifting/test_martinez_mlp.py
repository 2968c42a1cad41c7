import pytest
import torch
import torch.nn.functional as F

from pyg_skeleton.nn.models import MartinezMLP
from pyg_skeleton.skeleton import Skeleton


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
    with pytest.raises(ValueError, match=r"missing \['input.0.bias'\]"):
        MartinezMLP.from_official(weights)
