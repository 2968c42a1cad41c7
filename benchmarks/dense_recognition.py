r"""Networks for action recognition in plain dense PyTorch, as implemented by their authors.

Clips are :math:`(N, C, T, V, M)` with absent persons as zeros, features :math:`(N M, C, T, V)`,
graphs are matrices, and each subset has its own 1x1 convolutions. The code is written from the
papers and from known properties of the authors' code. The weights have the authors' names, so
`CTRGCN.from_official(network.state_dict())` is the same network in our form.
"""

# ruff: noqa: D102

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pyg_skeleton import Skeleton
from pyg_skeleton.nn.models.recognition.info_gcn import bone_matrix
from pyg_skeleton.skeleton import partition_neighbors

CHANNELS = (64, 64, 64, 64, 128, 128, 128, 256, 256, 256)


def pairs(in_channels: int, channels: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """Returns input channels, output channels and stride of each block; the stride is 2 where
    the channels double.
    """
    before = (in_channels, *channels[:-1])
    return [(c, d, 2 if d == 2 * c else 1) for c, d in zip(before, channels, strict=True)]


def point(in_channels: int, out_channels: int, stride: int = 1) -> nn.Conv2d:
    """Returns a 1x1 convolution."""
    return nn.Conv2d(in_channels, out_channels, 1, (stride, 1))


def named(modules: list[nn.Module]) -> list[tuple[str, nn.Module]]:
    """Names the blocks as the authors do, l1, l2, and so on."""
    return [(f"l{i + 1}", module) for i, module in enumerate(modules)]


class ConvNorm(nn.Module):
    """A convolution over time with batch norm."""

    def __init__(self, C: int, D: int, kernel: int, stride: int = 1, dilation: int = 1) -> None:
        super().__init__()
        pad = (kernel - 1) // 2 * dilation
        self.conv = nn.Conv2d(C, D, (kernel, 1), (stride, 1), (pad, 0), (dilation, 1))
        self.bn = nn.BatchNorm2d(D)

    def forward(self, x: Tensor) -> Tensor:
        return self.bn(self.conv(x))


class Branches(nn.Module):
    """Four temporal branches, computed one after the other."""

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        D = channels // 4

        def begin() -> list[nn.Module]:
            return [point(channels, D), nn.BatchNorm2d(D), nn.ReLU()]

        pool = nn.MaxPool2d((3, 1), (stride, 1), (1, 0))
        self.branches = nn.ModuleList(
            [
                nn.Sequential(*begin(), ConvNorm(D, D, 5, stride, 1)),
                nn.Sequential(*begin(), ConvNorm(D, D, 5, stride, 2)),
                nn.Sequential(*begin(), pool, nn.BatchNorm2d(D)),
                nn.Sequential(point(channels, D, stride), nn.BatchNorm2d(D)),
            ]
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self.branches], dim=1)


def down(C: int, D: int) -> nn.Module:
    """Returns the residual path of a graph convolution."""
    return nn.Identity() if C == D else nn.Sequential(point(C, D), nn.BatchNorm2d(D))


def residual(C: int, D: int, stride: int) -> nn.Module:
    """Returns the residual path of a block."""
    return nn.Identity() if C == D and stride == 1 else ConvNorm(C, D, 1, stride)


class Network(nn.Module):
    """The base class with the normalization of the input and the final mean."""

    def bodies(self, x: Tensor) -> Tensor:
        N, C, T, V, M = x.shape
        h = self.data_bn(x.permute(0, 4, 3, 1, 2).reshape(N, M * V * C, T))
        h = h.view(N, M, V, C, T).permute(0, 1, 3, 4, 2)
        return h.reshape(N * M, C, T, V)

    def blocks(self, h: Tensor) -> Tensor:
        for name, block in self.named_children():
            if name.startswith("l"):
                h = block(h)
        return h

    def pool(self, h: Tensor, persons: int) -> Tensor:
        return h.mean((2, 3)).view(-1, persons, h.size(1)).mean(1)

    def forward(self, x: Tensor) -> Any:
        return self.fc(self.pool(self.blocks(self.bodies(x)), x.size(4)))


