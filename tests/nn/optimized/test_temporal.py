import copy

import pytest
import torch
from torch.nn.functional import conv1d, max_pool1d

from pyg_skeleton.nn import ChannelBatchNorm, MultiScaleTemporalConv, TemporalConv
from pyg_skeleton.nn.optimized import Affine, form
from pyg_skeleton.nn.optimized.temporal import FrameConv, MultiScaleConv


def clips(channels):
    """Of even and odd lengths, shorter than a kernel too."""
    return [torch.randn(6, frames, channels, dtype=torch.double) for frames in (1, 2, 9, 16)]


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("steps", [(1, 1), (2, 1), (1, 3), (3, 2)], ids=str)
@pytest.mark.parametrize("kernel_size", [1, 3, 9])
def test_temporal_conv(check_form, kernel_size, steps, bias):
    layer = TemporalConv(4, 6, kernel_size, *steps, bias=bias)
    own = check_form(layer, *clips(4), channels=6)
    assert isinstance(own, FrameConv)
    assert own.weight.dim() == (2 if kernel_size == 1 else 4)
    assert not any(parameter.requires_grad for parameter in own.parameters())
    x = torch.randn(5, 9, 4, dtype=torch.double)
    padding = (kernel_size - 1) // 2 * steps[1]
    expected = conv1d(x.transpose(1, 2), layer.weight, layer.bias, steps[0], padding, steps[1])
    torch.testing.assert_close(own(x), expected.transpose(1, 2))


def test_temporal_conv_without_padding(check_form):
    for kernel_size, stride, dilation in ((3, 1, 1), (5, 2, 1), (3, 2, 2), (1, 2, 1)):
        layer = TemporalConv(4, 6, kernel_size, stride, dilation, valid=True)
        inputs = [torch.randn(6, frames, 4, dtype=torch.double) for frames in (5, 8, 13)]
        own = check_form(layer, *inputs, channels=6)
        left = 13 - (kernel_size - 1) * dilation
        assert own(inputs[-1]).size(1) == -(-left // stride)


def test_more_dimensions_and_any_memory_layout(check_form):
    deep = torch.randn(6, 2, 3, 9, 4, dtype=torch.double)
    other = torch.randn(4, 9, 6, dtype=torch.double).permute(2, 1, 0)
    for kernel_size in (1, 5):
        check_form(TemporalConv(4, 6, kernel_size, 2), deep, other, channels=6)


@pytest.mark.parametrize("valid", [False, True], ids=["padded", "valid"])
@pytest.mark.parametrize("activation", [False, True], ids=["linear", "relu"])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("dilations", [(1, 2), (3,), (1, 2, 4)], ids=str)
def test_multi_scale(check_form, dilations, stride, activation, valid):
    width = 2 * (len(dilations) + 2)
    layer = MultiScaleTemporalConv(5, width, 3, stride, dilations, activation, valid)
    inputs = [torch.randn(6, frames, 5, dtype=torch.double) for frames in (9, 16)]
    own = check_form(layer, *inputs, *([] if valid else clips(5)), channels=width)
    if not valid:
        expected = branches(layer, inputs[0])
        torch.testing.assert_close(form(copy.deepcopy(layer))(inputs[0]), expected)
    assert isinstance(own, MultiScaleConv)


def branches(layer, x):
    """The layer in evaluation mode, branch by branch, with PyTorch's functions."""

    def normalized(norm, h):
        scale = norm.weight / (norm.running_var + norm.eps).sqrt()
        return (h - norm.running_mean) * scale + norm.bias

    w, s = layer.width, layer.stride
    h = normalized(layer.squeeze_norm, layer.squeeze(x)).relu().transpose(1, 2)
    out = [
        conv1d(h[:, k * w : k * w + w], conv.weight, conv.bias, s, conv.reach, conv.dilation)
        for k, conv in enumerate(layer.convs)
    ]
    out += [max_pool1d(h[:, -w:], 3, s, 1), layer.point(x[:, ::s]).transpose(1, 2)]
    out = normalized(layer.norm, torch.cat(out, dim=1).transpose(1, 2))
    return out.relu() if layer.activation else out


@pytest.mark.parametrize("sign", [1, 0, -1])
@pytest.mark.parametrize("stride", [1, 2])
def test_the_norm_behind_the_maximum(trained, sign, stride):
    """Its factors of either sign, or none, are part of what is in front of the maximum."""
    layer = trained(MultiScaleTemporalConv(5, 8, stride=stride))
    with torch.no_grad():
        layer.norm.weight[4:6] = sign * torch.tensor([0.5, 2.0]).double()
    own, x = form(copy.deepcopy(layer)), torch.randn(6, 7, 5, dtype=torch.double)
    assert own.flips is (sign < 0)
    torch.testing.assert_close(own(x), branches(layer, x))
    with torch.no_grad():
        layer.norm.weight[5] *= -1
    torch.testing.assert_close(form(copy.deepcopy(layer))(x), branches(layer, x))


def test_the_layer_keeps_its_weights(trained):
    layer = trained(MultiScaleTemporalConv(5, 8))
    before, x = copy.deepcopy(layer.state_dict()), torch.randn(6, 7, 5, dtype=torch.double)
    own = form(layer, Affine.of(trained(ChannelBatchNorm(8))))
    own(x).add_(1)
    after = layer.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())


def test_the_input_is_not_changed(trained):
    for layer in (MultiScaleTemporalConv(5, 8, activation=True), TemporalConv(5, 8, 1)):
        own, x = form(trained(layer)), torch.randn(6, 7, 5, dtype=torch.double)
        before = x.clone()
        own(x)
        assert torch.equal(x, before)
