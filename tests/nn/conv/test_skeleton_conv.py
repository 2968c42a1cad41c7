import pytest
import torch

from pyg_skeleton.nn import SkeletonConv


def test_message_broadcasts_over_trailing_dimensions():
    conv, x = SkeletonConv(), torch.randn(6, 2, 3)
    weight = torch.rand(6)
    assert torch.equal(conv.message(x, weight), x * weight.view(6, 1, 1))
    weight = torch.rand(6, 2)
    assert torch.equal(conv.message(x, weight), x * weight.view(6, 2, 1))
    assert torch.equal(conv.message(x[:, 0, 0], weight[:, 0]), x[:, 0, 0] * weight[:, 0])


@pytest.mark.parametrize("kind", ["propagate", "message", "aggregate", "edge_update"])
@pytest.mark.parametrize("when", ["forward_pre", "forward"])
def test_any_hook_ends_the_fused_form(kind, when):
    conv = SkeletonConv()
    assert conv.fused
    handle = getattr(conv, f"register_{kind}_{when}_hook")(lambda *args: None)
    assert not conv.fused
    handle.remove()
    assert conv.fused


def test_switches_of_the_fused_form():
    conv = SkeletonConv()
    conv.fuse = False
    assert not conv.fused
    conv = SkeletonConv()
    conv.explain = True
    assert not conv.fused
    assert SkeletonConv(aggr="add").fused
    assert not SkeletonConv(aggr="max").fused


def test_takes_no_other_layout():
    with pytest.raises(ValueError, match="source_to_target"):
        SkeletonConv(flow="target_to_source")
    with pytest.raises(TypeError, match="node_dim"):
        SkeletonConv(node_dim=-2)
