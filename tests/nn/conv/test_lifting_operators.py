"""The operators of SemGCN and Skeletal-GNN against their equations, joint by joint."""

import copy

import pytest
import torch
import torch.nn.functional as F

from pyg_skeleton.nn import (
    DynamicHCSFConv,
    HCSFConv,
    HighOrderConv,
    LCNConv,
    MixHopConv,
    NonLocal,
    SemGConv,
    VanillaGConv,
)
from pyg_skeleton.skeleton import Skeleton, node_groups
from pyg_skeleton.testing import (
    assert_all_parameters_get_gradients,
    assert_autocast,
    assert_close,
    assert_compiles,
    assert_fused_equals_propagate,
    assert_state_dict_round_trip,
    assert_union_equals_static,
    max_activation_elements,
    requires_cpp_compiler,
)

H36M = Skeleton.get("h36m16")
LCN17 = Skeleton.get("h36m17-lcn")

#: By name, what makes a layer of 4 channels, and its number of outputs.
LAYERS = {
    "vanilla": lambda: VanillaGConv(4, 6, H36M),
    "vanilla, two matrices": lambda: VanillaGConv(4, 6, H36M, True, edge_importance=True),
    "semantic": lambda: SemGConv(4, 6, H36M),
    "semantic, one matrix": lambda: SemGConv(4, 3, H36M, separate_self=False),
    "channel-wise": lambda: SemGConv(4, 6, H36M, channelwise=True),
    "channel-wise, one matrix": lambda: SemGConv(4, 6, H36M, True, separate_self=False),
    "non-local": lambda: NonLocal(4, H36M),
    "lcn": lambda: LCNConv(4, 6, H36M, max_norm=1.0),
    "hcsf": lambda: HCSFConv(4, 16, H36M, bias=True),
    "hcsf, added": lambda: HCSFConv(4, 8, H36M, long_range=4, fusion="add", long_fusion="mul"),
    "hcsf, shared": lambda: HCSFConv(4, 8, H36M, 0, 3, 0.5, hop_mode="ball", sharing="hop"),
    "hcsf, not hop-aware": lambda: HCSFConv(4, 8, H36M, 1, 4, 0.5, hop_aware=False),
    "dynamic": lambda: DynamicHCSFConv(4, 16, H36M, alpha=0.5),
    "dynamic, free": lambda: DynamicHCSFConv(4, 8, H36M, support="free", alpha=0.5, kernel_size=3),
    "dynamic, shared": lambda: DynamicHCSFConv(4, 8, H36M, sharing="hop", alpha=0.5, stride=2),
    "mixhop": lambda: MixHopConv(4, 8, H36M, bias=True),
    "ms-hop": lambda: MixHopConv(4, 8, H36M, fusion="mean"),
    "high-order": lambda: HighOrderConv(4, 6, H36M),
    "high-order, added": lambda: HighOrderConv(4, 3, H36M, fusion="add"),
}


@pytest.fixture(params=LAYERS)
def layer(request):
    torch.manual_seed(0)
    layer = LAYERS[request.param]()
    for p in layer.parameters():  # nothing starts at zero or one
        if p.dim() <= 1:
            torch.nn.init.normal_(p)
    return layer


def test_fused_equals_propagate(layer):
    assert_fused_equals_propagate(layer, torch.randn(3 * 16, 5, 4))
    assert_fused_equals_propagate(layer, torch.randn(2 * 16, 4))


def test_union_equals_static_batch(layer):
    assert_union_equals_static(layer, H36M, 4)


def test_gradients_state_and_autocast(layer):
    x = torch.randn(2 * 16, 5, 4)
    assert_all_parameters_get_gradients(layer, x)
    assert_state_dict_round_trip(lambda: copy.deepcopy(layer), x)
    assert_autocast(layer, x)


@requires_cpp_compiler
@pytest.mark.parametrize("name", ["channel-wise", "non-local", "dynamic"])
def test_compiles(name):
    assert_compiles(LAYERS[name](), torch.randn(2 * 16, 4))


