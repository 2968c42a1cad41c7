import torch

from pyg_skeleton.nn import BidirectionalFusion
from pyg_skeleton.testing import (
    assert_autocast,
    assert_compiles,
    assert_fused_equals_propagate,
    assert_state_dict_round_trip,
)


def test_puts_the_other_scale_beside_the_own_one(skeleton):
    x, p = torch.randn(2 * 9, 5, 3), torch.randn(2 * 4, 5, 7)
    joints, parts = BidirectionalFusion(skeleton)(x, p)
    assert joints.shape == (2 * 9, 5, 3 + 7)
    assert parts.shape == (2 * 4, 5, 7 + 3)
    assert torch.equal(joints[..., :3], x)
    assert torch.equal(parts[..., :7], p)
    for b in range(2):
        for i, members in enumerate(skeleton.parts.values()):
            nodes = [b * 9 + v for v in members]
            assert torch.equal(joints[nodes][..., 3:], p[b * 4 + i].expand(len(nodes), -1, -1))
            torch.testing.assert_close(parts[b * 4 + i][..., 7:], x[nodes].mean(dim=0))


def test_union_equals_static_batch(skeleton):
    fusion = BidirectionalFusion(skeleton)
    x, p = torch.randn(9, 3, 5, 2), torch.randn(4, 3, 5, 2)
    union = fusion(x.transpose(0, 1).flatten(0, 1), p.transpose(0, 1).flatten(0, 1))
    for a, e, n in zip(fusion(x, p), union, (9, 4), strict=True):
        torch.testing.assert_close(a, e.view(3, n, 5, 4).transpose(0, 1))


def test_usual_checks(skeleton):
    fusion = BidirectionalFusion(skeleton)
    args = torch.randn(2 * 9, 5, 3), torch.randn(2 * 4, 5, 7)
    assert "JointToPartPool(9 joints to 4 parts)" in str(fusion)
    assert not fusion.state_dict()
    assert_fused_equals_propagate(fusion, *args)
    assert_state_dict_round_trip(lambda: BidirectionalFusion(skeleton), *args)
    assert_autocast(fusion, *args)
    assert_compiles(fusion, *args)
