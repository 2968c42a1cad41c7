"""Graph convolutions frame by frame. Those that infer a graph from all frames of a clip infer it
from the last frames instead.
"""

import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pyg_skeleton.nn.conv.adaptive_graph_conv import AdaptiveGraphConv
from pyg_skeleton.nn.conv.complete_conv import CompleteConv
from pyg_skeleton.nn.conv.ctrg_conv import CTRGConv
from pyg_skeleton.nn.conv.hcsf_conv import HCSFConv
from pyg_skeleton.nn.conv.mix_hop_conv import MixHopConv
from pyg_skeleton.nn.optimized.constant_graphs import GraphSum
from pyg_skeleton.nn.optimized.forms import Affine, Constants, affine, difference, form
from pyg_skeleton.nn.optimized.learned_graphs import RefinedSum, sum_graphs
from pyg_skeleton.nn.stream.convs import FrameConv, no_form
from pyg_skeleton.nn.stream.memory import Clock, Memory, Rate, Ring


def frame_graph(
    conv: nn.Module, norm: Affine | None, clock: Clock, rate: Rate, frames: int, refresh: int
) -> nn.Module:
    """Returns a graph convolution frame by frame: its optimized form, or the layer itself if it has
    none, unless it infers a graph from all frames of a clip.

    Args:
        conv (torch.nn.Module): The layer.
        norm (Affine, optional): The norm behind it.
        clock (Clock): The clock of the stream.
        rate (Rate): The rate of the inputs.
        frames (int): The number of frames that graphs are averaged over.
        refresh (int): The number of inputs that a graph serves.

    Raises:
        TypeError: If it infers a graph from all frames of a clip, and is a subclass with a forward
            pass of its own or has another aggregation.
    """
    if isinstance(conv, CompleteConv) and conv.frame_graphs:
        frames = refresh = 1
    memory = clock, rate, frames, refresh
    dynamic = isinstance(conv, (HCSFConv, MixHopConv)) and conv.graph and conv.graph.embed
    inferred = dynamic or isinstance(conv, (CTRGConv, AdaptiveGraphConv))
    if inferred and (name := difference(conv)):
        raise no_form(name)
    own: nn.Module
    if isinstance(conv, CTRGConv):
        return _Refinement(conv, norm or Affine.of(None, conv.out_channels), *memory)
    if isinstance(conv, AdaptiveGraphConv):
        return _Similarity(conv, norm or Affine.of(None, conv.out_channels), *memory)
    if dynamic:
        own = _HopProducts(conv, *memory)  # type: ignore[arg-type]
    else:
        try:
            own = form(copy.deepcopy(conv).eval(), norm).requires_grad_(False)
            return _SingleFrames(own) if isinstance(own, GraphSum) else own
        except TypeError:  # a layer of a user's own, which passes messages
            own = conv
    return own if norm is None else nn.Sequential(own, affine(norm))


class _SingleFrames(nn.Module):
    """A sum over constant graphs, which computes a single frame as a pose."""

    def __init__(self, layer: GraphSum) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        single = x.size(1) == 1
        h: Tensor = self.layer(x.squeeze(1) if single else x)
        return h.unsqueeze(1) if single else h


