"""Graph convolutions frame by frame. Those that infer a graph from all frames of a clip infer it
from the last frames instead.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pyg_skeleton.nn.conv.adaptive_graph_conv import AdaptiveGraphConv
from pyg_skeleton.nn.conv.complete_conv import CompleteConv
from pyg_skeleton.nn.conv.ctrg_conv import CTRGConv
from pyg_skeleton.nn.conv.hcsf_conv import HCSFConv
from pyg_skeleton.nn.stream.convs import FrameConv
from pyg_skeleton.nn.stream.memory import Clock, Memory, Rate, Ring
from pyg_skeleton.nn.sums.subset_sum import subset_sum


def frame_graph(conv: nn.Module, clock: Clock, rate: Rate, frames: int, refresh: int) -> nn.Module:
    """Returns a graph convolution frame by frame: the layer itself, unless it infers a graph from
    all frames of a clip.

    Args:
        conv (torch.nn.Module): The layer.
        clock (Clock): The clock of the stream.
        rate (Rate): The rate of the inputs.
        frames (int): The number of frames that graphs are averaged over.
        refresh (int): The number of inputs that a graph serves.
    """
    if isinstance(conv, CompleteConv) and conv.frame_graphs:
        return conv
    forms = ((CTRGConv, _Refinement), (AdaptiveGraphConv, _Similarity))
    for kind, form in forms:
        if isinstance(conv, kind):
            return form(conv, clock, rate, frames, refresh)
    if isinstance(conv, HCSFConv) and conv.graph is not None and conv.graph.embed is not None:
        return _HopProducts(conv, clock, rate, frames, refresh)
    return conv


class _LastFrames(nn.Module):
    """A graph convolution whose graph is inferred from the mean of something over the last
    frames, one in every :obj:`period`.
    """

    def __init__(
        self, conv: nn.Module, clock: Clock, rate: Rate, frames: int, refresh: int
    ) -> None:
        super().__init__()
        period = rate.period * refresh
        self.conv, self.clock, self.period, self.inputs = conv, clock, period, rate.period
        self.ring = Ring(max(1, frames // period), clock, period, at_once=False)
        self.graph = Memory()

    def forward(self, x: Tensor) -> Tensor:
        frames, graph, out, first = self.clock.frames(self.inputs), self.graph.value, [], 0
        for t, frame in enumerate(frames):
            if graph is not None and frame % self.period:
                continue
            if graph is not None and t > first:
                out.append(self.sum(x[:, first:t], graph))
                first = t
            self.ring.push(self.summary(x, t), [frame])
            assert self.ring.value is not None
            graph = self.infer(self.ring.value.mean(-1))
        assert graph is not None
        self.graph.value = graph
        out.append(self.sum(x[:, first:], graph))
        return torch.cat(out, dim=1)

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
    """A :class:`~pyg_skeleton.nn.CTRGConv`, whose graphs are those of the mean joint."""

    conv: CTRGConv

    def summary(self, x: Tensor, frame: int) -> Tensor:
        return x[:, frame : frame + 1]

    def infer(self, mean: Tensor) -> Tensor:
        # Sources in the rows: of all forms of the product below this is by far the fastest.
        conv, refinement = self.conv, self.conv.refinement
        pairs = refinement.pairs(mean.unsqueeze(1)).transpose(3, 4)  # [B, K, H, V, V]
        base = conv.shared.transpose(1, 2).flatten(1).unsqueeze(1)
        base = base + (conv.alpha * refinement.bias).unsqueeze(-1)  # [K, D, V * V]
        graph = ((conv.alpha * refinement.weight) @ pairs.flatten(3)).add_(base)
        graph = torch.unflatten(graph, -1, pairs.shape[-2:])
        return conv.weigh(graph, None)  # [B, K, D, V, V]

    def sum(self, x: Tensor, graph: Tensor) -> Tensor:
        B, K, D, V, _ = graph.shape
        h = F.linear(x, self.conv.weight.flatten(0, 1), self.conv.bias.flatten())
        h = h.view(B, V, -1, K * D).permute(0, 3, 2, 1).contiguous().view(B * K * D, -1, V)
        out = torch.bmm(h, graph.view(-1, V, V)).view(B, K, D, -1, V).sum(1)
        return out.permute(0, 3, 2, 1).reshape(B * V, -1, D)


class _Similarity(_LastFrames):
    """An :class:`~pyg_skeleton.nn.AdaptiveGraphConv`, whose graphs are those of the mean product of
    joints.
    """

    conv: AdaptiveGraphConv

    def summary(self, x: Tensor, frame: int) -> Tensor:
        products = self.conv.similarity(x[:, frame : frame + 1])
        return products.flatten(1).unsqueeze(1) / self.conv.similarity.hidden_channels

    def infer(self, mean: Tensor) -> Tensor:
        shape = (mean.size(0), *self.conv.learned.shape)
        return self.conv.weigh(self.conv.graphs(mean.view(shape)), None)

    def sum(self, x: Tensor, graph: Tensor) -> Tensor:
        bias = self.conv.bias.sum(0)
        return self.conv.sum_edges(x, graph, self.conv.weight, bias=bias, fused=subset_sum)


class _HopProducts(_LastFrames):
    """A :class:`~pyg_skeleton.nn.DynamicHCSFConv`, whose graphs are those of the mean product of
    joints, embedded with the frames before.
    """

    conv: HCSFConv

    def __init__(self, conv: HCSFConv, clock: Clock, rate: Rate, frames: int, refresh: int) -> None:
        super().__init__(conv, clock, rate, frames, refresh)
        assert conv.graph is not None
        assert conv.graph.embed is not None
        self.embed = FrameConv(conv.graph.embed, clock, rate, rate.period)

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