class STGCN(nn.Module):
    """ST-GCN."""

    def __init__(
        self,
        skeleton: Skeleton,
        classes: int,
        channels: Any = CHANNELS,
        strategy: str = "spatial",
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        self.register_buffer("A", partition_neighbors(skeleton, strategy).transpose(1, 2))
        self.data_bn = nn.BatchNorm1d(3 * skeleton.num_joints)
        self.st_gcn_networks = nn.ModuleList()
        for i, (C, D, stride) in enumerate(pairs(3, channels)):
            block = nn.Module()
            block.gcn = nn.Module()
            block.gcn.conv = point(C, len(self.A) * D)
            block.tcn = nn.Sequential(
                nn.BatchNorm2d(D),
                nn.ReLU(inplace=True),
                nn.Conv2d(D, D, (9, 1), (stride, 1), (4, 0)),
                nn.BatchNorm2d(D),
                nn.Dropout(dropout if i else 0, inplace=True),
            )
            if C != D or stride > 1:
                block.residual = nn.Sequential(point(C, D, stride), nn.BatchNorm2d(D))
            else:
                block.residual = nn.Identity()
            if i == 0:
                block.residual = None
            self.st_gcn_networks.append(block)
        self.edge_importance = nn.ParameterList(torch.ones_like(self.A) for _ in channels)
        self.fcn = nn.Conv2d(channels[-1], classes, 1)

    def encode(self, x: Tensor) -> Tensor:
        """Returns the features of joints, (N M, C, T, V)."""
        N, C, T, V, M = x.shape
        h = x.permute(0, 4, 3, 1, 2).reshape(N * M, V * C, T)
        h = self.data_bn(h).view(N * M, V, C, T).permute(0, 2, 3, 1).contiguous()
        for block, importance in zip(self.st_gcn_networks, self.edge_importance, strict=True):
            z = block.gcn.conv(h).unflatten(1, (len(self.A), -1))
            z = torch.einsum("nkctv,kvw->nctw", z, self.A * importance).contiguous()
            z = block.tcn(z)
            h = F.relu(z if block.residual is None else z + block.residual(h), inplace=True)
        return h

    def forward(self, x: Tensor) -> Tensor:
        h = self.encode(x).mean((2, 3)).view(x.size(0), x.size(4), -1).mean(1)
        return self.fcn(h[..., None, None]).flatten(1)


class AdaptiveGraph(nn.Module):
    """The graph convolution of 2s-AGCN, or of AAGCN with attention."""

    def __init__(self, C: int, D: int, A: Tensor, attention: bool) -> None:
        super().__init__()
        self.width, self.attention = D // 4, attention
        self.register_buffer("A", A, persistent=False)
        self.PA = nn.Parameter(A.clone() if attention else torch.full_like(A, 1e-6))
        self.conv_a = nn.ModuleList(point(C, self.width) for _ in A)
        self.conv_b = nn.ModuleList(point(C, self.width) for _ in A)
        self.conv_d = nn.ModuleList(point(C, D) for _ in A)
        self.bn, self.down = nn.BatchNorm2d(D), down(C, D)
        if attention:
            odd = A.size(1) - 1 + A.size(1) % 2
            self.alpha = nn.Parameter(torch.zeros(1))
            self.conv_sa = nn.Conv1d(D, 1, odd, padding=odd // 2)
            self.conv_ta = nn.Conv1d(D, 1, 9, padding=4)
            self.fc1c, self.fc2c = nn.Linear(D, D // 2), nn.Linear(D // 2, D)

    def forward(self, x: Tensor) -> Tensor:
        N, C, T, V = x.shape
        out = 0
        for k in range(3):
            a = self.conv_a[k](x).permute(0, 3, 1, 2).reshape(N, V, -1)
            b = self.conv_b[k](x).view(N, -1, V)
            similarity = a @ b / b.size(1)
            if self.attention:
                graph = self.PA[k] + self.alpha * similarity.tanh()
            else:
                graph = similarity.softmax(-2) + self.A[k] + self.PA[k]
            out = out + self.conv_d[k]((x.view(N, C * T, V) @ graph).view(N, C, T, V))
        h = F.relu(self.bn(out) + self.down(x))
        if self.attention:
            h = h + h * self.conv_sa(h.mean(2)).sigmoid().unsqueeze(2)
            h = h + h * self.conv_ta(h.mean(3)).sigmoid().unsqueeze(3)
            gate = self.fc2c(F.relu(self.fc1c(h.mean((2, 3))))).sigmoid()
            h = h + h * gate[..., None, None]
        return h


class RefinedSubset(nn.Module):
    """One subset of CTR-GCN's graph convolution."""

    def __init__(self, C: int, D: int) -> None:
        super().__init__()
        width = 8 if C in (3, 9) else C // 8
        self.conv1, self.conv2 = point(C, width), point(C, width)
        self.conv3, self.conv4 = point(C, D), point(width, D)

    def forward(self, x: Tensor, A: Tensor, alpha: Tensor) -> Tensor:
        a, b, h = self.conv1(x).mean(2), self.conv2(x).mean(2), self.conv3(x)
        graph = torch.tanh(a.unsqueeze(-1) - b.unsqueeze(-2))
        graph = self.conv4(graph) * alpha + A
        return torch.einsum("ncuv,nctv->nctu", graph, h)


class RefinedGraph(nn.Module):
    """The graph convolution of CTR-GCN."""

    def __init__(self, C: int, D: int, A: Tensor) -> None:
        super().__init__()
        self.convs = nn.ModuleList(RefinedSubset(C, D) for _ in A)
        self.PA, self.alpha = nn.Parameter(A.clone()), nn.Parameter(torch.zeros(1))
        self.bn, self.down = nn.BatchNorm2d(D), down(C, D)

    def forward(self, x: Tensor) -> Tensor:
        out = 0
        for conv, A in zip(self.convs, self.PA, strict=True):
            out = conv(x, A, self.alpha) + out
        return F.relu(self.bn(out) + self.down(x))


class Block(nn.Module):
    """A graph convolution, a temporal convolution and a residual path."""

    def __init__(self, gcn1: nn.Module, tcn1: nn.Module, rest: nn.Module | None) -> None:
        super().__init__()
        self.gcn1, self.tcn1, self.residual = gcn1, tcn1, rest

    def forward(self, x: Tensor) -> Tensor:
        h = self.tcn1(self.gcn1(x))
        return F.relu(h if self.residual is None else h + self.residual(x))


class AGCN(Network):
    """One stream of 2s-AGCN, or of AAGCN."""

    def __init__(
        self,
        skeleton: Skeleton,
        classes: int,
        channels: Any = CHANNELS,
        persons: int = 2,
        attention: bool = False,
    ) -> None:
        super().__init__()
        A = partition_neighbors(skeleton, "directed").transpose(1, 2).contiguous()
        self.data_bn = nn.BatchNorm1d(persons * 3 * skeleton.num_joints)
        for i, (C, D, s) in enumerate(pairs(3, channels)):
            rest = residual(C, D, s) if i else None
            block = Block(AdaptiveGraph(C, D, A, attention), ConvNorm(D, D, 9, s), rest)
            self.add_module(f"l{i + 1}", block)
        self.fc = nn.Linear(channels[-1], classes)


class CTRGCN(Network):
    """CTR-GCN."""

    def __init__(
        self, skeleton: Skeleton, classes: int, channels: Any = CHANNELS, persons: int = 2
    ) -> None:
        super().__init__()
        A = partition_neighbors(skeleton, "directed").transpose(1, 2).contiguous()
        self.data_bn = nn.BatchNorm1d(persons * 3 * skeleton.num_joints)
        for i, (C, D, s) in enumerate(pairs(3, channels)):
            rest = residual(C, D, s) if i else None
            self.add_module(f"l{i + 1}", Block(RefinedGraph(C, D, A), Branches(D, s), rest))
        self.fc = nn.Linear(channels[-1], classes)


class Attention(nn.Module):
    """The graphs of InfoGCN, one per frame."""

    def __init__(self, C: int, heads: int) -> None:
        super().__init__()
        self.heads, self.width = heads, C // 8
        self.ln, self.to_qk = nn.LayerNorm(C), nn.Linear(C, 2 * heads * (C // 8))
        nn.init.normal_(self.to_qk.weight)

    def forward(self, x: Tensor) -> Tensor:
        N, _, T, V = x.shape
        qk = self.to_qk(self.ln(x.permute(0, 2, 3, 1).contiguous())).chunk(2, dim=-1)
        q, k = (h.view(N * T, V, self.heads, -1).transpose(1, 2) for h in qk)
        return (q @ k.transpose(-2, -1) * self.width**-0.5).softmax(-1)


class AttendedGraph(nn.Module):
    """The graph convolution of InfoGCN."""

    def __init__(self, C: int, D: int, joints: int, heads: int = 3) -> None:
        super().__init__()
        self.attn = Attention(C, heads)
        self.shared_topology = nn.Parameter(torch.eye(joints).repeat(heads, 1, 1))
        self.conv_d = nn.ModuleList(point(C, D) for _ in range(heads))
        self.bn, self.down = nn.BatchNorm2d(D), down(C, D)

    def forward(self, x: Tensor) -> Tensor:
        N, C, T, V = x.shape
        graph = self.attn(x) * self.shared_topology
        frames = x.permute(0, 2, 3, 1).reshape(N * T, V, C)
        out = 0
        for k, conv in enumerate(self.conv_d):
            h = (graph[:, k] @ frames).view(N, T, V, C).permute(0, 3, 1, 2)
            out = conv(h.contiguous()) + out
        return F.relu(self.bn(out) + self.down(x))


class InfoBlock(nn.Module):
    """A block of InfoGCN."""

    def __init__(self, C: int, D: int, stride: int, joints: int) -> None:
        super().__init__()
        self.agcn, self.tcn = AttendedGraph(C, D, joints), Branches(D, stride)
        self.residual = residual(C, D, stride)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(F.relu(self.tcn(self.agcn(x))) + self.residual(x))


class InfoGCN(Network):
    """InfoGCN."""

    def __init__(
        self,
        skeleton: Skeleton,
        classes: int,
        channels: Any = CHANNELS[1:],
        persons: int = 2,
        bone_order: int = 0,
    ) -> None:
        super().__init__()
        V, H = skeleton.num_joints, channels[0]
        self.register_buffer("bones", bone_matrix(skeleton, bone_order), persistent=False)
        self.to_joint_embedding = nn.Linear(3, H)
        self.pos_embedding = nn.Parameter(torch.randn(1, V, H))
        self.data_bn = nn.BatchNorm1d(persons * V * H)
        for i, (C, D, s) in enumerate(pairs(H, channels)):
            self.add_module(f"l{i + 1}", InfoBlock(C, D, s, V))
        self.fc, self.fc_mu = nn.Linear(channels[-1], 256), nn.Linear(256, 256)
        self.fc_logvar, self.decoder = nn.Linear(256, 256), nn.Linear(256, classes)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        N, C, T, V, M = x.shape
        h = x.permute(0, 4, 2, 3, 1).reshape(N * M * T, V, C)
        h = self.to_joint_embedding(self.bones.expand(len(h), V, V) @ h) + self.pos_embedding
        h = self.bodies(h.view(N, M, T, V, -1).permute(0, 4, 2, 3, 1))
        h = F.relu(self.fc(self.pool(self.blocks(h), M)))
        mean = self.fc_mu(h)
        if self.training:
            mean = mean + torch.randn_like(mean) * (0.5 * self.fc_logvar(h)).exp().clamp(max=100)
        return self.decoder(mean), mean
