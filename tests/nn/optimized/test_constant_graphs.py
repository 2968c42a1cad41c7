import pytest
import torch

from pyg_skeleton.nn import SemGConv, SpatialGraphConv, StructuralConv, VanillaGConv
from pyg_skeleton.nn.optimized import Affine, form
from pyg_skeleton.nn.optimized.constant_graphs import ChannelGraphSum, GraphSum, graph_sum


def by_hand(graphs, weight, bias, x):
    """The equation, body by body and joint by joint."""
    V = graphs.size(-1)
    out = []
    for body in x.unflatten(0, (-1, V)):
        for i in range(V):
            y = bias[i % len(bias)].expand(*x.shape[1:-1], -1).clone()
            for graph, matrix in zip(graphs, weight, strict=True):
                for j in range(V):
                    y = y + graph[i, j] * (body[j] @ matrix.t())
            out.append(y)
    return torch.stack(out)


@pytest.mark.parametrize("biases", [1, 5], ids=["one bias", "a bias per joint"])
@pytest.mark.parametrize("sizes", [(4, 2), (2, 4), (3, 3)], ids=str)
@pytest.mark.parametrize("groups", [1, 3])
def test_the_equation(bodies, groups, sizes, biases):
    in_channels, out_channels = sizes
    graphs = torch.randn(groups, 5, 5, dtype=torch.double)
    weight = torch.randn(groups, out_channels, in_channels, dtype=torch.double)
    bias = torch.randn(biases, out_channels, dtype=torch.double)
    own = GraphSum(torch.double, graphs, weight, bias)
    # The narrower side goes through the graphs.
    assert own.map_first is (out_channels < in_channels)
    deeper = torch.randn(2 * 5, 3, 2, in_channels, dtype=torch.double)
    for x in (*bodies(5, in_channels), deeper):
        torch.testing.assert_close(own(x), by_hand(graphs, weight, bias, x))


def test_any_memory_layout():
    graphs, bias = torch.randn(2, 5, 5, dtype=torch.double), torch.zeros(1, 3, dtype=torch.double)
    for channels in (2, 6):
        weight = torch.randn(2, 3, channels, dtype=torch.double)
        own = GraphSum(torch.double, graphs, weight, bias)
        x = torch.randn(channels, 4, 10, dtype=torch.double).permute(2, 1, 0)
        torch.testing.assert_close(own(x), by_hand(graphs, weight, bias, x))
        x = torch.randn(7, 10, channels, dtype=torch.double).transpose(0, 1)
        torch.testing.assert_close(own(x), by_hand(graphs, weight, bias, x))


def test_the_norm_is_part_of_maps_and_bias():
    weight, graphs = torch.randn(2, 3, 4), torch.randn(2, 5, 5)
    norm = Affine(torch.tensor([2.0, -1.0, 0.5]).double(), torch.tensor([0.0, 1.0, -3.0]).double())
    x, bias = torch.randn(10, 4), torch.randn(3)
    own = graph_sum(weight, graphs, bias, norm)
    expected = by_hand(graphs, weight, bias.unsqueeze(0), x)
    scale, shift = norm.scale.float(), norm.shift.float()
    torch.testing.assert_close(own(x), expected * scale + shift)
    # Without a bias, the sums start from the summands of the norm; without either, from zero.
    plain = by_hand(graphs, weight, torch.zeros(1, 3), x)
    torch.testing.assert_close(graph_sum(weight, graphs, None, norm)(x), plain * scale + shift)
    torch.testing.assert_close(graph_sum(weight, graphs, None, None)(x), plain)


LAYERS = {
    "strategy": lambda s, c, d: SpatialGraphConv(c, d, s),
    "distance": lambda s, c, d: SpatialGraphConv(c, d, s, "distance", edge_importance=False),
    "vanilla": lambda s, c, d: VanillaGConv(c, d, s, bias=False),
    "own": lambda s, c, d: VanillaGConv(c, d, s, separate_self=True, edge_importance=True),
    "semantic": lambda s, c, d: SemGConv(c, d, s),
    "one": lambda s, c, d: SemGConv(c, d, s, separate_self=False, bias=False),
    "channelwise": lambda s, c, d: SemGConv(c, d, s, channelwise=True),
    "channels": lambda s, c, d: SemGConv(
        c, d, s, channelwise=True, separate_self=False, bias=False
    ),
    "powers": lambda s, c, d: StructuralConv(c, d, s, 3),
    "rings": lambda s, c, d: StructuralConv(c, d, s, 2, "ring", bias=True),
}


@pytest.mark.parametrize("sizes", [(2, 6), (6, 4)], ids=str)
@pytest.mark.parametrize("name", LAYERS)
def test_layers(check_form, bodies, skeleton, name, sizes):
    inputs = bodies(9, sizes[0], poses=name not in ("strategy", "distance"))
    own = check_form(LAYERS[name](skeleton, *sizes), *inputs, channels=sizes[1])
    assert isinstance(own, ChannelGraphSum if "channel" in name else GraphSum)
    assert not any(parameter.requires_grad for parameter in own.parameters())


@pytest.mark.parametrize("name", ["strategy", "own", "semantic", "channelwise", "powers"])
def test_graphs_are_computed_once(trained, skeleton, name):
    layer, x = trained(LAYERS[name](skeleton, 2, 6)), torch.randn(9, 3, 2, dtype=torch.double)
    own, before = form(layer), layer(x)
    for parameter in layer.parameters():
        parameter.requires_grad_(False)
        if parameter is not layer.weight and parameter is not layer.bias:
            parameter.fill_(float("nan"))
    assert layer(x).isnan().all()
    torch.testing.assert_close(own(x), before)
