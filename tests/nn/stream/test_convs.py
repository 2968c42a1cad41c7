"""Convolutions over time, frame by frame and of whole clips."""

import pytest
import torch
from torch import nn

from pyg_skeleton.nn import ChannelBatchNorm, MultiScaleTemporalConv, TemporalConv
from pyg_skeleton.nn.optimized.forms import Affine
from pyg_skeleton.nn.stream.convs import (
    FrameConv,
    FrameMultiScaleConv,
    due_frames,
    frame_conv,
)
from pyg_skeleton.nn.stream.memory import Clock, NotDue, Rate

#: How many frames are computed at a time.
SIZES = [(1,), (3, 1, 2)]
NOW = Rate()


def assert_same(outputs, expected, first):
    """Compares outputs by frame with those ``[N, T, C]`` of frames from the first one on."""
    for t in range(expected.size(1)):
        torch.testing.assert_close(outputs[first + t], expected[:, t])


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize(("kernel_size", "dilation"), [(1, 1), (3, 1), (5, 1), (3, 4)])
def test_temporal_conv(shaken, frame_by_frame, kernel_size, dilation, sizes):
    conv = TemporalConv(3, 4, kernel_size, dilation=dilation, bias=dilation == 1, valid=True)
    norm = ChannelBatchNorm(4)
    whole, clock = shaken(nn.Sequential(conv, norm)), Clock(most=3)
    x = torch.randn(6, 20, 3, dtype=torch.double)
    for after, expected in ((Affine.of(norm), whole(x)), (None, conv(x))):
        layer = frame_conv(conv, after, clock, NOW, 1)
        assert isinstance(layer, FrameConv)
        assert_same(frame_by_frame(layer, clock, x, sizes), expected, 2 * conv.reach + 1)


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("activation", [False, True])
@pytest.mark.parametrize("dilations", [(1, 2), (3,), (1, 2, 4)])
def test_multi_scale_conv(shaken, frame_by_frame, dilations, activation, sizes):
    """Also where the norm behind a maximum has a negative factor."""
    channels, options = 4 * (len(dilations) + 2), {"activation": activation, "valid": True}
    whole = shaken(MultiScaleTemporalConv(5, channels, 5, dilations=dilations, **options))
    assert whole.norm.weight.view(-1, 4)[-2].min() < 0 < whole.norm.weight.max()
    clock = Clock(most=3)
    layer = frame_conv(whole, None, clock, NOW, 1)
    assert isinstance(layer, FrameMultiScaleConv)
    x = torch.randn(6, 40, 5, dtype=torch.double)
    assert_same(frame_by_frame(layer, clock, x, sizes), whole(x), 2 * whole.reach + 1)


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("every", [1, 2, 3, 4])
@pytest.mark.parametrize("kind", [TemporalConv, MultiScaleTemporalConv])
def test_strides_count_from_the_present_frame(shaken, frame_by_frame, kind, every, sizes):
    """Behind a stride of two, a layer sees every second frame before that of the answer."""
    one = TemporalConv(3, 4, 3, stride=2, valid=True)
    two = kind(4, 8, 3, valid=True)
    whole = shaken(nn.Sequential(one, two))
    clock, rate = Clock(most=3), NOW.after(2, every)
    first, second = frame_conv(one, None, clock, NOW, rate.period), None
    after = rate.after(1, every)
    second = frame_conv(two, None, clock, rate, after.period)
    x = torch.randn(6, 30, 3, dtype=torch.double)
    between = frame_by_frame(first, clock, x, sizes, due=rate.period)
    assert sorted(between) == list(range(rate.period, 31, rate.period))
    h = torch.zeros(6, 30, 4, dtype=torch.double)
    for frame, value in between.items():
        h[:, frame - 1] = value
    outputs = frame_by_frame(second, clock, h, sizes, rate.period, after.period)
    field = 3 + 2 * 2 * two.reach
    for frame in range(field, 31):
        if frame % every == 0:
            expected = whole(x[:, frame - field : frame])
            assert expected.size(1) == 1
            torch.testing.assert_close(outputs[frame], expected[:, 0])


