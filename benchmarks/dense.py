r"""Sym-GNN in plain dense PyTorch, written from the equations of the paper.

This is the usual implementation without a graph library: features :math:`(B, C, T, V)`, as in
ST-GCN and its successors, matrices instead of edges, `einsum` and 2-D convolutions. It is the
reference of the benchmarks and tests. Each module takes one of ours and copies its parameters under
the same names.
"""

# ruff: noqa: D102

import copy

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn import Module, ModuleList, Parameter

from pyg_skeleton import nn
from pyg_skeleton.nn.models import MultiScaleGCN, PredictionHead, RecognitionHead, SymGNN
from pyg_skeleton.skeleton import BodyGraph, Skeleton


def powers(graph: BodyGraph, order: int) -> Tensor:
    r"""Returns the powers of :math:`\mathbf{D}^{-1}\mathbf{A}` with self-loops,
    :math:`(\Gamma, V, V)`.
    """
    A = torch.eye(graph.num_joints, dtype=torch.float64)
    for i, j in graph.edges:
        A[i, j] = A[j, i] = 1
    A = A / A.sum(dim=1, keepdim=True)
    return torch.stack([torch.linalg.matrix_power(A, k + 1) for k in range(order)]).float()


def to_dense(x: Tensor, num_nodes: int) -> Tensor:
    """Converts :math:`(B V, T, C)` to the dense layout :math:`(B, C, T, V)`."""
    return x.unflatten(0, (-1, num_nodes)).permute(0, 3, 2, 1)


def from_dense(x: Tensor) -> Tensor:
    """Converts :math:`(B, C, T, V)` to :math:`(B V, T, C)`."""
    return x.permute(0, 3, 2, 1).flatten(0, 1)


def graph_sum(x: Tensor, A: Tensor, W: Tensor) -> Tensor:
    r"""Computes :math:`\mathbf{A} \mathbf{X} \mathbf{W}^{\top}` of :math:`(B, C, T, V)` in the
    cheaper of its two orders, with one graph for all clips or one per clip.
    """
    nodes = "uv,bctv->bctu" if A.dim() == 2 else "buv,bctv->bctu"
    if W.size(0) < W.size(1):
        return torch.einsum(nodes, A, torch.einsum("dc,bctv->bdtv", W, x))
    return torch.einsum("dc,bctv->bdtv", W, torch.einsum(nodes, A, x))


def batch_norm(norm: torch.nn.BatchNorm1d, x: Tensor, dim: int = 1) -> Tensor:
    """Batch norm over all dimensions but the channels."""
    if dim != 1:
        x = x.movedim(dim, 1)
    x = F.batch_norm(
        x, norm.running_mean, norm.running_var, norm.weight, norm.bias, norm.training, 0.1, norm.eps
    )
    return x if dim == 1 else x.movedim(1, dim)


class ActionalConv(Module):
    """The actional graph convolution, equation 3."""

    def __init__(self, layer: nn.ActionalConv) -> None:
        super().__init__()
        self.weight = Parameter(layer.weight.detach().clone())

    def forward(self, x: Tensor, A: Tensor) -> Tensor:
        return graph_sum(x, A, self.weight)


class StructuralConv(Module):
    """The structural graph convolution, equation 4, and equation 7 on the part graph."""

    def __init__(self, layer: nn.StructuralConv, graph: BodyGraph) -> None:
        super().__init__()
        power = powers(graph, layer.order).to(layer.weight.dtype)
        mask = torch.ones_like(power)
        mask[power > 0] = layer.edge_weight.detach()
        self.register_buffer("power", power)
        self.edge_weight = Parameter(mask)
        self.weight = Parameter(layer.weight.detach().clone())

    def forward(self, x: Tensor) -> Tensor:
        A = self.power * self.edge_weight
        return sum(graph_sum(x, A[k], self.weight[k]) for k in range(len(A)))


class JointConv(Module):
    """The joint-scale graph convolution, equation 5."""

    def __init__(self, layer: nn.JointConv, graph: BodyGraph) -> None:
        super().__init__()
        self.lambda_act = layer.lambda_act
        self.structural = layer.structural and StructuralConv(layer.structural, graph)
        self.actional = layer.actional and ActionalConv(layer.actional)

    def forward(self, x: Tensor, A: Tensor | None) -> Tensor:
        if self.actional is None:
            return self.structural(x)
        out = self.lambda_act * self.actional(x, A)
        return out if self.structural is None else out + self.structural(x)


