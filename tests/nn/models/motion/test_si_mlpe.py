import pytest
import torch

from pyg_skeleton.nn.models import DCTHead, SiMLPe


def make(**options):
    torch.manual_seed(0)
    model = SiMLPe("openpose18", **{"num_future": 5, "num_frames": 8, "num_layers": 2, **options})
    for p in model.parameters():
        torch.nn.init.normal_(p, std=0.3)
    model.set_normalization(torch.rand(18, 3), 0.5 + torch.rand(18, 3))
    return model.double().eval()


def reference(model, x):
    """The equations, joint by joint and frame by frame of one body, in the units of the data."""
    V, T, C = x.shape
    poses = (x * model.std[:, None]).transpose(0, 1).reshape(T, V * C)
    time = torch.arange(T).double()
    dct = torch.stack(
        [
            ((2 if k else 1) / T) ** 0.5 * torch.cos(torch.pi * (time + 0.5) * k / T)
            for k in range(T)
        ]
    )
    head = model.head
    z = (dct @ poses) @ head.input.weight.t() + head.input.bias
    for layer, norm in zip(head.layers, head.norms, strict=True):
        mixed = layer.weight @ z + layer.bias[:, None]
        centered = mixed - mixed.mean(1, keepdim=True)
        scaled = centered / (centered.square().mean(1, keepdim=True) + norm.eps).sqrt()
        z = z + scaled * norm.weight + norm.bias
    change = torch.linalg.inv(dct) @ (z @ head.output.weight.t() + head.output.bias)
    future = change[: model.num_future].view(-1, V, C).transpose(0, 1) / model.std[:, None]
    return x[:, -1:] + future


def test_equals_its_equations():
    model = make()
    x = torch.randn(18, 8, 3, dtype=torch.float64)
    torch.testing.assert_close(model.forward_clips(x).prediction, reference(model, x))


def test_reads_the_last_frames_and_repeats_the_first():
    model = make()
    x = torch.randn(18, 11, 3, dtype=torch.float64)
    expected = model.forward_clips(x[:, 3:]).prediction
    torch.testing.assert_close(model.forward_clips(x).prediction, expected)
    short = torch.cat([x[:, :1].expand(-1, 4, -1), x[:, :4]], dim=1)
    expected = model.forward_clips(short).prediction
    torch.testing.assert_close(model.forward_clips(x[:, :4]).prediction, expected)


def test_untrained_it_predicts_the_last_pose():
    model = SiMLPe("openpose18", num_future=5)
    x = torch.randn(18, 50, 3)
    expected = x[:, -1:].expand(-1, 5, -1)
    torch.testing.assert_close(model.forward_clips(x).prediction, expected, rtol=0, atol=1e-5)


def test_it_predicts_and_does_not_recognize():
    model = make()
    assert (model.recognizes, model.predicts) == (False, True)
    assert model.forward_clips(torch.randn(36, 8, 3).double()).logits is None
    assert model.named_parts()["head"] == ["head.output"]


def test_errors():
    with pytest.raises(ValueError, match="expected num_future from 1 to num_frames=8, got 9"):
        make().forward_clips(torch.zeros(18, 8, 3).double(), num_future=9)
    with pytest.raises(ValueError, match="num_frames=8, got 0"):
        DCTHead(18, 3, 8, 2)(torch.zeros(1, 18, 8, 3), 0)
