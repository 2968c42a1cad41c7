import torch

from pyg_skeleton.nn import ChannelBatchNorm, JGTCBlock, PGTCBlock, TemporalConv
from pyg_skeleton.nn.blocks.gtc_block import GTCBlock


def test_both_scales_differ_in_the_graph_convolution_only(skeleton):
    joints, parts = JGTCBlock(4, 5, 8, skeleton, actional=False), PGTCBlock(4, 5, 8, skeleton)
    assert isinstance(joints, GTCBlock)
    assert isinstance(parts, GTCBlock)
    parts.load_state_dict({k: v for k, v in joints.state_dict().items() if "edge" not in k}, False)
    x, h = torch.randn(9, 6, 4), torch.randn(9, 6, 5)
    torch.testing.assert_close(joints._after_conv(x, h), parts._after_conv(x, h))


def test_parts_of_a_block(skeleton):
    block = PGTCBlock(4, 5, 8, skeleton, kernel_size=7, stride=2)
    assert isinstance(block.conv_norm, ChannelBatchNorm)
    assert block.conv_norm.num_features == 5
    assert isinstance(block.temporal, TemporalConv)
    assert block.temporal.weight.shape == (8, 5, 7)
    assert block.residual[0].weight.shape == (8, 4, 1)
    assert block.residual[0].stride == (2,)