class AGIM(Module):
    r"""Equations 1 and 2 on :math:`(B, V, C)`, to matrices :math:`(B, V, V)`."""

    def __init__(self, layer: nn.AGIM) -> None:
        super().__init__()
        for name in ("node_mlps", "edge_mlps", "source_embedding", "target_embedding"):
            setattr(self, name, copy.deepcopy(getattr(layer, name)))
        V = layer.num_nodes
        pairs = [(i, j) for i in range(V) for j in range(V) if i != j]
        self.register_buffer("pairs", torch.tensor(pairs).t())

    def forward(self, x: Tensor) -> Tensor:
        V = x.size(1)
        i, j = self.pairs
        p = self.mlp(self.node_mlps[0], x)
        for f_v, f_e in zip(self.node_mlps[1:], self.edge_mlps, strict=True):
            q = self.mlp(f_e, torch.cat([p[:, i], p[:, j]], dim=-1))
            q = q.view(x.size(0), V, V - 1, -1).sum(dim=2) / (V - 1)
            p = self.mlp(f_v, q)
        f, g = (
            F.linear(self.mlp(e[0], p), e[1].weight, e[1].bias)
            for e in (self.target_embedding, self.source_embedding)
        )
        return torch.einsum("bif,bjf->bij", f, g).softmax(dim=-1)

    def mlp(self, m: Module, x: Tensor) -> Tensor:
        """Builds the MLP of Table 16."""
        h = F.linear(x, m.first.weight, m.first.bias).relu()
        h = F.linear(m.dropout(h), m.second.weight, m.second.bias).relu()
        return batch_norm(m.norm, h, dim=-1)


class JointToPartPool(Module):
    """The mean over the joints of each part."""

    def __init__(self, skeleton: Skeleton) -> None:
        super().__init__()
        member = torch.zeros(len(skeleton.parts), skeleton.num_joints)
        for p, members in enumerate(skeleton.parts.values()):
            member[p, list(members)] = 1
        self.register_buffer("member", member)

    def forward(self, x: Tensor) -> Tensor:
        mean = self.member / self.member.sum(dim=1, keepdim=True)
        return torch.einsum("pv,...v->...p", mean.to(x.dtype), x)


class PartToJointUnpool(Module):
    """Copies the features of each part to its joints."""

    def __init__(self, skeleton: Skeleton) -> None:
        super().__init__()
        part = [p for v in range(skeleton.num_joints) for p in self.parts_of(skeleton, v)]
        self.register_buffer("part", torch.tensor(part))

    def parts_of(self, skeleton: Skeleton, joint: int) -> list[int]:
        return [p for p, members in enumerate(skeleton.parts.values()) if joint in members]

    def forward(self, x: Tensor) -> Tensor:
        return x[..., self.part]


class GTCBlock(Module):
    """The graph and temporal convolution block, equations 6 and 8."""

    def __init__(self, block: nn.JGTCBlock | nn.PGTCBlock, graph: BodyGraph) -> None:
        super().__init__()
        if isinstance(block, nn.PGTCBlock):
            self.conv = StructuralConv(block.conv, graph.part_graph())
        else:
            self.conv = JointConv(block.conv, graph)
        for name in ("conv_norm", "temporal", "temporal_norm", "dropout", "residual"):
            setattr(self, name, copy.deepcopy(getattr(block, name)))

    def forward(self, x: Tensor, *A: Tensor | None) -> Tensor:
        h = batch_norm(self.conv_norm, self.conv(x, *A)).relu()
        h = self.dropout(batch_norm(self.temporal_norm, self.over_time(self.temporal, h)))
        if isinstance(self.residual, torch.nn.Sequential):
            x = batch_norm(self.residual[1], self.over_time(self.residual[0], x))
        return (h if self.residual is None else h + x).relu()

    def over_time(self, conv: torch.nn.Conv1d, x: Tensor) -> Tensor:
        stride, padding = (conv.stride[0], 1), (conv.padding[0], 0)
        return F.conv2d(x, conv.weight.unsqueeze(-1), conv.bias, stride, padding)


class Branch(Module):
    """The backbone with both scales, Section 5.1.2."""

    def __init__(self, branch: MultiScaleGCN, graph: BodyGraph) -> None:
        super().__init__()
        self.joint_blocks = ModuleList(GTCBlock(b, graph) for b in branch.joint_blocks)
        self.part_blocks = ModuleList(GTCBlock(b, graph) for b in branch.part_blocks)
        self.fuse_after = branch.fuse_after
        self.pool, self.unpool = JointToPartPool(graph), PartToJointUnpool(graph)

    def forward(self, x: Tensor, A: Tensor) -> Tensor:
        x = self.joint_blocks[0](x, A)
        p = self.pool(x)
        blocks = zip(self.joint_blocks[1:], self.part_blocks, self.fuse_after[1:], strict=True)
        for joint_block, part_block, fuse in blocks:
            x, p = joint_block(x, A), part_block(p)
            if fuse:
                x, p = torch.cat([x, self.unpool(p)], dim=1), torch.cat([p, self.pool(x)], dim=1)
        return (x + self.unpool(p)).mean(dim=2)


