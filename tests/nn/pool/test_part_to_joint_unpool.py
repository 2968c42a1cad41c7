import pytest
import torch

from pyg_skeleton.nn import JointToPartPool, PartToJointUnpool
from pyg_skeleton.testing import (
    assert_autocast,
    assert_compiles,
    assert_fused_equals_propagate,
    assert_state_dict_round_trip,
)


def test_copies_its_part_to_each_joint(skeleton):
    x = torch.randn(3 * 4, 5, 4)
    out = PartToJointUnpool(skeleton)(x)
    assert out.shape == (3 * 9, 5, 4)
    for b in range(3):
        for p, members in enumerate(skeleton.parts.values()):
            for v in members:
                assert torch.equal(out[b * 9 + v], x[b * 4 + p])


def test_equals_dense(dense, skeleton):
    x = torch.randn(3 * 4, 5, 4)
    expected = dense.PartToJointUnpool(skeleton)(dense.to_dense(x, 4))
    torch.testing.assert_close(PartToJointUnpool(skeleton)(x), dense.from_dense(expected))


def test_pool_undoes_it(skeleton):
    x = torch.randn(3 * 4, 5, 4)
    torch.testing.assert_close(JointToPartPool(skeleton)(PartToJointUnpool(skeleton)(x)), x)


def test_fused_equals_propagate(skeleton):
    unpool = PartToJointUnpool(skeleton)
    assert_fused_equals_propagate(unpool, torch.randn(3 * 4, 5, 4))
    assert_fused_equals_propagate(unpool, torch.randn(4, 5, 4))
    assert_fused_equals_propagate(unpool, torch.randn(2 * 4, 4))


def test_union_equals_static_batch(skeleton):
    unpool = PartToJointUnpool(skeleton)
    static = torch.randn(4, 3, 5, 4)
    union = unpool(static.transpose(0, 1).flatten(0, 1))
    torch.testing.assert_close(unpool(static), union.view(3, 9, 5, 4).transpose(0, 1))


def test_renamed_joints_get_the_same_part(skeleton, renamed):
    perm = torch.randperm(9)
    x = torch.randn(4, 5, 4)
    out = PartToJointUnpool(renamed(skeleton, perm))(x)
    torch.testing.assert_close(out, PartToJointUnpool(skeleton)(x)[perm])


def test_hooks_see_messages(skeleton):
    unpool, seen = PartToJointUnpool(skeleton), []
    unpool.register_message_forward_hook(lambda m, args, out: seen.append(out.shape))
    unpool(torch.randn(2 * 4, 5))
    assert seen == [(18, 5)]


def test_wrong_number_of_nodes_raises(skeleton):
    with pytest.raises(ValueError, match="graph of 4 nodes"):
        PartToJointUnpool(skeleton)(torch.randn(9, 4))


def test_usual_checks(skeleton):
    unpool, x = PartToJointUnpool(skeleton), torch.randn(3 * 4, 5, 4)
    assert str(unpool) == "PartToJointUnpool(4 parts to 9 joints)"
    assert not unpool.state_dict()
    assert_state_dict_round_trip(lambda: PartToJointUnpool(skeleton), x)
    assert_autocast(unpool, x)
    assert_compiles(unpool, x)