def test_renamed_joints_change_places(layer):
    """With the same weights on a skeleton whose joints stand in another order."""
    if isinstance(layer, NonLocal):
        layer.eval()
    perm = torch.randperm(16)
    rank = perm.argsort()
    other = Skeleton(
        "renamed",
        [H36M.joints[v] for v in perm],
        [(int(rank[a]), int(rank[b])) for a, b in H36M.bones],
        root=int(rank[H36M.root]),
        mirror=[(int(rank[a]), int(rank[b])) for a, b in H36M.mirror],
    )
    twin = copy.deepcopy(layer)
    x = torch.randn(16, 4)
    if hasattr(layer, "template"):
        ours, theirs = _templates(layer, other, rank)
        for name, p in twin.named_parameters():
            source = dict(layer.named_parameters())[name]
            p.data = _carried(name, source.data, ours, theirs, layer, rank)
        _take_edges(twin, other, layer)
    else:
        members = rank[layer.members]
        twin.members.copy_(members)
    with torch.no_grad():
        assert_close(twin(x[perm]), layer(x)[perm], "order matters", rtol=1e-4, atol=1e-5)


def _templates(layer, other, rank):
    from pyg_skeleton.nn.sums.edge_template import EdgeTemplate

    V = 16
    edges, sizes = layer.template.edge_index, layer.template.sizes
    moved = []
    start = 0
    for size in sizes:
        part = rank[edges[:, start : start + size]]
        moved.append(part[:, (part[1] * V + part[0]).argsort()])
        start += size
    return layer.template, EdgeTemplate(moved, V)


def _carried(name, value, ours, theirs, layer, rank):
    """A weight of edges, in the order of the renamed skeleton's edges."""
    order = []
    start = 0
    for size in ours.sizes:
        part = rank[ours.edge_index[:, start : start + size]]
        order.append((part[1] * 16 + part[0]).argsort() + start)
        start += size
    order = torch.cat(order)
    if name in ("edge_weight", "graph.base"):
        return value[..., order]
    if name.startswith("weights.") and getattr(layer, "sharing", "") == "pair":
        g = int(name.split(".")[1])
        first = sum(ours.sizes[:g])
        return value[order[first : first + ours.sizes[g]] - first]
    if name == "bias" and isinstance(layer, LCNConv):
        return value[rank.argsort()]
    return value


def _take_edges(twin, other, layer):
    """Gives a copy of a layer the buffers that a layer of the renamed skeleton would have."""
    name = next(k for k, make in LAYERS.items() if _same(make(), layer))
    with _skeleton(other):
        fresh = LAYERS[name]()
    for key, buffer in fresh.named_buffers():
        module, _, leaf = key.rpartition(".")
        setattr(twin.get_submodule(module), leaf, buffer)


def _same(one, two):
    return repr(one) == repr(two) and [p.shape for p in one.parameters()] == [
        p.shape for p in two.parameters()
    ]


class _skeleton:
    def __init__(self, other):
        self.other = other

    def __enter__(self):
        global H36M
        self.kept, H36M = H36M, self.other

    def __exit__(self, *args):
        global H36M
        H36M = self.kept


def test_vanilla_is_the_printed_equation():
    conv = VanillaGConv(4, 6, H36M).double()
    adjacency = torch.eye(16, dtype=torch.float64) + (H36M.distances == 1)
    scale = adjacency.sum(1).rsqrt()
    adjacency = scale[:, None] * adjacency * scale
    x = torch.randn(16, 4, dtype=torch.float64)
    torch.testing.assert_close(conv(x), adjacency @ x @ conv.weight[0].t() + conv.bias)
    torch.testing.assert_close(conv.adjacency(), adjacency)


@pytest.mark.parametrize("channelwise", [False, True])
@pytest.mark.parametrize("separate_self", [False, True])
def test_semantic_is_the_printed_equation(channelwise, separate_self):
    conv = SemGConv(4, 6, H36M, channelwise, separate_self).double()
    torch.nn.init.normal_(conv.edge_weight)
    x = torch.randn(16, 4, dtype=torch.float64, requires_grad=True)
    source, target = H36M.edge_index(self_loops=True)
    out = []
    for d in range(6):
        m = torch.full((16, 16), -torch.inf, dtype=torch.float64)
        m[target, source] = conv.edge_weight[d] if channelwise else conv.edge_weight
        p = m.softmax(dim=1)
        own, others = x @ conv.weight[0, d], x @ conv.weight[-1, d]
        eye = torch.eye(16, dtype=torch.float64)
        out.append((p * eye) @ own + (p * (1 - eye)) @ others + conv.bias[d])
    expected = torch.stack(out, dim=1)
    torch.testing.assert_close(conv(x), expected)
    weight = torch.randn_like(expected)
    inputs = [x, *conv.parameters()]
    ours = torch.autograd.grad((conv(x) * weight).sum(), inputs)
    theirs = torch.autograd.grad((expected * weight).sum(), inputs)
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a, b)