class Recognition(Module):
    """The recognition head for one person per clip, Section 5.2."""

    def __init__(self, head: RecognitionHead) -> None:
        super().__init__()
        for name in ("hidden", "dropout", "classifier"):
            setattr(self, name, copy.deepcopy(getattr(head, name)))

    def forward(self, h: Tensor) -> Tensor:
        h = self.hidden(h.transpose(1, 2)).relu().mean(dim=1)
        return self.classifier(self.dropout(h))


class Prediction(Module):
    r"""The prediction head, equation 10, on :math:`(B, C, V)`, poses :math:`(B, D, T, V)`."""

    def __init__(self, head: PredictionHead, graph: BodyGraph) -> None:
        super().__init__()
        self.carry = head.carry
        self.conv = JointConv(head.conv, graph)
        for name in ("embed", "gru", "out"):
            setattr(self, name, copy.deepcopy(getattr(head, name)))

    def forward(self, h: Tensor, x: Tensor, A: Tensor, y: Tensor, num_future: int) -> Tensor:
        y = y.unsqueeze(1).expand(-1, h.size(2), -1)
        past = [x[:, :, t].transpose(1, 2) for t in (-3, -2, -1)]
        h = self.embed(h.transpose(1, 2))
        for _ in range(num_future):
            convolved = self.jgc(h, A)
            velocity, before = past[-1] - past[-2], past[-2] - past[-3]
            motion = torch.cat([past[-1], velocity, velocity - before, y], dim=-1)
            r, z, n = F.linear(motion, self.gru.weight_ih, self.gru.bias_ih).chunk(3, dim=-1)
            hidden = F.linear(convolved, self.gru.weight_hh, self.gru.bias_hh)
            hr, hz, hn = hidden.chunk(3, dim=-1)
            r, z = (r + hr).sigmoid(), (z + hz).sigmoid()
            h = (1 - z) * (n + r * hn).tanh() + z * (h if self.carry == "hidden" else convolved)
            past.append(past[-1] + self.out(h))
        return torch.stack(past[3:], dim=1).permute(0, 3, 1, 2)

    def jgc(self, h: Tensor, A: Tensor) -> Tensor:
        conv = self.conv
        out = conv.lambda_act * torch.einsum("buv,bvc->buc", A, h) @ conv.actional.weight.t()
        graphs = conv.structural.power * conv.structural.edge_weight
        for graph, weight in zip(graphs, conv.structural.weight, strict=True):
            out = out + torch.einsum("uv,bvc->buc", graph, h) @ weight.t()
        return out


class Stream(Module):
    """AGIM, a branch per difference order, the recognition head."""

    def __init__(self, net: Module, graph: BodyGraph) -> None:
        super().__init__()
        self.differences, self.agim_frames = net.differences, net.agim_frames
        self.agim = AGIM(net.agim)
        self.branches = ModuleList(Branch(branch, graph) for branch in net.branches)
        self.head = Recognition(net.head)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        frames = torch.linspace(0, x.size(2) - 1, self.agim_frames).round().long()
        A = self.agim(x[:, :, frames].permute(0, 3, 2, 1).flatten(2))
        features = [
            branch(self.difference(x, order), A)
            for branch, order in zip(self.branches, self.differences, strict=True)
        ]
        h = torch.cat(features, dim=1)
        return h, self.head(h), A

    def difference(self, x: Tensor, order: int) -> Tensor:
        """Computes equation 9, with zeros in frames that lack a preceding frame."""
        for n in range(order):
            moved = x[:, :, n + 1 :] - x[:, :, n:-1]
            x = torch.cat([torch.zeros_like(x[:, :, : n + 1]), moved], dim=2)
        return x


class DenseSymGNN(Module):
    """The whole network with both heads and both streams, one person per clip."""

    def __init__(self, model: SymGNN) -> None:
        super().__init__()
        self.skeleton, self.num_future = model.skeleton, model.num_future
        self.bone_weight = model.bone_weight
        self.joint_net = Stream(model.joint_net, model.skeleton)
        self.bone_net = Stream(model.bone_net, model.skeleton.dual())
        self.decoder = Prediction(model.decoder, model.skeleton)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        h, logits, A = self.joint_net(x)
        child, parent = torch.tensor(self.skeleton.bones).t()
        _, bone_logits, _ = self.bone_net(x[..., child] - x[..., parent])
        logits = logits + self.bone_weight * bone_logits
        return logits, self.decoder(h, x, A, logits.softmax(dim=-1), self.num_future)