def test_no_output_is_due_but_the_frame_is_kept():
    clock, conv = Clock(), TemporalConv(1, 1, 3, bias=False, valid=True)
    nn.init.ones_(conv.weight)
    layer = FrameConv(conv, None, clock, NOW, 2)
    outputs = []
    for clock.now in range(1, 7):
        x = torch.full((1, 1, 1), float(clock.now))
        if clock.now % 2:
            with pytest.raises(NotDue):
                layer(x)
        else:
            outputs.append(layer(x).item())
    assert outputs[1:] == [2 + 3 + 4, 4 + 5 + 6]


def test_due_frames():
    clock = Clock()
    clock.now, clock.count = 7, 4
    assert due_frames(clock, 2) == [4, 6]
    clock.count = 1
    with pytest.raises(NotDue):
        due_frames(clock, 2)


@pytest.mark.parametrize("sizes", SIZES)
def test_layers_in_a_row(shaken, frame_by_frame, sizes):
    """Norms behind convolutions are folded in, others stay, and so does what has no weights."""
    parts = [ChannelBatchNorm(3), TemporalConv(3, 4, 3, valid=True), ChannelBatchNorm(4), nn.ReLU()]
    parts += [nn.Dropout(0.5), MultiScaleTemporalConv(4, 8, 3, valid=True), ChannelBatchNorm(8)]
    parts += [nn.Sequential(nn.Identity(), TemporalConv(8, 2, 1))]
    norm = shaken(ChannelBatchNorm(2))
    whole, clock = shaken(nn.Sequential(*parts)), Clock(most=3)
    layer = frame_conv(whole, Affine.of(norm), clock, NOW, 1)
    assert not any(isinstance(m, nn.BatchNorm1d) for m in layer.modules())
    x = torch.randn(6, 20, 3, dtype=torch.double)
    assert_same(frame_by_frame(layer, clock, x, sizes), norm(whole(x)), 1 + 2 + 4)


def test_the_layer_itself_does_not_change(shaken, frame_by_frame):
    whole = shaken(nn.Sequential(TemporalConv(3, 4, 3), ChannelBatchNorm(4)))
    before = {name: value.clone() for name, value in whole.state_dict().items()}
    clock = Clock()
    layer = frame_conv(whole, None, clock, NOW, 1)
    assert layer.state_dict().keys() == {"0.weight", "0.bias"}
    assert not any(p.requires_grad for p in layer.parameters())
    frame_by_frame(layer, clock, torch.randn(2, 5, 3, dtype=torch.double))
    for name, value in whole.state_dict().items():
        assert torch.equal(value, before[name])
    assert [type(m) for m in whole] == [TemporalConv, ChannelBatchNorm]


@pytest.mark.parametrize("kind", [TemporalConv, MultiScaleTemporalConv])
def test_memory_of_constant_size(frame_by_frame, kind):
    clock = Clock(most=4)
    layer = frame_conv(kind(4, 8, 5).eval(), None, clock, Rate(2, 3), 2)
    length = 4 * 3 + 1 if kind is TemporalConv else 2 * 4 * 3 + 1  # two dilations
    frame_by_frame(layer, clock, torch.randn(6, 2, 4), (2,), period=2, due=2)
    value = layer.ring.value
    assert value.size(1) == length + 3 // 2
    frame_by_frame(layer, clock, torch.randn(6, 300, 4), (4, 1), period=2, due=2)
    assert layer.ring.value is value


def test_layers_without_a_form():
    for layer in (nn.GRU(4, 4), nn.Sequential(nn.ReLU(), nn.Sequential(nn.GRU(4, 4)))):
        with pytest.raises(TypeError, match=r"^GRU has no form frame by frame$"):
            frame_conv(layer, None, Clock(), NOW, 1)