def test_semantic_starts_as_a_mean():
    for channelwise in (False, True):
        weight = SemGConv(4, 6, H36M, channelwise).adjacency()
        degree = (H36M.distances <= 1).sum(1)
        rows = weight.reshape(-1, 16, 16)[0]
        torch.testing.assert_close(rows, (H36M.distances <= 1) / degree[:, None].float())


@pytest.mark.parametrize(
    ("channels", "bound"), [((128, 128), 0.02685), ((2, 128), 0.15307), ((128, 3), 0.17539)]
)
def test_semantic_weights_start_as_the_authors_do(channels, bound):
    conv = SemGConv(*channels, H36M)
    assert conv.weight.abs().max() <= bound + 1e-5
    assert conv.weight.abs().max() > 0.95 * bound
    assert conv.bias.abs().max() <= channels[1] ** -0.5
    assert SemGConv(*channels, H36M, channelwise=True).bias.abs().max() <= channels[0] ** -0.5
    glorot = SemGConv(*channels, H36M, init="glorot").weight.abs().max()
    assert glorot > 0.9 * (6 / sum(channels)) ** 0.5


def test_parameter_counts_of_layers():
    def count(layer):
        return sum(p.numel() for p in layer.parameters())

    assert count(SemGConv(128, 128, H36M)) == 32_942
    assert count(SemGConv(128, 128, H36M, channelwise=True)) == 38_784
    assert count(NonLocal(128, H36M)) == 33_472


def test_non_local_is_the_form_with_pairs():
    layer = NonLocal(8, H36M).double().eval()
    torch.nn.init.normal_(layer.norm.weight)
    torch.nn.init.normal_(layer.theta.bias)
    x = torch.randn(3 * 16, 8, dtype=torch.float64)
    bodies = x.view(3, 16, 8)
    groups = node_groups(H36M)
    theta, phi, g = (m(bodies) for m in (layer.theta, layer.phi, layer.value))
    phi, g = (torch.stack([t[:, ids].amax(1) for ids in groups], 1) for t in (phi, g))
    pairs = torch.cat(
        [theta.unsqueeze(2).expand(-1, -1, 8, -1), phi.unsqueeze(1).expand(-1, 16, -1, -1)], dim=-1
    )
    f = layer.affinity(pairs).squeeze(-1).relu()
    expected = bodies + layer.norm(layer.out(f @ g / 8))
    torch.testing.assert_close(layer(x), expected.flatten(0, 1))
    with torch.no_grad():
        assert max_activation_elements(layer, x) < 3 * 16 * 8 * 4 * 2  # no tensor of pairs


def test_non_local_is_the_identity_at_first():
    layer = NonLocal(8, Skeleton.get("h36m17"))
    x = torch.randn(2 * 17, 8)
    assert torch.equal(layer(x), x)
    assert layer.num_groups == 9


@pytest.mark.parametrize("hops", [0, 1, 3])
def test_lcn_is_the_printed_equation(hops):
    conv = LCNConv(4, 5, LCN17, hops).double()
    torch.nn.init.normal_(conv.bias)
    x = torch.randn(17, 4, dtype=torch.float64)
    out = conv.bias.detach().clone()
    for e, (j, i) in enumerate(conv.template.edge_index.t().tolist()):
        assert LCN17.distances[i, j] <= hops
        out[i] += x[j] @ conv.weights[0][e]
    torch.testing.assert_close(conv(x), out)
    assert conv.template.num_edges == [17, 57, 111, 175][hops]


def test_lcn_limits_its_norm():
    conv = LCNConv(4, 5, LCN17, max_norm=1.0, bias=False)
    free = copy.deepcopy(conv)
    free.max_norm = None
    x = torch.randn(17, 4)
    torch.testing.assert_close(conv(x), free(x) / conv.weights[0].norm())


