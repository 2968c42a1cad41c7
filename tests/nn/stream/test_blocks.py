"""Blocks of networks, frame by frame and of whole clips."""

import pytest
import torch
from torch import nn

from pyg_skeleton.nn import AdaptiveGraphConv, HCSFConv, SpatialGraphConv, TemporalConv
from pyg_skeleton.nn.blocks import HCSFBlock, STBlock, STCAttention, STGCNBlock
from pyg_skeleton.nn.norm import ChannelBatchNorm
from pyg_skeleton.nn.stream.blocks import (
    Delayed,
    FrameBlock,
    FrameSTBlock,
    frame_block,
    shallow_copy,
)
from pyg_skeleton.nn.stream.memory import Clock, NotDue, Rate

#: How many frames are computed at a time.
SIZES = [(1,), (3, 1, 2)]
#: The frames that an output depends on: the convolutions over time of the tests see five.
FIELD = 5


class OwnBlock(STBlock):
    """A block of a user's own, whose forward pass is taken as it is."""

    def forward(self, x, edges=None):
        return 2 * super().forward(x, edges)


def st(kind, skeleton, channels, stride, residual):
    temporal = nn.Sequential(
        TemporalConv(8, 8, FIELD, stride, valid=True), ChannelBatchNorm(8), nn.Dropout(0.5)
    )
    return kind(SpatialGraphConv(channels, 8, skeleton), temporal, stride, residual)


def st_gcn(skeleton, channels, stride, residual):
    conv = SpatialGraphConv(channels, 8, skeleton)
    return STGCNBlock(conv, FIELD, stride, dropout=0.5, residual=residual, valid=True)


BLOCKS = {
    "agcn": lambda *args: st(STBlock, *args),
    "of a user": lambda *args: st(OwnBlock, *args),
    "st_gcn": st_gcn,
}


def clip(channels, frames=20):
    return torch.randn(2 * 9, frames, channels, dtype=torch.double)


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize(
    ("channels", "stride", "residual"), [(8, 1, True), (3, 1, True), (3, 2, True), (3, 1, False)]
)
@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_is_the_same(
    shaken, skeleton, frame_by_frame, name, channels, stride, residual, sizes
):
    """With an answer at each frame, a stride yields the outputs of all its phases."""
    block, clock = shaken(BLOCKS[name](skeleton, channels, stride, residual)), Clock(most=3)
    layer = frame_block(block, clock, Rate(), 1, 8, 2)
    assert (type(layer) is FrameSTBlock) == (name == "agcn")
    x = clip(channels)
    with torch.no_grad():
        outputs = frame_by_frame(layer, clock, x.clone(), sizes)
        for frame in range(FIELD, 21):
            expected = block(x[:, frame - FIELD : frame])
            assert expected.size(1) == 1
            torch.testing.assert_close(outputs[frame], expected[:, 0])


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("name", BLOCKS)
def test_behind_a_stride(shaken, skeleton, frame_by_frame, name, stride, sizes):
    """The inputs that a block sees are two frames apart, and its answers four."""
    block, clock = shaken(BLOCKS[name](skeleton, 3, stride, True)), Clock(most=3)
    x = clip(3, 24)
    for rate in (Rate(1, 2), Rate(2, 1)):
        layer = frame_block(block, clock, rate, 4, 8, 2)
        with torch.no_grad():
            outputs = frame_by_frame(layer, clock, x.clone(), sizes, rate.period, 4)
            assert sorted(outputs) == [4, 8, 12, 16, 20, 24]
            for frame in (12, 16, 20, 24):
                expected = block(x[:, frame - 2 * FIELD + 1 : frame : 2])
                torch.testing.assert_close(outputs[frame], expected[:, 0])


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("channels", [3, 8])
def test_a_padded_block_is_the_same_inside_a_clip(
    shaken, skeleton, frame_by_frame, channels, sizes
):
    """Outputs come two frames later."""
    block, clock = shaken(HCSFBlock(HCSFConv(channels, 8, skeleton), FIELD)), Clock(most=3)
    layer = frame_block(block, clock, Rate(), 1, 8, 2)
    x = clip(channels)
    with torch.no_grad():
        outputs, expected = frame_by_frame(layer, clock, x.clone(), sizes), block(x)
    for frame in range(FIELD, 21):
        torch.testing.assert_close(outputs[frame], expected[:, frame - 3])


@pytest.mark.parametrize("name", BLOCKS)
def test_frames_are_kept_where_no_output_is_due(shaken, skeleton, name):
    block, clock = shaken(BLOCKS[name](skeleton, 8, 1, True)), Clock()
    layer = frame_block(block, clock, Rate(), 5, 8, 2)
    x = clip(8, 5)
    with torch.no_grad():
        for clock.now in range(1, 5):
            with pytest.raises(NotDue):
                layer(x[:, clock.now - 1 : clock.now])
        clock.now = 5
        torch.testing.assert_close(layer(x[:, 4:]), block(x))


