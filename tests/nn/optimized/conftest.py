"""Layers as after training, and the answers of their optimized forms."""

import copy

import pytest
import torch
from torch.nn.modules.batchnorm import _BatchNorm
from torch_geometric.nn import MessagePassing

from pyg_skeleton.nn import ChannelBatchNorm
from pyg_skeleton.nn.conv.skeleton_conv import SkeletonConv
from pyg_skeleton.nn.optimized import Affine, form
from pyg_skeleton.testing import assert_close


@pytest.fixture
def trained():
    """Gives a module weights and statistics as after training, in double precision."""

    def change(module):
        for parameter in module.parameters():
            torch.nn.init.normal_(parameter, std=0.7)
        for norm in module.modules():
            if isinstance(norm, _BatchNorm) and norm.track_running_stats:
                norm.running_mean.normal_()
                norm.running_var.uniform_(0.2, 2)
        return module.double().eval()

    return change


@pytest.fixture
def check_form(trained):
    """Compares the form of a layer with the layer, message by message, alone and in front of a
    norm; returns the form.
    """

    def check(layer, *inputs, channels=None):
        layer = trained(layer)
        for module in layer.modules():
            if isinstance(module, SkeletonConv):
                module.fuse = False
        norm = None if channels is None else trained(ChannelBatchNorm(channels))
        with torch.no_grad():
            for x in inputs:
                expected = layer(x)
                own = form(copy.deepcopy(layer))
                assert_close(own(x), expected, "the form differs", 1e-11, 1e-11)
                single = form(copy.deepcopy(layer).float())(x.float())
                error = (single.double() - expected).abs().max()
                assert single.dtype == torch.float
                assert error < 1e-4 * expected.abs().max()
                if norm is not None:
                    behind = form(copy.deepcopy(layer), Affine.of(norm))
                    assert_close(behind(x), norm(expected), "with a norm", 1e-11, 1e-11)
        assert not any(isinstance(module, (MessagePassing, _BatchNorm)) for module in own.modules())
        return own

    return check


@pytest.fixture
def bodies():
    """Makes poses and clips of one and of three bodies, the latter of one and of seven frames."""

    def make(num_nodes, channels, poses=True, clips=True):
        sizes = [(), (1,), (7,)][0 if poses else 1 : 3 if clips else 1]
        return [
            torch.randn(copies * num_nodes, *size, channels, dtype=torch.double)
            for size in sizes
            for copies in (1, 3)
        ]

    return make
