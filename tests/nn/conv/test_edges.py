"""Every operator with edges: its own, those of data, fewer, more, and weighted ones."""

import copy

import pytest
import torch
from torch_geometric.data import Batch

from pyg_skeleton.nn import (
    AdaptiveGraphConv,
    CTRGConv,
    DynamicHCSFConv,
    Edges,
    HCSFConv,
    HighOrderConv,
    JointConv,
    LCNConv,
    MixHopConv,
    PartConv,
    SelfAttentionGraphConv,
    SemGConv,
    SpatialGraphConv,
    StructuralConv,
    VanillaGConv,
)
from pyg_skeleton.skeleton import BodyGraph, Skeleton, list_skeletons
from pyg_skeleton.skeleton.edges import union_edges
from pyg_skeleton.testing import assert_close, run_with_gradients

BODY = Skeleton.get("h36m17")
V, B, T = 17, 3, 4

#: Operators whose graph is made of edges.
LOCAL = {
    "vanilla": lambda s: VanillaGConv(4, 6, s),
    "vanilla, two matrices": lambda s: VanillaGConv(4, 6, s, True, edge_importance=True),
    "semantic": lambda s: SemGConv(4, 6, s),
    "semantic, channel-wise": lambda s: SemGConv(4, 6, s, channelwise=True),
    "structural": lambda s: StructuralConv(4, 6, s),
    "structural, 3 orders": lambda s: StructuralConv(6 - 2, 3, s, order=3),
    "structural, rings": lambda s: StructuralConv(4, 6, s, order=2, mode="ring"),
    "joint": lambda s: JointConv(4, 6, s, order=2, actional=False),
    "spatial": lambda s: SpatialGraphConv(4, 6, s, strategy="distance"),
    "lcn": lambda s: LCNConv(4, 6, s),
    "hcsf": lambda s: HCSFConv(4, 16, s, long_range=3),
    "hcsf, one far group": lambda s: HCSFConv(4, 16, s, 1, 3, hop_aware=False, sharing="hop"),
    "dynamic": lambda s: DynamicHCSFConv(4, 16, s, alpha=0.5),
    "mixhop": lambda s: MixHopConv(4, 6, s, hops=(1, 2)),
    "high-order": lambda s: HighOrderConv(4, 6, s),
}
#: Operators that learn a complete graph, which edges may only mask.
COMPLETE = {
    "adaptive": lambda s, **kw: AdaptiveGraphConv(4, 8, s, **kw),
    "adaptive, tanh": lambda s, **kw: AdaptiveGraphConv(4, 8, s, attention="tanh", **kw),
    "ctr": lambda s, **kw: CTRGConv(4, 8, s, **kw),
    "self-attention": lambda s, **kw: SelfAttentionGraphConv(4, 8, s, **kw),
}
#: Operators over joints at an exact distance.
FAR = ("structural, rings", "hcsf", "hcsf, one far group", "dynamic")
ALL = {**LOCAL, **COMPLETE, "spatial, by root": lambda s: SpatialGraphConv(4, 6, s)}


def make(name, skeleton=BODY, **kwargs):
    torch.manual_seed(0)
    layer = ALL[name](skeleton, **kwargs).double()
    for p in layer.parameters():  # nothing starts at zero or one
        torch.nn.init.uniform_(p, 0.2, 1.0)
    return layer


def features(copies=B, num_joints=V):
    torch.manual_seed(1)
    return torch.randn(copies * num_joints, T, 4, dtype=torch.float64)


def without(graph, *bones):
    """The same joints with some edges fewer."""
    edges = [e for i, e in enumerate(graph.edges) if i not in bones]
    return BodyGraph("fewer", graph.joints, edges)


def with_weights_of(layer, name, graph):
    """The same operator on another graph, with the weights of the pairs that both have."""
    other = make(name, graph)
    theirs = other.state_dict()
    for key, value in layer.state_dict().items():
        ours, fewer = getattr(layer, "template", None), getattr(other, "template", None)
        if isinstance(layer, JointConv):
            ours, fewer = layer.structural.template, other.structural.template
        last = key.rpartition(".")[2]
        if key.startswith("weights.") and layer.sharing == "pair":
            g = int(last)
            kept = fewer.relation(fewer.slot, g)
            value = value[ours.lookup[kept] - sum(ours.sizes[:g])]
        elif ours is not None and value.shape[-1:] == (ours.num_edges,):
            value = value[..., ours.lookup[fewer.slot]]
        assert value.shape == theirs[key].shape
        theirs[key] = value
    other.load_state_dict(theirs)
    return other


