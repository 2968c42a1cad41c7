import pytest
import torch

from pyg_skeleton.nn import JointToPartPool
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.testing import (
    assert_autocast,
    assert_compiles,
    assert_fused_equals_propagate,
    assert_state_dict_round_trip,
    max_activation_elements,
)


def test_is_the_mean_of_each_part(skeleton):
    x = torch.randn(3 * 9, 5, 4)
    out = JointToPartPool(skeleton)(x)
    assert out.shape == (3 * 4, 5, 4)
    for b in range(3):
        for p, members in enumerate(skeleton.parts.values()):
            expected = x[[b * 9 + v for v in members]].mean(dim=0)
            torch.testing.assert_close(out[b * 4 + p], expected)


def test_equals_dense(dense, skeleton):
    x = torch.randn(3 * 9, 5, 4)
    expected = dense.JointToPartPool(skeleton)(dense.to_dense(x, 9))
    torch.testing.assert_close(JointToPartPool(skeleton)(x), dense.from_dense(expected))


def test_fused_equals_propagate(skeleton):
    pool = JointToPartPool(skeleton)
    assert_fused_equals_propagate(pool, torch.randn(3 * 9, 5, 4))
    assert_fused_equals_propagate(pool, torch.randn(9, 5, 4))
    assert_fused_equals_propagate(pool, torch.randn(2 * 9, 4))


def test_union_equals_static_batch(skeleton):
    pool = JointToPartPool(skeleton)
    static = torch.randn(9, 3, 5, 4)
    union = pool(static.transpose(0, 1).flatten(0, 1))
    torch.testing.assert_close(pool(static), union.view(3, 4, 5, 4).transpose(0, 1))


def test_renamed_joints_make_the_same_parts(skeleton, renamed):
    perm = torch.randperm(9)
    x = torch.randn(9, 5, 4)
    out = JointToPartPool(renamed(skeleton, perm))(x[perm])
    torch.testing.assert_close(out, JointToPartPool(skeleton)(x))


def test_hooks_and_explain_see_messages(skeleton):
    pool, seen = JointToPartPool(skeleton), []
    x = torch.randn(2 * 9, 4)
    expected = pool(x)
    handle = pool.register_message_forward_hook(lambda m, args, out: seen.append(out.shape))
    torch.testing.assert_close(pool(x), expected)
    assert seen == [(18, 4)]
    handle.remove()
    pool(x)
    assert len(seen) == 1
    pool.explain = True
    pool._edge_mask, pool._loop_mask, pool._apply_sigmoid = torch.zeros(18), None, False
    assert not pool(x).any()


def test_wrong_number_of_nodes_raises(skeleton):
    with pytest.raises(ValueError, match="expected copies of a graph of 9 nodes"):
        JointToPartPool(skeleton)(torch.randn(10, 4))


def test_skeleton_without_parts_raises():
    skeleton = Skeleton("pair", ["a", "b"], [("b", "a")], "a")
    with pytest.raises(ValueError, match="has no parts"):
        JointToPartPool(skeleton)


def test_usual_checks(skeleton):
    pool, x = JointToPartPool(skeleton), torch.randn(3 * 9, 5, 4)
    assert str(pool) == "JointToPartPool(9 joints to 4 parts)"
    assert not pool.state_dict()
    assert_state_dict_round_trip(lambda: JointToPartPool(skeleton), x)
    assert_autocast(pool, x)
    assert_compiles(pool, x)
    assert max_activation_elements(pool, x, backward=True) <= x.numel()
