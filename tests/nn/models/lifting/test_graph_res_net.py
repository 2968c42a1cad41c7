"""The residual network with a user's convolution."""

import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.nn import NonLocal, SemGConv
from pyg_skeleton.nn.models import GraphResNet, SemGCN
from pyg_skeleton.skeleton import Skeleton

BODY = Skeleton.get("h36m16")


class Alone(torch.nn.Linear):
    """A layer in which no joint sees another."""

    @property
    def out_channels(self):
        return self.out_features


class Net(GraphResNet):
    def make_conv(self, in_channels, out_channels, last=False):
        return Alone(in_channels, out_channels)


def batch():
    torch.manual_seed(0)
    return next(iter(SkeletonLoader([BODY.to_data(torch.randn(16, 2)) for _ in range(3)], 3)))


def test_units_blocks_and_the_last_layer():
    model, data = Net(BODY, hidden_channels=8, num_blocks=2).eval(), batch()
    unit = lambda u, x: u.norm(u.conv(x)).relu()  # noqa: E731
    h = unit(model.input, data.x)
    for block in model.blocks:
        h = h + unit(block[1], unit(block[0], h))
    torch.testing.assert_close(model(data), model.output(h))
    assert model(data).shape == (48, 3)
    assert not any(isinstance(m, NonLocal) for m in model.modules())


def test_a_non_local_layer_behind_the_unit_and_each_block():
    model, data = Net(BODY, hidden_channels=8, num_blocks=2, non_local=True), batch()
    layers = [m for m in model.modules() if isinstance(m, NonLocal)]
    assert len(layers) == 3
    for layer in layers:  # which else start as the identity
        torch.nn.init.ones_(layer.norm.weight)
    x = data.x.requires_grad_()
    model(data)[0].sum().backward()
    seen = x.grad.view(3, 16, 2).abs().sum((1, 2))
    assert (x.grad[:16].abs().sum(1) > 0).all()  # through them, joints see each other
    assert seen[0] > 0


def test_the_convolution_is_an_argument():
    torch.manual_seed(0)
    model = GraphResNet("h36m16", hidden_channels=8, num_blocks=2, conv=SemGConv, non_local=True)
    torch.manual_seed(0)
    own = SemGCN("h36m16", hidden_channels=8, num_blocks=2)
    assert {name for name, _ in model.named_parameters()} == {n for n, _ in own.named_parameters()}
    assert model(batch()).shape == (48, 3)
    with pytest.raises(ValueError, match="expected conv, a graph convolution for GraphResNet"):
        GraphResNet("h36m16")