def test_graphs_are_those_of_the_last_frames(shaken, skeleton, frame_by_frame):
    """The numbers of frames and inputs reach the graph convolution."""
    conv = AdaptiveGraphConv(3, 8, skeleton)
    block = shaken(STBlock(conv, nn.Identity()))
    clock, x = Clock(), clip(3, 12)
    layer = frame_block(block, clock, Rate(), 1, 6, 3)
    with torch.no_grad():
        last = frame_by_frame(layer, clock, x, (1,))[12]
        # Graphs of the frames 9 and 12, with the last frame.
        products = [conv.similarity(x[:, t : t + 1]) for t in (8, 11)]
        mean = torch.stack(products).mean(0) / conv.similarity.hidden_channels
        conv.adjacency = lambda x: conv.graphs(mean)
        torch.testing.assert_close(last, block(x[:, 11:])[:, 0])


@pytest.mark.parametrize("name", BLOCKS)
def test_memory_of_constant_size(skeleton, frame_by_frame, name):
    block, clock = BLOCKS[name](skeleton, 3, 1, True).double().eval(), Clock(most=4)
    layer = frame_block(block, clock, Rate(), 1, 8, 2)
    rings = [m for m in layer.modules() if hasattr(m, "value")]
    assert sorted(ring.length for ring in rings) == [3 + 3, 5 + 3]
    with torch.no_grad():
        frame_by_frame(layer, clock, clip(3, 2))
        values = [ring.value for ring in rings]
        frame_by_frame(layer, clock, clip(3, 200), (4, 1))
    assert all(ring.value is value for ring, value in zip(rings, values, strict=True))


@pytest.mark.parametrize("name", BLOCKS)
def test_the_block_itself_does_not_change(shaken, skeleton, frame_by_frame, name):
    block = shaken(BLOCKS[name](skeleton, 3, 2, True))
    state = {key: value.clone() for key, value in block.state_dict().items()}
    layers, lost, clock = dict(block.named_modules()), block.lost, Clock()
    layer = frame_block(block, clock, Rate(), 1, 8, 2)
    with torch.no_grad():
        frame_by_frame(layer, clock, clip(3, 5))
    assert lost == block.lost == 2
    assert dict(block.named_modules()) == layers
    assert all(torch.equal(value, state[key]) for key, value in block.state_dict().items())
    assert all(p.requires_grad for p in block.parameters())
    assert layers["residual.0"].stride == (2,)
    assert not any(isinstance(m, nn.BatchNorm1d) for m in layer.modules())


def test_blocks_without_a_form(skeleton):
    block = st(STBlock, skeleton, 3, 1, True)
    block.attention = STCAttention(8, 9)
    arguments = Clock(), Rate(), 1, 8, 2
    with pytest.raises(TypeError, match=r"^STCAttention has no form frame by frame$"):
        frame_block(block, *arguments)
    with pytest.raises(TypeError, match=r"^Linear has no form frame by frame$"):
        frame_block(nn.Linear(3, 3), *arguments)
    block = st(STBlock, skeleton, 3, 1, True)
    block.temporal = nn.Sequential(nn.LSTM(8, 8))
    with pytest.raises(TypeError, match=r"^LSTM has no form frame by frame$"):
        FrameBlock(block, *arguments)


# Parts ############################################################################################


def test_a_delayed_residual(shaken):
    """The layers of a stride get only the frames of their outputs."""
    residual = shaken(nn.Sequential(TemporalConv(3, 8, 1, stride=2), ChannelBatchNorm(8)))
    clock, x = Clock(most=4), clip(3, 12)
    late, same = (Delayed(r, 2, clock, Rate(), 2) for r in (residual, nn.Identity()))
    for first in range(0, 12, 4):
        clock.now, clock.count = first + 4, 4
        for layer in (late, same):
            layer.ring.push(x[:, first : first + 4], clock.frames(1))
            frames = [f - 3 for f in clock.frames(2)]
            past = x[:, [max(f, 0) for f in frames]]
            expected = (
                past if layer is same else residual[1](residual[0](past.repeat_interleave(2, 1)))
            )
            torch.testing.assert_close(layer(x), expected)


def test_a_shallow_copy_shares_what_it_does_not_replace():
    module = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    other = shallow_copy(module)
    assert other[0] is module[0]
    other[1] = nn.Identity()
    assert isinstance(module[1], nn.ReLU)
    linear = shallow_copy(module[0])
    assert linear is not module[0]
    assert linear.weight is module[0].weight
