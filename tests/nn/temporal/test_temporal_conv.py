import math

import pytest
import torch

from pyg_skeleton.nn import TemporalConv
from pyg_skeleton.nn.temporal import temporal_conv
from pyg_skeleton.testing import (
    assert_all_parameters_get_gradients,
    assert_autocast,
    assert_compiles,
    assert_state_dict_round_trip,
)


@pytest.mark.parametrize("kernel_size", [1, 3, 9])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("bias", [True, False])
def test_equals_sum_over_frames(kernel_size, stride, bias):
    conv = TemporalConv(3, 5, kernel_size, stride, bias=bias).double()
    x = torch.randn(4, 11, 3, dtype=torch.float64, requires_grad=True)
    out = conv(x)
    expected = []
    for t in range(0, 11, stride):
        y = torch.zeros(4, 5, dtype=torch.float64) if conv.bias is None else conv.bias.expand(4, 5)
        for k in range(kernel_size):
            frame = t + k - kernel_size // 2
            if 0 <= frame < 11:
                y = y + x[:, frame] @ conv.weight[:, :, k].t()
        expected.append(y)
    expected = torch.stack(expected, dim=1)
    assert out.shape == (4, math.ceil(11 / stride), 5)
    torch.testing.assert_close(out, expected)
    weight = torch.randn_like(out)
    inputs = [x, *conv.parameters()]
    ours = torch.autograd.grad((out * weight).sum(), inputs)
    theirs = torch.autograd.grad((expected * weight).sum(), inputs)
    for a, e in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a, e)


def test_dilation_is_that_of_conv1d():
    conv = TemporalConv(3, 5, kernel_size=3, stride=2, dilation=4)
    x = torch.randn(4, 11, 3)
    out = conv(x)
    expected = torch.nn.functional.conv1d(
        x.transpose(1, 2), conv.weight, conv.bias, 2, padding=4, dilation=4
    )
    torch.testing.assert_close(out, expected.transpose(1, 2), rtol=1e-4, atol=1e-5)


def test_static_batch_and_views():
    conv = TemporalConv(3, 5, stride=2)
    x = torch.randn(4, 2, 11, 3)
    static = conv(x)
    assert static.shape == (4, 2, 6, 5)
    torch.testing.assert_close(static.flatten(0, 1), conv(x.flatten(0, 1)))
    view = x.transpose(0, 1)
    torch.testing.assert_close(conv(view), static.transpose(0, 1), rtol=1e-4, atol=1e-5)


def test_one_frame_is_enough():
    assert TemporalConv(3, 5, stride=2)(torch.randn(4, 1, 3)).shape == (4, 1, 5)


def test_even_kernel_raises():
    with pytest.raises(ValueError, match="odd kernel_size, got 4"):
        TemporalConv(3, 5, kernel_size=4)


def test_valid_frames_have_seen_no_padding():
    padded, valid = TemporalConv(3, 5, 3, dilation=2), TemporalConv(3, 5, 3, dilation=2, valid=True)
    valid.load_state_dict(padded.state_dict())
    x = torch.randn(4, 11, 3)
    torch.testing.assert_close(valid(x), padded(x)[:, 2:-2])


@pytest.mark.parametrize("kernel_size", [1, 9])
def test_usual_checks(kernel_size):
    x = torch.randn(4, 11, 3)
    conv = TemporalConv(3, 5, kernel_size, stride=2)
    assert str(conv).startswith(f"TemporalConv(3, 5, kernel_size=({kernel_size},), stride=(2,)")
    assert_all_parameters_get_gradients(conv, x)
    assert_state_dict_round_trip(lambda: TemporalConv(3, 5, kernel_size), x)
    assert_autocast(conv, x)
    assert_compiles(conv, x)
    assert conv.state_dict().keys() == {"weight", "bias"}
    assert conv.weight.shape == (5, 3, kernel_size)


@pytest.mark.parametrize("valid", [False, True])
@pytest.mark.parametrize("frames", [5, 9, 16])
@pytest.mark.parametrize(
    ("kernel_size", "stride", "dilation"), [(3, 1, 1), (5, 1, 2), (9, 2, 1), (5, 3, 1), (5, 2, 4)]
)
def test_wide_layers_train_in_another_form(
    monkeypatch, kernel_size, stride, dilation, frames, valid
):
    if valid and frames <= (kernel_size - 1) * dilation:
        return
    conv = TemporalConv(3, 5, kernel_size, stride, dilation, valid=valid).double()
    monkeypatch.setattr(temporal_conv, "MIN_CHANNELS_FOR_CUSTOM_BACKWARD", 1)
    taken = []
    apply = temporal_conv._FramesFirst.apply
    monkeypatch.setattr(
        temporal_conv._FramesFirst, "apply", lambda *args: (taken.append(1), apply(*args))[1]
    )
    torch.manual_seed(0)
    x = torch.randn(4, 2, frames, 3, dtype=torch.float64, requires_grad=True)
    out = conv(x)
    assert taken
    with torch.no_grad():
        torch.testing.assert_close(conv(x), out)
    assert len(taken) == 1
    names = [name for name, _ in conv.named_parameters()]

    def functional(x, *parameters):
        state = dict(zip(names, parameters, strict=True))
        return torch.func.functional_call(conv, state, (x,))

    inputs = (x, *conv.parameters())
    assert torch.autograd.gradcheck(functional, inputs, fast_mode=True)
    factor = torch.randn_like(out)
    ours = torch.autograd.grad((out * factor).sum(), inputs)
    monkeypatch.setattr(temporal_conv, "MIN_CHANNELS_FOR_CUSTOM_BACKWARD", 64)
    theirs = torch.autograd.grad((conv(x) * factor).sum(), inputs)
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize("frozen", ["input", "weight", "bias"])
def test_wide_layers_that_learn_in_part(frozen):
    conv, x = TemporalConv(64, 64, 5), torch.randn(6, 12, 64, requires_grad=True)
    tensors = {"input": x, "weight": conv.weight, "bias": conv.bias}
    tensors[frozen].requires_grad_(False)
    learned = [t for t in tensors.values() if t.requires_grad]
    ours = torch.autograd.grad(conv(x).square().sum(), learned)
    h = torch.nn.functional.conv1d(x.transpose(1, 2), conv.weight, conv.bias, padding=2)
    theirs = torch.autograd.grad(h.square().sum(), learned)
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-2)


def test_wide_layers_under_autocast_compiled_and_saved():
    x = torch.randn(6, 12, 64)
    assert_autocast(TemporalConv(64, 64, 5), x)
    assert_all_parameters_get_gradients(TemporalConv(64, 128, 5, bias=False), x)
    compiled = torch.compile(TemporalConv(64, 64, 5), backend="eager", fullgraph=True)
    torch.testing.assert_close(compiled(x), compiled._orig_mod(x), rtol=1e-4, atol=1e-5)