@pytest.mark.parametrize("name", ALL)
def test_its_own_edges_change_nothing(name):
    layer, x = make(name), features()
    expected = run_with_gradients(layer, (x,))
    data = Batch.from_data_list([BODY.to_data(x[:V], hops=3)] * B)
    for edges in (
        union_edges(BODY, B),
        data.edge_index,
        data.edge_index[:, torch.randperm(data.edge_index.size(1))],
        union_edges(BODY, B, mode="power"),
        [data.edge_index, data.edge_index_hop2],
        Edges.of(data),
    ):
        for fuse in (True, False):
            layer.fuse = fuse
            given = run_with_gradients(lambda x, e=edges: layer(x, edge_index=e), (x,))
            assert_close(given["output"], expected["output"], f"{name} differs")
            assert_close(given["gradient of args[0]"], expected["gradient of args[0]"], name)
    alone = features(1)
    assert_close(layer(alone, edge_index=BODY.edge_index()), layer(alone), name)


@pytest.mark.parametrize("layout", list_skeletons())
@pytest.mark.parametrize("name", ALL)
def test_every_operator_on_every_layout(name, layout):
    """Its own edges in three ways, and one bone fewer, as the operator on that graph says."""
    body = Skeleton.get(layout)
    layer, x = make(name, body), features(1, body.num_joints)[:, :1]
    data = body.to_data(x)
    expected = run_with_gradients(layer, (x,))
    plain = layer.forward
    for edges in (body.edge_index(), data.edge_index.flip(1)):  # fused, message by message
        layer.forward = lambda x, e=edges: plain(x, edge_index=e)
        assert_close(run_with_gradients(layer, (x,)), expected, f"{name} differs")
    del layer.forward
    assert_close(layer(x, edge_index=data.edge_index), expected["output"], f"{name} differs")
    fewer = BodyGraph("fewer", body.joints, body.edges[:-1])
    if layout == "h36m17-lcn" and name in FAR:
        # A bone of a loop: its ends are two hops apart now, for which there is no weight.
        with pytest.raises(ValueError, match=r"edge \d+ -> \d+ .* has no weight in this layer"):
            layer(x, edge_index=fewer.edge_index())
        return
    out = layer(x, edge_index=fewer.edge_index())
    assert torch.allclose(out, expected["output"]) == (name in COMPLETE)
    if name in LOCAL:
        assert_close(out, with_weights_of(layer, name, fewer)(x), f"{name} differs")


@pytest.mark.parametrize("name", ALL)
def test_gradients_of_weights_are_those_without_edges(name):
    layer, x = make(name), features()
    edges = union_edges(BODY, B).flip(1)  # in another order, so message by message
    expected = run_with_gradients(layer, (x,))
    layer_with_edges = copy.deepcopy(layer)
    plain = layer_with_edges.forward
    layer_with_edges.forward = lambda x: plain(x, edge_index=edges)
    assert_close(run_with_gradients(layer_with_edges, (x,)), expected, f"{name} differs")


@pytest.mark.parametrize("name", LOCAL)
def test_fewer_edges_are_another_graph(name):
    layer, x = make(name), features()
    fewer = without(BODY, 2, 9)
    expected = with_weights_of(layer, name, fewer)(x)
    out = layer(x, edge_index=union_edges(fewer, B))
    assert_close(out, expected, f"{name} differs")
    assert not torch.allclose(out, layer(x))
    # One body lacks bones, the others are whole.
    edges = torch.cat([fewer.edge_index(), union_edges(BODY, B - 1) + V], dim=1)
    out = layer(x, edge_index=edges)
    assert_close(out[:V], expected[:V], f"{name} differs")
    assert_close(out[V:], layer(x)[V:], f"{name} differs")


@pytest.mark.parametrize("name", ["vanilla", "spatial", "lcn", "mixhop"])
def test_more_edges_where_an_operator_has_weights(name):
    """A link between two joints that are two hops apart."""
    layer, x = make(name), features()
    a, b = (BODY.distances == 2).nonzero()[0].tolist()
    more = BodyGraph("more", BODY.joints, [*BODY.edges, (a, b)])
    if name in ("lcn", "mixhop"):
        # Its hops bring others within reach, for which there is no weight.
        with pytest.raises(ValueError, match=r"edge \d+ -> \d+ \(joint \d+ to \d+ of 17\) has no"):
            layer(x, edge_index=union_edges(more, B))
    else:
        expected = with_weights_of(layer, name, more)(x)
        assert_close(layer(x, edge_index=union_edges(more, B)), expected, f"{name} differs")


