"""Graph convolutions, frame by frame and of whole clips."""

import pytest
import torch
from torch import nn
from torch_geometric.nn import MessagePassing

from pyg_skeleton.nn import (
    AdaptiveGraphConv,
    ChannelBatchNorm,
    CTRGConv,
    DynamicHCSFConv,
    HCSFConv,
    MixHopConv,
    SelfAttentionGraphConv,
    SemGConv,
    SpatialGraphConv,
    StructuralConv,
    VanillaGConv,
)
from pyg_skeleton.nn.optimized.forms import Affine
from pyg_skeleton.nn.stream.graphs import frame_graph
from pyg_skeleton.nn.stream.memory import Clock, Rate

#: How many frames are computed at a time.
SIZES = [(1,), (3, 1, 2)]
#: Two persons of nine joints.
V, PERSONS = 9, 2


def clip(channels, frames=20):
    return torch.randn(PERSONS * V, frames, channels, dtype=torch.double)


class Passing(MessagePassing):
    """A convolution of a user's own."""

    def __init__(self, skeleton):
        super().__init__()
        self.register_buffer("edge_index", skeleton.edge_index())
        self.linear = nn.Linear(3, 8)

    def forward(self, x):
        persons = x.view(PERSONS, V, -1)
        out = self.propagate(self.edge_index, x=persons, size=None)
        return self.linear(out.view(x.shape))


# Layers of single frames ##########################################################################


EXACT = {
    "spatial": lambda s: SpatialGraphConv(3, 8, s),
    "structural": lambda s: StructuralConv(3, 8, s),
    "vanilla": lambda s: VanillaGConv(3, 8, s),
    "sem": lambda s: SemGConv(3, 8, s),
    "sem of channels": lambda s: SemGConv(3, 8, s, channelwise=True),
    "attention": lambda s: SelfAttentionGraphConv(3, 8, s),
    "hops": lambda s: HCSFConv(3, 8, s),
    "learned hops": lambda s: DynamicHCSFConv(3, 8, s, init="rand", offset=False),
    "mixed hops": lambda s: MixHopConv(3, 8, s, (1, 2)),
    "of a user": Passing,
}


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("name", EXACT)
def test_layers_of_single_frames_are_the_same(shaken, skeleton, frame_by_frame, name, sizes):
    conv, norm = shaken(EXACT[name](skeleton)), shaken(ChannelBatchNorm(8))
    x, clock = clip(3), Clock(most=3)
    before = {key: value.clone() for key, value in conv.state_dict().items()}
    for after in (None, Affine.of(norm)):
        layer = frame_graph(conv, after, clock, Rate(), 8, 2)
        with torch.no_grad():
            outputs = frame_by_frame(layer, clock, x, sizes)
            expected = conv(x) if after is None else norm(conv(x))
        torch.testing.assert_close(torch.stack(list(outputs.values()), 1), expected)
    assert all(torch.equal(before[key], value) for key, value in conv.state_dict().items())
    assert all(p.requires_grad for p in conv.parameters())


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("kind", [CTRGConv, AdaptiveGraphConv])
def test_graphs_of_frames_are_the_same(shaken, skeleton, frame_by_frame, kind, sizes):
    """Those of a network with `continual=True`, whatever a stream says about other graphs."""
    conv, norm = shaken(kind(3, 8, skeleton)), shaken(ChannelBatchNorm(8))
    shake_graphs(conv)
    conv.frame_graphs = True
    x, clock = clip(3), Clock(most=3)
    layer = frame_graph(conv, Affine.of(norm), clock, Rate(), 100, 7)
    with torch.no_grad():
        outputs = frame_by_frame(layer, clock, x, sizes)
        torch.testing.assert_close(torch.stack(list(outputs.values()), 1), norm(conv(x)))


# Graphs of the last frames ########################################################################


def shake_graphs(conv):
    """Graphs that depend on the features, and with biases that are not zero."""
    for name, parameter in conv.named_parameters():
        if name.endswith(("alpha", "bias", "learned")):
            nn.init.uniform_(parameter, 0.4, 0.8)


