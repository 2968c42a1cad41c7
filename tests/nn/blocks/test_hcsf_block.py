import pytest
import torch

from pyg_skeleton.nn import DynamicHCSFConv, HCSFBlock, HCSFConv
from pyg_skeleton.nn.blocks.hcsf_block import make_hop_conv
from pyg_skeleton.nn.models import SkeletalGNNClassifier
from pyg_skeleton.skeleton import Skeleton


def test_a_block_is_the_printed_equation():
    skeleton = Skeleton.get("ntu25")
    block = HCSFBlock(HCSFConv(4, 8, skeleton), kernel_size=3, stride=2).eval()
    x = torch.randn(50, 7, 4)
    h = block.conv_norm(block.conv(x)).relu()
    expected = block.temporal_norm(block.temporal(h)).relu() + block.residual(x)
    torch.testing.assert_close(block(x), expected)
    assert expected.shape == (50, 4, 8)


@pytest.mark.parametrize("dynamic", [True, False])
def test_the_convolution_of_a_network(dynamic):
    model = SkeletalGNNClassifier(
        "ntu25", 3, channels=(8,), strides=(1,), dynamic=dynamic, short_range=2, fusion="add"
    )
    conv = make_hop_conv(4, 8, model.skeleton, model.config)
    assert type(conv) is (DynamicHCSFConv if dynamic else HCSFConv)
    assert (conv.in_channels, conv.out_channels, conv.short_range) == (4, 8, 2)
    assert type(model.blocks[0].conv) is type(conv)