@pytest.mark.parametrize("name", [n for n in LOCAL if n not in ("vanilla", "spatial")])
def test_an_edge_without_a_weight_is_an_error(name):
    layer = make(name)
    a, b = (BODY.distances == BODY.diameter).nonzero()[0].tolist()
    edges = torch.cat([BODY.edge_index(), torch.tensor([[a], [b]])], dim=1)
    with pytest.raises(ValueError, match=r"edge \d+ -> \d+ \(joint \d+ to \d+ of 17\) has no wei"):
        layer(features(1), edge_index=edges)


@pytest.mark.parametrize("name", LOCAL)
def test_hops_that_are_given_are_taken_as_they_are(name):
    layer, x = make(name), features(1)
    rings = [BODY.edge_index(k) for k in (1, 2)]
    dropped = [rings[0], rings[1][:, 4:]]
    if layer(x, edge_index=dropped).equal(layer(x)):
        assert name in (
            "vanilla",
            "vanilla, two matrices",
            "semantic",
            "semantic, channel-wise",
            "structural",
            "spatial",
        )


@pytest.mark.parametrize("name", [n for n in LOCAL if n != "high-order"])
def test_weights_multiply_messages(name):
    layer, x, edges = make(name), features(1), BODY.edge_index()
    weight = torch.rand(edges.size(1), dtype=torch.float64)
    ones = torch.ones_like(weight)
    assert_close(layer(x, edge_index=edges, edge_weight=ones), layer(x), name)
    # Without normalization in between, a sum is linear in what comes along each edge of a hop.
    zero = layer(x, edge_index=edges, edge_weight=0 * ones)
    first = layer(x, edge_index=[edges, *[edges[:, :0]] * 4], edge_weight=weight)
    nothing = layer(x, edge_index=[edges, *[edges[:, :0]] * 4], edge_weight=0 * ones)
    assert_close(nothing, zero, name)  # farther messages pass along the first hop
    half = layer(x, edge_index=[edges, *[edges[:, :0]] * 4], edge_weight=weight / 2)
    if not isinstance(layer, HCSFConv):
        assert_close(first - nothing, 2 * (half - nothing), name)
    csr = torch.sparse_coo_tensor(edges.flip(0), weight, (V, V)).to_sparse_csr()
    expected = layer(x, edge_index=edges, edge_weight=weight)
    assert_close(layer(x, edge_index=csr), expected, name)
    assert not torch.allclose(expected, layer(x))


@pytest.mark.parametrize("name", COMPLETE)
def test_a_complete_graph_ignores_edges_unless_they_mask_it(name):
    x, fewer = features(), union_edges(without(BODY, 2, 9), B)
    free, masked = make(name), make(name, mask_edges=True)
    assert torch.equal(free(x, edge_index=fewer), free(x))
    near = (BODY.distances <= 1).double()
    dropped = (without(BODY, 2, 9).distances.abs() <= 1) & (BODY.distances <= 1)
    dropped &= without(BODY, 2, 9).distances >= 0
    for edges, mask in ((None, near), (union_edges(BODY, B), near), (fewer, dropped.double())):
        for fuse in (True, False):
            masked.fuse = fuse
            adj = masked.adjacency(x) * mask
            if isinstance(masked, CTRGConv):
                h = torch.einsum("kdc,nvtc->nkvtd", masked.weight, x.view(B, V, T, 4))
                h = h + masked.bias[:, None, None]
                expected = torch.einsum("nkdij,nkjtd->nitd", adj, h)
            else:
                form = "ntkij" if adj.dim() == 5 else "nkij"
                expected = torch.einsum(
                    f"{form},njtc,kdc->nitd", adj, x.view(B, V, T, 4), masked.weight
                )
                expected = expected + masked.bias.sum(0)
            out = masked(x, edge_index=edges)
            assert_close(out, expected.flatten(0, 1), f"{name} differs")
    static = x.view(B, V, T, 4).transpose(0, 1)
    out = masked(static, edge_index=without(BODY, 2, 9).edge_index())
    assert_close(out.transpose(0, 1).flatten(0, 1), masked(x, edge_index=fewer), name)