def test_hcsf_is_the_printed_equations():
    conv = HCSFConv(4, 32, LCN17, short_range=1, long_range=3, squeeze=0.25).double()
    assert conv.widths == (32, 8, 2)
    x = torch.randn(17, 4, dtype=torch.float64)
    features = []
    for g, width in enumerate(conv.widths):
        h = torch.zeros(17, width, dtype=torch.float64)
        edges = conv.template.relation(conv.template.edge_index, g).t().tolist()
        for e, (j, i) in enumerate(edges):
            assert LCN17.distances[i, j] <= 1 if g == 0 else LCN17.distances[i, j] == g + 1
            h[i] += x[j] @ conv.weights[g][e]
        features.append(h)
    torch.testing.assert_close(conv(x), torch.cat(features, dim=1) @ conv.transform.t())


@pytest.mark.parametrize(
    ("options", "widths"),
    [
        ({"long_range": 6, "squeeze": 1 / 16}, (64, 4, 1, 1, 1, 1)),
        ({"short_range": 5, "long_range": 7}, (64, 8, 1)),
        ({"short_range": 2, "long_range": 2}, (64,)),
        ({"long_range": 4, "hop_aware": False}, (64, 8)),
    ],
)
def test_hcsf_squeezes(options, widths):
    assert HCSFConv(4, 64, LCN17, **options).widths == widths


def test_hcsf_with_sums_and_equal_widths_is_lcn():
    conv = HCSFConv(4, 6, LCN17, 1, 3, squeeze=1.0, fusion="add", long_fusion="add")
    conv.transform.data = torch.eye(6)
    lcn = LCNConv(4, 6, LCN17, hops=3, bias=False)
    source, target = conv.template.edge_index
    place = lcn.template.lookup[target * 17 + source]
    lcn.weights[0].data[place] = torch.cat([w.data for w in conv.weights])
    x = torch.randn(2 * 17, 5, 4)
    torch.testing.assert_close(conv(x), lcn(x))


def test_given_edges():
    conv = SemGConv(4, 6, H36M)
    x = torch.randn(2 * 16, 4)
    bones = H36M.edge_index()
    both = torch.cat([bones, bones + 16], dim=1)
    torch.testing.assert_close(conv(x, both), conv(x))
    loops = torch.arange(32).expand(2, -1)
    torch.testing.assert_close(conv(x, torch.cat([loops, both], dim=1)), conv(x))
    far = (H36M.distances > 1).nonzero()[0].view(2, 1)
    with pytest.raises(ValueError, match="is not among the 46 edges"):
        conv(x, far)
    lcn = LCNConv(4, 6, H36M, hops=1)
    torch.testing.assert_close(lcn(x, torch.cat([loops, both], dim=1)), lcn(x))


def test_wrong_arguments_raise():
    for make, message in (
        (lambda: VanillaGConv(4, 6, H36M, init="he"), "init 'official' or 'glorot', got 'he'"),
        (lambda: HCSFConv(4, 6, H36M, 3, 2), "0 <= short_range <= long_range, got 3 and 2"),
        (lambda: HCSFConv(4, 6, H36M, squeeze=2), r"expected squeeze in \(0, 1\], got 2"),
        (lambda: HCSFConv(4, 6, H36M, fusion="max"), "fusion 'concat', 'add' or 'mul', got 'max'"),
        (lambda: HCSFConv(4, 6, H36M, hop_mode="power"), "hop_mode 'ring' or 'ball', got 'power'"),
        (lambda: HCSFConv(4, 6, H36M, sharing="all"), "sharing 'pair' or 'hop', got 'all'"),
        (lambda: NonLocal(4, H36M, groups="quads"), "'pairs', 'none' or lists"),
        (lambda: NonLocal(4, H36M, groups=[["pelvis"]]), "'right_hip' in 0"),
    ):
        with pytest.raises(ValueError, match=message):
            make()


def test_softmax_rows_sum_to_one():
    conv = SemGConv(4, 6, H36M, channelwise=True)
    torch.nn.init.normal_(conv.edge_weight, std=3)
    rows = conv.adjacency().sum(-1)
    torch.testing.assert_close(rows, torch.ones_like(rows))
    assert F.relu(conv.adjacency()).count_nonzero() <= 6 * 46
