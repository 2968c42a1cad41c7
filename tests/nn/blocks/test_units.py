import torch

from pyg_skeleton.nn import GraphUnit, HopUnit, ResidualBlock, SemGConv
from pyg_skeleton.skeleton import Skeleton

SKELETON = Skeleton.get("h36m16")


def test_units_are_convolution_norm_and_activation():
    x = torch.randn(32, 4)
    for kind, slope in ((GraphUnit, 0.0), (HopUnit, 0.2)):
        unit = kind(SemGConv(4, 8, SKELETON), dropout=0.5).eval()
        h = unit.norm(unit.conv(x))
        torch.testing.assert_close(unit(x), torch.where(h > 0, h, slope * h))


def test_units_drop_features_in_training():
    unit = GraphUnit(SemGConv(4, 64, SKELETON), dropout=0.9)
    assert (unit(torch.randn(32, 4)) == 0).float().mean() > 0.8


def test_a_block_adds_its_input_and_hands_its_edges_on():
    block = ResidualBlock(*(GraphUnit(SemGConv(4, 4, SKELETON)) for _ in range(2))).eval()
    x, edges = torch.randn(16, 4), SKELETON.edge_index()[:, 4:]
    expected = x + block[1](block[0](x, edges), edges)
    torch.testing.assert_close(block(x, edges), expected)
    assert not torch.allclose(block(x), expected, atol=1e-4)


def test_fewer_frames_are_those_in_the_middle():
    class Middle(torch.nn.Module):
        def forward(self, x):
            return 2 * x[:, 2:-2]

    x = torch.randn(16, 9, 4)
    torch.testing.assert_close(ResidualBlock(Middle())(x), 3 * x[:, 2:-2])