@pytest.mark.parametrize("name", COMPLETE)
def test_weights_multiply_messages_of_a_complete_graph(name):
    layer, x, edges = make(name), features(), union_edges(BODY, B)
    ones = torch.ones(edges.size(1), dtype=torch.float64)
    assert_close(layer(x, edge_index=edges, edge_weight=ones), layer(x), name)
    assert not torch.allclose(layer(x, edge_index=edges, edge_weight=0 * ones), layer(x))


def test_parts_take_edges_between_parts():
    layer = PartConv(4, 6, "ntu25").double()
    parts = Skeleton.get("ntu25").part_graph()
    P = parts.num_joints
    x = torch.randn(2 * P, T, 4, dtype=torch.float64)
    assert_close(layer(x, union_edges(parts, 2)), layer(x), "parts differ")
    fewer = without(parts, 0)
    edge_weight = layer.template.dense(layer.edge_weight)[0]
    near = (fewer.distances >= 0) & (fewer.distances <= 1)
    adj = (near / near.sum(1, keepdim=True)).double() * edge_weight
    expected = torch.einsum("ij,njtc,dc->nitd", adj, x.view(2, P, T, 4), layer.weight[0])
    assert_close(layer(x, union_edges(fewer, 2)), expected.flatten(0, 1), "", atol=1e-6)


@pytest.mark.parametrize("name", ALL)
def test_any_graph(name):
    """Bones as nodes, a graph of two parts, sensors on a plain edge index."""
    sensors = torch.tensor([[0, 1, 2, 4, 5], [1, 2, 3, 5, 6]])
    hands = BodyGraph("hands", list("abcdef"), [list(e) for e in ("ab", "bc", "de", "ef")])
    for graph in (BODY.dual(), hands, sensors):
        if name == "spatial, by root":
            layer = SpatialGraphConv(4, 6, graph)
            assert layer.strategy == "distance"
        else:
            layer = make(name, graph)
        dtype = next(layer.parameters()).dtype
        x = torch.randn(2 * layer.skeleton.num_joints, T, 4, dtype=dtype)
        out = layer(x)
        assert out.isfinite().all()
        layer.fuse = False
        assert_close(layer(x, union_edges(layer.skeleton, 2)), out, name, rtol=1e-4, atol=1e-5)


def test_the_fused_form_runs_while_edges_are_its_own():
    layer, x = SemGConv(4, 6, BODY), features().float()
    batch = Batch.from_data_list([BODY.to_data(x[:V])] * B)
    assert layer.given(x, union_edges(BODY, B)) is None
    assert layer.given(x, batch.edge_index) is None
    assert layer.given(x, batch.edge_index, torch.ones(batch.num_edges)) is not None
    assert layer.given(x, batch.edge_index[:, 1:]) is not None
    batch.edge_index[0, 0] = batch.edge_index[0, 1]  # in place
    assert layer.given(x, batch.edge_index) is not None
    layer.explain = True
    assert layer.given(x, union_edges(BODY, B)) is not None


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        (torch.tensor([[0], [V]]), "edge 0 -> 17 is not within one of 3 bodies of 17 nodes"),
        (torch.tensor([[0], [B * V]]), "edge 0 -> 51 is not within"),
        (torch.tensor([[-1], [0]]), "edge -1 -> 0 is not within"),
        (torch.zeros(3, 4).long(), r"edges of shape \[2, E\], one per hop, got \[3, 4\]"),
        ([], "edges of shape"),
        ("bones", "edges of shape"),
    ],
)
def test_edges_that_are_none(edges, message):
    with pytest.raises(ValueError, match=message):
        make("lcn")(features(), edge_index=edges)


def test_one_clear_line_for_wrong_features():
    layer = make("semantic")
    with pytest.raises(ValueError, match=r"x with 4 channels in its last dimension, got .*\[51, 3"):
        layer(torch.randn(51, 3))
    with pytest.raises(TypeError, match=r"call SemGConv with data\.x and data\.edge_index"):
        layer(BODY.to_data(torch.randn(17, 4)))
    with pytest.raises(ValueError, match="expected edge_index beside edge_weight"):
        layer(features(), edge_weight=torch.ones(3))
    with pytest.raises(ValueError, match="one weight for each of 32 edges, got"):
        layer(features(1), BODY.edge_index(), torch.ones(3))


def test_few_channels():
    x = torch.randn(17, T, 3)
    assert SelfAttentionGraphConv(3, 64, "h36m17")(x).shape == (17, T, 64)
    assert AdaptiveGraphConv(1, 1, BODY)(x[..., :1]).shape == (17, T, 1)