def last_means(values, period, frames, refresh):
    """The mean over the last values ``[N, T, *]`` at each frame, the plain way: one value is taken
    every **refresh** inputs, and the first one was there before.
    """
    step, means = period * refresh, []
    for now in range(1, values.size(1) + 1):
        taken = [1, *range(step, now + 1, step)]
        count = max(1, frames // step)
        taken = [1] * count + taken
        means.append(torch.stack([values[:, f - 1] for f in taken[-count:]]).mean(0))
    return means


def refined(conv, norm, x, period, frames, refresh):
    """CTRGConv with a mean joint, from its equation."""
    outputs = []
    for t, mean in enumerate(last_means(x, period, frames, refresh)):
        adj = conv.adjacency(mean.unsqueeze(1))  # [M, K, D, V, V]
        adj = adj * conv.near if conv.mask_edges else adj
        h = torch.einsum("kdc,mvc->mkvd", conv.weight, x[:, t].view(PERSONS, V, -1))
        h = h + conv.bias[:, None]
        out = torch.einsum("mkdij,mkjd->mid", adj, h)
        outputs.append(norm(out).flatten(0, 1))
    return outputs


def similar(conv, norm, x, period, frames, refresh):
    """AdaptiveGraphConv with a mean product of joints, from its equation."""
    single = [conv.similarity(x[:, t : t + 1]) for t in range(x.size(1))]
    products = torch.stack(single, 1) / conv.similarity.hidden_channels
    outputs = []
    for t, mean in enumerate(last_means(products, period, frames, refresh)):
        if conv.attention == "softmax":
            adj = conv.counts.reciprocal() + conv.learned + mean.softmax(-1)
        else:
            adj = conv.learned + conv.alpha * mean.tanh()
        adj = adj * conv.near if conv.mask_edges else adj
        h = torch.einsum("mkij,mjc->mkic", adj, x[:, t].view(PERSONS, V, -1))
        out = torch.einsum("kdc,mkic->mid", conv.weight, h) + conv.bias.sum(0)
        outputs.append(norm(out).flatten(0, 1))
    return outputs


def by_hops(conv, norm, x, period, frames, refresh):
    """A dynamic layer over hops whose graphs are given instead, body by body. Its embedding sees
    the frames before, of which the first one was always there.
    """
    graph, embed = conv.graph, conv.graph.embed
    past = torch.cat([x[:, :1].expand(-1, 2 * embed.reach, -1), x], dim=1)
    embedded = embed(past)[:, embed.reach : embed.reach + x.size(1)]
    single = [graph.products(embedded[:, t : t + 1]) for t in range(x.size(1))]
    products = torch.stack(single, 1)
    outputs, base, graph.embed = [], graph.base.clone(), None
    with torch.no_grad():
        for t, mean in enumerate(last_means(products, period, frames, refresh)):
            bodies = []
            for weight, pose in zip(mean, x[:, t].view(PERSONS, V, -1), strict=True):
                graph.base.copy_(base + graph.alpha * weight[graph.slot].tanh())
                bodies.append(norm(conv(pose)))
            outputs.append(torch.cat(bodies))
        graph.base.copy_(base)
    graph.embed = embed
    return outputs


LEARNED = {
    "ctr": (refined, lambda s: CTRGConv(3, 8, s)),
    "ctr masked": (refined, lambda s: CTRGConv(3, 8, s, mask_edges=True)),
    "adaptive": (similar, lambda s: AdaptiveGraphConv(3, 8, s)),
    "adaptive tanh": (similar, lambda s: AdaptiveGraphConv(3, 8, s, "tanh")),
    "adaptive masked": (similar, lambda s: AdaptiveGraphConv(3, 8, s, mask_edges=True)),
    "hops": (by_hops, lambda s: DynamicHCSFConv(3, 8, s, kernel_size=3)),
    "hops of pairs": (by_hops, lambda s: DynamicHCSFConv(3, 8, s, sharing="pair")),
    "mixed hops": (by_hops, lambda s: mixed(s, "concat")),
    "mean hops": (by_hops, lambda s: mixed(s, "mean")),
}


def mixed(skeleton, fusion):
    graph = {"support": "masked", "hidden_channels": 2, "kernel_size": 3, "dilation": 2}
    return MixHopConv(3, 8, skeleton, (1, 2), fusion, bias=True, graph=graph)


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize(("frames", "refresh"), [(1, 1), (6, 1), (7, 3), (2, 5)])
@pytest.mark.parametrize("name", LEARNED)
def test_graphs_of_the_last_frames(shaken, skeleton, frame_by_frame, name, frames, refresh, sizes):
    """Each frame has the graph of those up to it, also if several are computed at a time."""
    reference, make = LEARNED[name]
    conv, norm = shaken(make(skeleton)), shaken(ChannelBatchNorm(8))
    shake_graphs(conv)
    x, clock = clip(3), Clock(most=3)
    layer = frame_graph(conv, Affine.of(norm), clock, Rate(), frames, refresh)
    with torch.no_grad():
        outputs = frame_by_frame(layer, clock, x, sizes)
        expected = reference(conv, norm, x, 1, frames, refresh)
    torch.testing.assert_close(list(outputs.values()), expected)
    apart = frame_by_frame(layer, clock, clip(3), sizes)
    assert not torch.allclose(apart[20], outputs[20])


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("name", ["ctr", "adaptive"])
def test_inputs_that_come_seldom(shaken, skeleton, frame_by_frame, name, sizes):
    """Behind a stride, an answer in each second frame: a mean over as many frames as anywhere."""
    reference, make = LEARNED[name]
    conv, norm = shaken(make(skeleton)), shaken(ChannelBatchNorm(8))
    shake_graphs(conv)
    clock, x = Clock(most=3), clip(3, 24)
    layer = frame_graph(conv, Affine.of(norm), clock, Rate(2, 3), 12, 2)
    with torch.no_grad():
        outputs = frame_by_frame(layer, clock, x, sizes, period=2, due=2)
        # The first input is that of the second frame.
        expected = reference(conv, norm, torch.cat([x[:, 1:2], x[:, 1:]], 1), 2, 12, 2)
    assert sorted(outputs) == list(range(2, 25, 2))
    assert len(layer.ring.value[0]) == 12 // (2 * 2)
    for frame, value in outputs.items():
        torch.testing.assert_close(value, expected[frame - 1])


@pytest.mark.parametrize("name", LEARNED)
def test_memory_of_constant_size(shaken, skeleton, frame_by_frame, name):
    conv = shaken(LEARNED[name][1](skeleton))
    clock = Clock(most=4)
    layer = frame_graph(conv, None, clock, Rate(), 6, 2)
    (learned,) = [m for m in layer.modules() if hasattr(m, "graph") and hasattr(m, "ring")]
    with torch.no_grad():
        frame_by_frame(layer, clock, clip(3, 2), (2,))
        ring, graph = learned.ring.value, learned.graph.value
        assert ring.size(1) == 3
        frame_by_frame(layer, clock, clip(3, 100), (4, 1))
    assert learned.ring.value is ring
    assert learned.graph.value.shape == graph.shape
