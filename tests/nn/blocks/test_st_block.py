import pytest
import torch
from torch import nn

from pyg_skeleton.nn import ChannelBatchNorm, TemporalConv
from pyg_skeleton.nn.blocks.st_block import STBlock, projection


class Times(nn.Module):
    """Multiplies, in the place of a convolution; twice as many channels."""

    in_channels, out_channels = 2, 4

    def forward(self, x):
        return torch.cat([3 * x, -x], dim=-1)


def test_projections_are_there_where_shapes_change():
    assert isinstance(projection(4, 4), nn.Identity)
    assert [type(m) for m in projection(4, 4, stride=2)] == [TemporalConv, ChannelBatchNorm]
    assert projection(2, 5, stride=2)(torch.rand(6, 7, 2)).shape == (6, 4, 5)


@pytest.mark.parametrize("residual", [True, False])
def test_a_block_is_the_printed_equation(residual):
    block = STBlock(Times(), TemporalConv(4, 4, 3, stride=2), 2, residual, nn.Tanh()).eval()
    for norm in block.modules():
        if isinstance(norm, ChannelBatchNorm):
            for p in norm.parameters():
                nn.init.normal_(p)
    x = torch.randn(6, 7, 2)
    h = (block.norm(block.conv(x)) + block.down(x)).relu().tanh()
    expected = block.temporal(h) + (block.residual(x) if residual else 0)
    torch.testing.assert_close(block(x), expected.relu())


def test_a_block_starts_without_its_graph():
    block = STBlock(Times(), nn.Identity(), residual=False)
    assert block.norm.weight.detach().eq(1e-6).all()
    x = torch.randn(6, 7, 2)
    torch.testing.assert_close(block(x), block.down(x).relu(), atol=1e-4, rtol=0)


def test_initialization_has_the_spread_of_the_outputs():
    layer = nn.Conv1d(3, 200, 9)
    STBlock(Times(), nn.Sequential(layer)).reset_fan_out()
    assert layer.weight.std().item() == pytest.approx((2 / (200 * 9)) ** 0.5, rel=0.05)
    assert not layer.bias.any()
