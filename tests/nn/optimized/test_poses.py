import copy

import pytest
import torch

from pyg_skeleton.nn import ChannelBatchNorm, NonLocal
from pyg_skeleton.nn.optimized import Affine, form
from pyg_skeleton.nn.optimized.poses import GroupAttention
from pyg_skeleton.testing import random_skeleton

UNEVEN = [["joint_0"], ["joint_1", "joint_2", "joint_3", "joint_4"], ["joint_5", "joint_6"]]
UNEVEN += [["joint_8", "joint_7"]]


@pytest.mark.parametrize("hidden", [None, 5])
@pytest.mark.parametrize("groups", ["pairs", "none", UNEVEN], ids=["pairs", "none", "uneven"])
def test_equals_the_layer(check_form, bodies, skeleton, groups, hidden):
    layer = NonLocal(8, skeleton, hidden, groups)
    own = check_form(layer, *bodies(9, 8), channels=8)
    assert isinstance(own, GroupAttention)
    # All maps of joints are one, and so are those of groups.
    width = 2 * layer.hidden_channels + 1
    assert own.joint_maps.shape == (width, 8)
    assert own.group_maps.shape == (9, width)
    assert not any(parameter.requires_grad for parameter in own.parameters())


@pytest.mark.parametrize("size", [1, 2, 3])
def test_small_bodies(check_form, bodies, size):
    check_form(NonLocal(4, random_skeleton(size, seed=1)), *bodies(size, 4))


def test_more_dimensions_and_any_memory_layout(check_form, skeleton):
    deep = torch.randn(2, 3, 18, 8, dtype=torch.double).movedim(2, 0)
    columns = torch.randn(8, 18, dtype=torch.double).t()
    frames = torch.randn(5, 18, 8, dtype=torch.double).transpose(0, 1)
    check_form(NonLocal(8, skeleton), deep, columns, frames)


def test_constants_are_computed_once(trained, skeleton):
    layer, x = trained(NonLocal(8, skeleton)), torch.randn(18, 8, dtype=torch.double)
    own, before = form(copy.deepcopy(layer)), layer(x)
    assert not {"theta", "affinity", "norm"}.intersection(dict(own.named_modules()))
    assert own.joint_bias.numel() == 9  # a key, a value, and the share of a joint in its affinity
    torch.testing.assert_close(own(x), before)


def test_a_norm_behind_is_not_lost(trained, skeleton):
    """Behind the residual, where no map can take it in."""
    layer, norm = trained(NonLocal(4, skeleton)), trained(ChannelBatchNorm(4))
    x = torch.randn(9, 4, dtype=torch.double)
    own = form(copy.deepcopy(layer), Affine.of(norm))
    torch.testing.assert_close(own(x), norm(layer(x)))
