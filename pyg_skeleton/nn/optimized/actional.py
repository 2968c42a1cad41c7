"""Layers of Sym-GNN."""

import torch
from torch import Tensor
from torch.nn import Linear, Module, ModuleList, Parameter, ReLU, Sequential

from pyg_skeleton.nn.conv.agim import AGIM, ActionalGraph, TwoLayerMLP
from pyg_skeleton.nn.conv.joint_conv import JointConv
from pyg_skeleton.nn.optimized.constant_graphs import graph_sum
from pyg_skeleton.nn.optimized.forms import Affine, Constants, as_defined, followed, form
from pyg_skeleton.nn.pool import JointToPartPool, PartToJointUnpool
from pyg_skeleton.nn.sums.copies import repeat_edges
from pyg_skeleton.nn.sums.relational_sum import relational_sum


class InferredGraph(Module):
    """An :class:`AGIM`. A norm at the end of an MLP is part of the linear maps that follow, and
    maps of the same input are one.
    """

    edges: Tensor
    others: Tensor

    def __init__(self, layer: AGIM) -> None:
        super().__init__()
        self.num_nodes = layer.num_nodes
        self.register_buffer("edges", layer.edges, persistent=False)
        self.register_buffer("others", layer.pairs[0].clone(), persistent=False)
        self.nodes, self.pairs, self.pairs_out = ModuleList(), ModuleList(), ModuleList()
        first, *rest = layer.node_mlps
        self.nodes.append(_mlp(first))
        norm = Affine.of(first.norm)  # type: ignore[arg-type]
        for node, edge in zip(rest, layer.edge_mlps, strict=True):
            assert isinstance(edge, TwoLayerMLP)
            assert isinstance(node, TwoLayerMLP)
            to_target, to_source = edge.first.weight.tensor_split(2, dim=1)
            bias = edge.first.bias
            self.pairs.append(_behind(norm, (to_target, bias), (to_source, 0 * bias)))
            self.pairs_out.append(edge.second)
            self.nodes.append(_mlp(node, Affine.of(edge.norm)))
            norm = Affine.of(node.norm)
        embeddings = layer.target_embedding, layer.source_embedding
        firsts = [(mlp.first.weight, mlp.first.bias) for mlp, _ in embeddings]  # type: ignore[union-attr]
        self.embed = _behind(norm, *firsts)  # type: ignore[arg-type]
        self.embed_out = ModuleList(
            Sequential(
                mlp.second,  # type: ignore[arg-type]
                ReLU(),
                _behind(Affine.of(mlp.norm), (last.weight, last.bias)),  # type: ignore[arg-type]
            )
            for mlp, last in embeddings
        )

    def forward(self, x: Tensor) -> ActionalGraph:
        """Infers the graph of each body."""
        V = self.num_nodes
        p = self.nodes[0](x)
        for pairs, pairs_out, node in zip(self.pairs, self.pairs_out, self.nodes[1:], strict=True):
            target, source = pairs(p).view(-1, V, 2, p.size(-1)).unbind(2)
            source = torch.unflatten(source.index_select(1, self.others), 1, (V, V - 1))
            q = pairs_out((target.unsqueeze(2) + source).relu_()).relu_()
            p = node(q.mean(2).flatten(0, 1))
        halves = self.embed(p).relu_().chunk(2, dim=1)
        target, source = (
            torch.unflatten(last(half), 0, (-1, V))
            for last, half in zip(self.embed_out, halves, strict=True)
        )
        weight = torch.bmm(target, source.mT).softmax(-1)
        edges = repeat_edges(self.edges, weight.size(0), V, V)
        return ActionalGraph(edges, weight.flatten(), V)


def _mlp(mlp: Module, before: Affine | None = None) -> Sequential:
    """An MLP without its norm, with a norm in front of it folded in."""
    assert isinstance(mlp, TwoLayerMLP)
    before = before or Affine.of(None, mlp.first.in_features)
    return Sequential(
        _behind(before, (mlp.first.weight, mlp.first.bias)), ReLU(), mlp.second, ReLU()
    )


