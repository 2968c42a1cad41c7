import pytest
import torch

from pyg_skeleton.nn.models import TrajectoryGCN


def make(**options):
    torch.manual_seed(0)
    sizes = {"num_future": 5, "num_frames": 8, "hidden_channels": 6, "num_blocks": 2}
    model = TrajectoryGCN("openpose18", **{**sizes, **options})
    for value in model.state_dict().values():
        if value.is_floating_point():
            value.add_(0.3 * torch.rand_like(value))
    return model.double().eval()


def layer(weights, name, z):
    """A matrix of channels, one of joints, batch norm and tanh."""
    mix = z @ weights[f"{name}.0.channels.weight"].t() + weights[f"{name}.0.channels.bias"]
    mix = weights[f"{name}.0.joints"] @ mix
    scale = weights[f"{name}.1.weight"] / (weights[f"{name}.1.running_var"] + 1e-5).sqrt()
    return ((mix - weights[f"{name}.1.running_mean"]) * scale + weights[f"{name}.1.bias"]).tanh()


def test_equals_its_equations():
    model = make()
    weights = model.head.state_dict()
    x = torch.randn(18, 8, 3, dtype=torch.float64)
    padded = torch.cat([x, x[:, -1:].expand(-1, 5, -1)], dim=1) * model.std[:, None]
    n, time = 13, torch.arange(13).double()
    rows = [((2 if k else 1) / n) ** 0.5 * torch.cos(torch.pi * (time + 0.5) * k / n) for k in time]
    dct = torch.stack(rows)
    z = layer(weights, "input", (dct @ padded).flatten(1))
    for i in range(2):
        z = z + layer(weights, f"blocks.{i}.1", layer(weights, f"blocks.{i}.0", z))
    mixed = z @ weights["output.channels.weight"].t() + weights["output.channels.bias"]
    change = torch.linalg.inv(dct) @ (weights["output.joints"] @ mixed).view(18, n, 3)
    expected = x[:, -1:] + change[:, 8:] / model.std[:, None]
    torch.testing.assert_close(model.forward_clips(x).prediction, expected)


def test_fewer_frames_are_the_first_of_more():
    model = make()
    x = torch.randn(18, 8, 3, dtype=torch.float64)
    expected = model.forward_clips(x).prediction[:, :2]
    torch.testing.assert_close(model.forward_clips(x, num_future=2).prediction, expected)
    with pytest.raises(ValueError, match=r"num_future from 1 to 5, as many frames as .* got 6"):
        model.forward_clips(x, num_future=6)


def test_untrained_it_hardly_moves():
    x = torch.randn(18, 50, 3)
    model = TrajectoryGCN("openpose18").eval()
    change = model.forward_clips(x).prediction - x[:, -1:]
    assert change.abs().max() < 0.1
    assert change.any()


def test_parts():
    model = make()
    assert (model.recognizes, model.predicts) == (False, True)
    parts = {"backbone": ["head.input", "head.blocks"], "head": ["head.output"]}
    assert model.named_parts() == parts
