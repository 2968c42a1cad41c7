import pytest
import torch

from pyg_skeleton.nn import STGCNBlock
from pyg_skeleton.nn.norm import ChannelBatchNorm


class Times(torch.nn.Module):
    """Multiplies, in the place of a convolution."""

    in_channels = out_channels = 4

    def forward(self, x):
        return 3 * x


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("residual", [True, False])
def test_a_block_is_the_printed_equation(stride, residual):
    block = STGCNBlock(Times(), 3, stride, dropout=0.5, residual=residual).eval()
    for norm in block.modules():
        if isinstance(norm, ChannelBatchNorm):
            torch.nn.init.normal_(norm.weight)
            torch.nn.init.normal_(norm.bias)
    x = torch.randn(6, 7, 4)
    out = block.temporal_norm(block.temporal(block.norm(3 * x).relu()))
    out = out + block.residual(x) if residual else out
    torch.testing.assert_close(block(x.clone()), out.relu())
    assert out.shape == (6, -(-7 // stride), 4)
    plain = stride == 1 and residual
    assert isinstance(block.residual, torch.nn.Identity) == plain
