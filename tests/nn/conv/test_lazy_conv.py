import copy

import pytest
import torch
from torch_geometric.nn import Sequential

from pyg_skeleton import Skeleton
from pyg_skeleton.nn import (
    AdaptiveGraphConv,
    CTRGConv,
    DynamicHCSFConv,
    HCSFConv,
    HighOrderConv,
    JointConv,
    LCNConv,
    MixHopConv,
    NonLocal,
    PartConv,
    SelfAttentionGraphConv,
    SemGConv,
    SpatialGraphConv,
    StructuralConv,
    VanillaGConv,
)

BODY = Skeleton.get("h36m17")
KINDS = (
    AdaptiveGraphConv,
    CTRGConv,
    DynamicHCSFConv,
    HCSFConv,
    HighOrderConv,
    LCNConv,
    MixHopConv,
    SelfAttentionGraphConv,
    SemGConv,
    SpatialGraphConv,
    StructuralConv,
    VanillaGConv,
)


@pytest.mark.parametrize("kind", KINDS)
def test_reads_the_channels_of_the_first_input(kind):
    x, edges = torch.randn(34, 4, 3), BODY.edge_index()
    torch.manual_seed(0)
    layer = kind(-1, 8, BODY)
    assert isinstance(layer, kind)
    assert repr(layer) == f"{kind.__name__}(-1, 8)"
    twin = copy.deepcopy(layer).double()
    torch.manual_seed(0)
    out = layer(x)
    assert type(layer) is kind
    torch.manual_seed(0)
    expected = kind(3, 8, BODY)
    assert repr(layer) == repr(expected)
    assert torch.equal(out, expected(x))
    assert torch.equal(out, layer(x))
    layer.load_state_dict(expected.state_dict())
    assert twin(x[:17].double(), edge_index=edges).dtype == torch.float64


def test_others():
    assert NonLocal(-1, BODY)(torch.randn(17, 6)).shape == (17, 6)
    assert JointConv(-1, 8, BODY, actional=False)(torch.randn(17, 6)).shape == (17, 8)
    assert PartConv(in_channels=-1, out_channels=8, skeleton=BODY)(torch.randn(10, 6)).shape == (
        10,
        8,
    )


def test_in_a_sequence_and_with_hooks():
    x, edges, seen = torch.randn(17, 3), BODY.edge_index(), []
    net = Sequential(
        "x, edge_index",
        [
            (SemGConv(-1, 8, BODY), "x, edge_index -> x"),
            torch.nn.ReLU(),
            (SpatialGraphConv(-1, 4, BODY), "x, edge_index -> x"),
        ],
    )
    net[0].register_forward_hook(lambda module, args, out: seen.append(out.shape))
    net.eval()
    assert net(x, edges).shape == net(x, edges).shape == (17, 4)
    assert seen == [(17, 8)] * 2
    assert not net[0].training


def test_one_line_where_it_is_too_early():
    layer = SemGConv(-1, 8, BODY)
    with pytest.raises(RuntimeError, match="call it once before load_state_dict"):
        layer.load_state_dict(SemGConv(3, 8, BODY).state_dict())
    with pytest.raises(ValueError, match="call it once before making an optimizer"):
        torch.optim.SGD(layer.parameters(), 0.1)
