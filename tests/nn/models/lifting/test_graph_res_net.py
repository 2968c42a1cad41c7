"""The residual network with a convolution of one's own."""

import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.nn import NonLocal
from pyg_skeleton.nn.models import GraphResNet
from pyg_skeleton.skeleton import Skeleton

BODY = Skeleton.get("h36m16")


class Alone(torch.nn.Linear):
    """A layer in which no joint sees another."""

    @property
    def out_channels(self):
        return self.out_features


class Net(GraphResNet):
    def __init__(self, non_local):
        config = {"non_local": non_local}
        super().__init__(BODY, config, 2, 3, 8, 2, non_local, "pairs", 0.0)

    def conv(self, in_channels, out_channels, last=False):
        return Alone(in_channels, out_channels)


def batch():
    torch.manual_seed(0)
    return next(iter(SkeletonLoader([BODY.to_data(torch.randn(16, 2)) for _ in range(3)], 3)))


def test_units_blocks_and_the_last_layer():
    model, data = Net(non_local=False).eval(), batch()
    unit = lambda u, x: u.norm(u.conv(x)).relu()  # noqa: E731
    h = unit(model.input, data.x)
    for block in model.blocks:
        h = h + unit(block[1], unit(block[0], h))
    torch.testing.assert_close(model(data), model.output(h))
    assert model(data).shape == (48, 3)
    assert not any(isinstance(m, NonLocal) for m in model.modules())


def test_a_non_local_layer_behind_the_unit_and_each_block():
    model, data = Net(non_local=True), batch()
    layers = [m for m in model.modules() if isinstance(m, NonLocal)]
    assert len(layers) == 3
    for layer in layers:  # which else start as the identity
        torch.nn.init.ones_(layer.norm.weight)
    x = data.x.requires_grad_()
    model(data)[0].sum().backward()
    seen = x.grad.view(3, 16, 2).abs().sum((1, 2))
    assert (x.grad[:16].abs().sum(1) > 0).all()  # through them, joints see each other
    assert seen[0] > 0
