import pytest
import torch

from pyg_skeleton.nn import NonLocal
from pyg_skeleton.skeleton import Skeleton, node_groups
from pyg_skeleton.testing import (
    assert_fused_equals_propagate,
    max_activation_elements,
    random_skeleton,
)

UNEVEN = [["joint_0"], ["joint_1", "joint_2", "joint_3", "joint_4"], ["joint_5", "joint_6"]]
UNEVEN += [["joint_8", "joint_7"]]


def make(skeleton, channels=8, **kwargs):
    layer = NonLocal(channels, skeleton, **kwargs)
    for p in (layer.norm.weight, layer.norm.bias):
        torch.nn.init.normal_(p)
    for m in (layer.theta, layer.phi, layer.value, layer.out):
        torch.nn.init.normal_(m.bias)
    return layer


def reference(skeleton, groups):
    """Equations 4 and 10 on all pairs, with the projection of 2C' numbers to one."""

    def run(layer, x):
        ids = node_groups(skeleton, groups)
        out = []
        for pose in x.unflatten(0, (-1, skeleton.num_joints)):
            phi, value = layer.phi(pose), layer.value(pose)
            phi, value = (torch.stack([t[g].amax(0) for g in ids]) for t in (phi, value))
            theta = layer.theta(pose)
            rows = []
            for i in range(len(pose)):
                pairs = torch.cat([theta[i].expand_as(phi), phi], dim=-1)
                f = (pairs @ layer.affinity.weight[0]).relu()
                rows.append((f @ value) / len(ids))
            out.append(torch.stack(rows))
        h = layer.out(torch.cat(out))
        if layer.training:
            h = (h - h.mean(0)) / (h.var(0, unbiased=False) + layer.norm.eps).sqrt()
        else:
            mean, var = layer.norm.running_mean, layer.norm.running_var
            h = (h - mean) / (var + layer.norm.eps).sqrt()
        return x + h * layer.norm.weight + layer.norm.bias

    return run


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("groups", ["pairs", "none", UNEVEN], ids=["pairs", "none", "uneven"])
def test_equals_the_form_with_pairs(skeleton, assert_equals_reference, groups, training):
    layer = make(skeleton, groups=groups).double().train(training)
    assert_equals_reference(layer, reference(skeleton, groups), torch.randn(3 * 9, 8))


def test_the_measured_dense_form_is_the_same(lifting, h36m):
    for training in (False, True):
        layer = make(h36m).train(training)
        x = torch.randn(3 * 16, 8)
        expected = lifting.NonLocal(layer)(x.view(3, 16, 8)).flatten(0, 1)
        torch.testing.assert_close(layer(x), expected)


@pytest.mark.parametrize("layout", ["h36m17", "ntu25", "coco17", "smpl24"])
def test_any_layout(layout):
    skeleton = Skeleton.get(layout)
    V = skeleton.num_joints
    layer, x = NonLocal(6, skeleton), torch.randn(2 * V, 3, 6)
    assert torch.equal(layer(x), x)  # the identity, before training
    assert layer.num_groups == len(node_groups(skeleton)) >= (V + 1) // 2
    assert str(layer) == f"NonLocal(6, groups={layer.num_groups})"
    assert_fused_equals_propagate(make(skeleton, 6), x)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_small_bodies(size):
    layer = make(random_skeleton(size, seed=1), hidden_channels=3)
    assert_fused_equals_propagate(layer, torch.randn(4 * size, 8))


def test_more_dimensions_and_any_memory_layout(skeleton):
    layer = make(skeleton).eval()
    x = torch.randn(2, 3, 18, 8).movedim(2, 0)  # [18, 2, 3, 8], not contiguous
    expected = torch.stack(
        [torch.stack([layer(x[:, a, b]) for b in range(3)], 1) for a in range(2)], 1
    )
    torch.testing.assert_close(layer(x), expected)
    wide = torch.randn(18, 16)[:, ::2]
    torch.testing.assert_close(layer(wide), layer(wide.contiguous()))
    columns = torch.randn(8, 18).t()
    torch.testing.assert_close(layer(columns), layer(columns.contiguous()))
    layer.fuse = False
    torch.testing.assert_close(layer(x), expected)


def test_never_a_tensor_of_pairs(h36m):
    layer, x = make(h36m, 32), torch.randn(4 * 16, 32)
    assert max_activation_elements(layer, x, backward=True) <= 4 * 16 * 32 < 4 * 16 * 8 * 32
    layer.fuse = False
    assert max_activation_elements(layer, x) >= 4 * 16 * 8 * 32


def test_hooks_see_messages(skeleton):
    layer, x, seen = make(skeleton).eval(), torch.randn(2 * 9, 3, 8), []
    expected = layer(x)
    handle = layer.register_message_forward_hook(lambda m, args, out: seen.append(out.shape))
    torch.testing.assert_close(layer(x), expected)
    assert seen == [(2 * 9 * layer.num_groups, 3, 8)]
    handle.remove()
    layer(x)
    assert len(seen) == 1


def test_initialization(h36m):
    layer = NonLocal(128, h36m)
    assert sum(p.numel() for p in layer.parameters()) == 33_472
    assert not any(layer.get_parameter(f"{name}.bias").any() for name in ("theta", "phi", "out"))
    assert layer.phi.weight.detach().std() == pytest.approx((2 / 128) ** 0.5, rel=0.05)
    assert not layer.norm.weight.any()
    assert not layer.norm.bias.any()


def test_errors(skeleton):
    with pytest.raises(ValueError, match="'joint_8' in 0"):
        NonLocal(8, skeleton, groups=[[f"joint_{v}" for v in range(8)]])
    with pytest.raises(ValueError, match="an empty group"):
        NonLocal(8, skeleton, groups=[skeleton.joints, []])
    with pytest.raises(ValueError, match="copies of a graph of 9 nodes"):
        NonLocal(8, skeleton)(torch.randn(10, 8))