def _behind(norm: Affine, *maps: tuple[Tensor, Tensor]) -> Linear:
    """Linear maps of the same input, behind a norm, as one."""
    weight = torch.cat([weight.double() for weight, _ in maps])
    bias = torch.cat([bias.double() for _, bias in maps]) + weight @ norm.shift
    own, dtype = Linear(1, 1), maps[0][0].dtype
    own.out_features, own.in_features = weight.shape
    own.weight = Parameter((weight * norm.scale).to(dtype), requires_grad=False)
    own.bias = Parameter(bias.to(dtype), requires_grad=False)
    return own


class JointSum(Constants):
    """A :class:`JointConv` with an actional graph, and its norm."""

    graphs: Tensor
    weight: Tensor
    bias: Tensor

    def __init__(self, layer: JointConv, norm: Affine) -> None:
        assert layer.actional is not None
        V, scale = layer.skeleton.num_joints, norm.scale.view(-1, 1)
        graphs, weight = torch.zeros(0, V, V), layer.actional.weight.unsqueeze(0)
        weight = weight.double() * layer.lambda_act
        if layer.structural is not None:
            graphs = layer.structural.adjacency()
            weight = torch.cat([layer.structural.weight.double(), weight])
        super().__init__(
            layer.actional.weight.dtype, graphs=graphs, weight=weight * scale, bias=norm.shift
        )

    def forward(
        self, x: Tensor, actional: ActionalGraph | None = None, edges: None = None
    ) -> Tensor:
        """Sums over all graphs."""
        return relational_sum(x, *self.relations(actional), self.bias)

    def relations(self, actional: ActionalGraph | None) -> tuple[Tensor, Tensor]:
        """Returns the graphs of each body, and the maps, see :meth:`JointConv.relations`."""
        assert actional is not None
        inferred = actional.adjacency().unsqueeze(1)
        graphs = self.graphs.expand(inferred.size(0), -1, -1, -1)
        return torch.cat([graphs, inferred], dim=1), self.weight


class StructuralSum(Module):
    """A :class:`JointConv` without an actional graph, and its norm."""

    def __init__(self, sums: Module) -> None:
        super().__init__()
        self.sums = sums

    def forward(
        self, x: Tensor, actional: ActionalGraph | None = None, edges: None = None
    ) -> Tensor:
        """Sums over all graphs."""
        out: Tensor = self.sums(x)
        return out


class PartMean(Constants):
    """A :class:`JointToPartPool`."""

    mean: Tensor

    def forward(self, x: Tensor) -> Tensor:
        """Averages the joints of each part."""
        h = torch.unflatten(x.flatten(1), 0, (-1, self.mean.size(1)))
        out = torch.bmm(self.mean.expand(h.size(0), -1, -1), h)
        return torch.unflatten(out.flatten(0, 1), 1, x.shape[1:])


class PartCopy(Constants):
    """A :class:`PartToJointUnpool`."""

    part: Tensor

    def __init__(self, layer: PartToJointUnpool) -> None:
        super().__init__(torch.float, part=layer.edge_index[0])
        self.num_parts = layer.num_parts

    def forward(self, x: Tensor) -> Tensor:
        """Copies the features of each part to its joints."""
        h = torch.unflatten(x, 0, (-1, self.num_parts))
        return h.index_select(1, self.part).flatten(0, 1)


@form.register
@as_defined
def _(layer: AGIM, norm: Affine | None = None) -> Module:
    return InferredGraph(layer)


@form.register
@as_defined
def _(layer: JointConv, norm: Affine | None = None) -> Module:
    norm = norm or Affine.of(None, layer.out_channels)
    if layer.actional is not None:
        return JointSum(layer, norm)
    assert layer.structural is not None
    sums = layer.structural
    return StructuralSum(graph_sum(sums.weight, sums.adjacency(), sums.bias, norm))


@form.register
@as_defined
def _(layer: JointToPartPool, norm: Affine | None = None) -> Module:
    dtype = layer.member.dtype if layer.member.dtype.is_floating_point else torch.float
    return followed(PartMean(dtype, mean=layer.member.double() / layer.size), norm)


@form.register
@as_defined
def _(layer: PartToJointUnpool, norm: Affine | None = None) -> Module:
    return followed(PartCopy(layer), norm)