class _LastFrames(nn.Module):
    """A graph convolution whose graph is inferred from the mean of something over the last
    frames, one in every :obj:`period`.
    """

    def __init__(self, clock: Clock, rate: Rate, frames: int, refresh: int) -> None:
        super().__init__()
        period = rate.period * refresh
        self.clock, self.period, self.inputs = clock, period, rate.period
        self.ring = Ring(max(1, frames // period), clock, period, at_once=False)
        self.graph = Memory()

    def forward(self, x: Tensor) -> Tensor:
        frames, graph, out, first = self.clock.frames(self.inputs), self.graph.value, [], 0
        if graph is not None and len(frames) == 1 and frames[0] % self.period:
            return self.sum(x, graph)
        for t, frame in enumerate(frames):
            if graph is not None and frame % self.period:
                continue
            if graph is not None and t > first:
                out.append(self.sum(x[:, first:t], graph))
                first = t
            self.ring.push(self.summary(x, t), [frame])
            assert self.ring.value is not None
            graph = self.infer(self.ring.value.mean(1))
        assert graph is not None
        self.graph.value = graph
        if not out:
            return self.sum(x, graph)
        return torch.cat([*out, self.sum(x[:, first:], graph)], dim=1)

    def summary(self, x: Tensor, frame: int) -> Tensor:
        """The features of a frame that are averaged, ``[N, 1, C]``."""
        raise NotImplementedError

    def infer(self, mean: Tensor) -> Tensor:
        """The graph for the mean."""
        raise NotImplementedError

    def sum(self, x: Tensor, graph: Tensor) -> Tensor:
        """The sum over a graph."""
        raise NotImplementedError


class _Refinement(_LastFrames):
    """A :class:`~pyg_skeleton.nn.CTRGConv` with its norm, whose graphs are those of the mean
    joint.
    """

    def __init__(
        self, conv: CTRGConv, norm: Affine, clock: Clock, rate: Rate, frames: int, refresh: int
    ) -> None:
        super().__init__(clock, rate, frames, refresh)
        self.own = own = RefinedSum(conv, norm)
        V, (K, D, _) = own.num_nodes, own.mix.shape
        # All subsets of a channel are one sum, over sources in the rows: by far the fastest form.
        own.maps.data = own.maps.view(K, D, -1).transpose(0, 1).flatten(0, 1)
        own.map_bias.data = own.map_bias.view(K, D).t().flatten()
        own.shared.data = own.shared.view(K, 2, V, V).transpose(2, 3).flatten(2)

    def summary(self, x: Tensor, frame: int) -> Tensor:
        return x[:, frame : frame + 1]

    def infer(self, mean: Tensor) -> Tensor:
        own, (K, D, H), V = self.own, self.own.mix.shape, self.own.num_nodes
        h = F.linear(mean, own.embed, own.embed_bias).view(-1, V, 2, K, H - 2)
        target, source = h.permute(2, 0, 3, 4, 1)  # [B, K, H - 2, V] each
        pairs = (target.unsqueeze(-2) - source.unsqueeze(-1)).tanh().flatten(3)
        B, graphs = len(pairs), self.graph.value
        if graphs is None or len(graphs) != B:
            graphs = mean.new_empty(B, D, K, V * V)
        for b in range(B):  # in place: large memory that is new takes longer than the products
            for k in range(K):
                parts = torch.cat([pairs[b, k], own.shared[k]])
                torch.mm(own.mix[k], parts, out=graphs[b, :, k])
        return graphs.mul_(own.near.t().flatten()) if own.mask_edges else graphs

    def sum(self, x: Tensor, graph: Tensor) -> Tensor:
        (B, D, K, _), (N, T, _) = graph.shape, x.shape
        *_, maps, map_bias, bias = self.own.values
        V = N // B
        h = F.linear(x, maps, map_bias).view(B, V, T, D, K)
        h = h.permute(0, 3, 2, 4, 1).reshape(B * D, T, K * V)
        h = torch.bmm(h, graph.view(B * D, K * V, V)).view(B, D, T, V)
        out = torch.empty((B, V, T, D), dtype=x.dtype, device=x.device)
        return torch.add(h.permute(0, 3, 2, 1), bias, out=out).view(N, T, D)


class _Similarity(_LastFrames):
    """An :class:`~pyg_skeleton.nn.AdaptiveGraphConv` with its norm, whose graphs are those of the
    mean product of joints.
    """

    def __init__(
        self,
        conv: AdaptiveGraphConv,
        norm: Affine,
        clock: Clock,
        rate: Rate,
        frames: int,
        refresh: int,
    ) -> None:
        super().__init__(clock, rate, frames, refresh)
        self.conv = conv
        maps = (conv.weight.double() * norm.scale.view(-1, 1)).transpose(1, 2)
        bias = norm.bias(conv.bias.sum(0))
        self.constants = Constants(conv.weight.dtype, maps=maps, bias=bias)

    def summary(self, x: Tensor, frame: int) -> Tensor:
        products = self.conv.similarity(x[:, frame : frame + 1])
        return products.flatten(1).unsqueeze(1) / self.conv.similarity.hidden_channels

    def infer(self, mean: Tensor) -> Tensor:
        shape = (mean.size(0), *self.conv.learned.shape)
        return self.conv.weigh(self.conv.graphs(mean.view(shape)), None)

    def sum(self, x: Tensor, graph: Tensor) -> Tensor:
        return sum_graphs(x, graph, *self.constants.values)


class _HopProducts(_LastFrames):
    """A :class:`~pyg_skeleton.nn.DynamicHCSFConv` or :class:`~pyg_skeleton.nn.MixHopConv`, whose
    graphs are those of the mean product of joints, embedded with the frames before.
    """

    def __init__(
        self, conv: HCSFConv | MixHopConv, clock: Clock, rate: Rate, frames: int, refresh: int
    ) -> None:
        super().__init__(clock, rate, frames, refresh)
        self.conv = conv
        assert conv.graph is not None
        assert conv.graph.embed is not None
        self.embed = FrameConv(conv.graph.embed, None, clock, rate, rate.period)

    def forward(self, x: Tensor) -> Tensor:
        self.embedded = self.embed(x)
        return super().forward(x)

    def summary(self, x: Tensor, frame: int) -> Tensor:
        assert self.conv.graph is not None
        return self.conv.graph.products(self.embedded[:, frame : frame + 1]).unsqueeze(1)

    def infer(self, mean: Tensor) -> Tensor:
        graph = self.conv.graph
        assert graph is not None
        weight = graph.alpha * mean[:, graph.slot].tanh()
        return weight if graph.base is None else graph.base + weight

    def sum(self, x: Tensor, graph: Tensor) -> Tensor:
        return self.conv.fuse_sums(self.conv.fused_sums(x, graph, list(self.conv.weights)))
