import pytest
import torch

from pyg_skeleton.nn.models import SymGNN, TrajectoryHead
from pyg_skeleton.testing import (
    assert_all_parameters_get_gradients,
    assert_autocast,
    assert_compiles,
    assert_state_dict_round_trip,
)


def make(num_classes=5, **options):
    torch.manual_seed(0)
    head = TrajectoryHead(8, 6, 3, num_classes, 9, 4, 5, 2, **options)
    torch.nn.init.normal_(head.output.channels.weight)
    return head


def arguments(dtype=torch.float32, num_classes=5, frames=4):
    probability = torch.rand(3 * 9, num_classes, dtype=dtype) if num_classes else None
    h = torch.randn(3 * 9, 8, dtype=dtype)
    return h, torch.randn(3 * 9, frames, 3, dtype=dtype), probability, 5


def mix(layer, z):
    """A Z W of all bodies, joint by joint."""
    z = z @ layer.channels.weight.t() + layer.channels.bias
    rows = [(row[:, None] * body).sum(0) for body in z for row in layer.joints]
    return torch.stack(rows).view_as(z)


def layer_of(layer, z):
    z = mix(layer.mix, z)
    norm = layer.norm
    deviation = (norm.running_var + norm.eps).sqrt()
    return torch.tanh((z - norm.running_mean) / deviation * norm.weight + norm.bias)


@pytest.mark.parametrize("num_classes", [0, 5])
def test_equals_its_equations(num_classes):
    head = make(num_classes).double().eval()
    for name, buffer in head.named_buffers():
        if name.endswith(("running_mean", "running_var")):
            buffer.uniform_(0.5, 1.5)
    h, x, probability, frames = arguments(torch.double, num_classes)
    padded = torch.cat([x] + [x[:, -1:]] * 5, dim=1)
    k, t = torch.meshgrid(torch.arange(9.0).double(), torch.arange(9.0).double(), indexing="ij")
    dct = torch.cos(torch.pi * (t + 0.5) * k / 9) * (2 / 9) ** 0.5
    dct[0] /= 2**0.5
    parts = [torch.einsum("kt,ntc->nkc", dct, padded).flatten(1), h]
    parts += [] if probability is None else [probability]
    z = layer_of(head.input, torch.cat(parts, 1).view(3, 9, -1))
    for first, second in head.blocks:
        z = z + layer_of(second, layer_of(first, z))
    change = mix(head.output, z).view(27, 9, 3)
    expected = torch.linalg.solve(dct, change)
    torch.testing.assert_close(head(h, x, probability, frames), expected[:, 4:])


def test_reads_the_last_frames_and_repeats_the_first():
    head = make().eval()
    h, x, probability, frames = arguments(frames=6)
    expected = head(h, x[:, 2:], probability, frames)
    torch.testing.assert_close(head(h, x, probability, frames), expected)
    short = torch.cat([x[:, :1], x[:, :3]], dim=1)
    expected = head(h, short, probability, frames)
    torch.testing.assert_close(head(h, x[:, :3], probability, frames), expected)


def test_a_longer_prediction_begins_with_the_shorter_one():
    head, args = make().eval(), arguments()[:-1]
    torch.testing.assert_close(head(*args, 5)[:, :2], head(*args, 2))


@pytest.mark.parametrize("frames", [0, 6])
def test_frames_that_it_has_not_learned(frames):
    with pytest.raises(ValueError, match=f"num_future from 1 to 5, .* got {frames}"):
        make()(*arguments()[:-1], frames)


def test_like_any_layer():
    head, args = make(), arguments()
    assert_all_parameters_get_gradients(head, *args)
    assert_state_dict_round_trip(make, *args)
    assert_autocast(head, *args)
    assert_compiles(head.eval(), *args)


def test_in_sym_gnn():
    network = SymGNN("cmu26", 4, 5, blocks=((4, 4),), hidden_channels=6, agim_channels=4,
                     agim_frames=3, trajectory_blocks=1, trajectory_frames=6)  # fmt: skip
    assert isinstance(network.decoder, TrajectoryHead)
    network.set_normalization(torch.rand(26, 3), 0.5 + torch.rand(26, 3))
    x = torch.randn(2 * 26, 6, 3)
    expected = x[:, -1:].expand(-1, 5, -1)  # untrained
    output = network.forward_clips(x, torch.arange(2), 2)
    assert output.prediction.shape == (52, 5, 3)
    torch.testing.assert_close(output.prediction, expected, rtol=0, atol=0.1)
    assert network.forward_clips(x, torch.arange(2), 2, num_future=2).prediction.size(1) == 2
    # The predictor reads the class and the backbone.
    (grad,) = torch.autograd.grad(
        output.prediction.square().sum(), [network.joint_net.head.classifier.weight]
    )
    assert float(grad.abs().sum()) > 0
    # It reads poses in the units of the data, and its change is in them.
    network.eval()
    x = (x - network.mean.repeat(2, 1)[:, None]) / network.std.repeat(2, 1)[:, None]
    torch.nn.init.normal_(network.decoder.output.channels.weight)
    h, _, _ = network.joint_net(x, torch.arange(2), 2)
    output = network.forward_clips(x, torch.arange(2), 2)
    probability = output.logits.softmax(-1).repeat_interleave(26, dim=0)
    poses = x * network.std.repeat(2, 1)[:, None] + network.mean.repeat(2, 1)[:, None]
    expected = poses[:, -1:] + network.decoder(h, poses, probability, 5)
    found = output.prediction * network.std.repeat(2, 1)[:, None]
    torch.testing.assert_close(found + network.mean.repeat(2, 1)[:, None], expected)
