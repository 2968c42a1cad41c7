"""Small layers that keep what the helpers assert; each test breaks one in its own way."""

from types import SimpleNamespace

import pytest
import torch
from torch_geometric.nn import MessagePassing
from torch_geometric.utils import scatter


class PlainConv(MessagePassing):
    """Any graph: weighted sum of the transformed neighbors; fused as one index_add."""

    def __init__(self, in_channels=4, out_channels=3):
        super().__init__(aggr="sum", node_dim=0)
        self.lin = torch.nn.Linear(in_channels, out_channels)
        self.fuse = True

    def forward(self, x, edge_index, edge_weight=None):
        x = self.lin(x)
        if self.fuse:
            return self.fused(x, edge_index, edge_weight)
        return self.propagate(edge_index, x=x, edge_weight=edge_weight)

    def fused(self, x, edge_index, edge_weight):
        return scatter(self.weigh(x[edge_index[0]], edge_weight), edge_index[1], 0, x.size(0))

    def message(self, x_j, edge_weight):
        return self.weigh(x_j, edge_weight)

    def weigh(self, x_j, edge_weight):
        return x_j if edge_weight is None else x_j * edge_weight.view(-1, *[1] * (x_j.dim() - 1))


class TemplateConv(PlainConv):
    """Bound to a template: one weight per edge, a dense product when no edges are given."""

    def __init__(self, skeleton, in_channels=4, out_channels=3):
        super().__init__(in_channels, out_channels)
        self.num_joints = skeleton.num_joints
        self.register_buffer("template", skeleton.edge_index(), persistent=False)
        self.weight = torch.nn.Parameter(torch.rand(self.template.size(1)))

    def forward(self, x, edge_index=None):
        x = self.lin(x)
        copies = x.size(0) // self.num_joints
        if edge_index is None and self.fuse:
            dense = x.new_zeros(self.num_joints, self.num_joints)
            dense[self.template[1], self.template[0]] = self.weight
            blocks = x.view(copies, self.num_joints, -1)
            return (dense @ blocks).view(x.size())
        if edge_index is None:
            offset = torch.arange(copies).repeat_interleave(self.template.size(1))
            edge_index = self.template.repeat(1, copies) + offset * self.num_joints
        known = self.template[0] * self.num_joints + self.template[1]
        asked = edge_index % self.num_joints
        found = (known == (asked[0] * self.num_joints + asked[1]).unsqueeze(1)).int().argmax(1)
        return self.propagate(edge_index, x=x, edge_weight=self.weight[found])


@pytest.fixture
def layers():
    return SimpleNamespace(PlainConv=PlainConv, TemplateConv=TemplateConv)


@pytest.fixture
def skeleton():
    """A minimal template, without its room."""
    edges = torch.tensor([[1, 0, 2, 1, 3], [0, 1, 1, 2, 2]])
    edges = torch.cat([edges, torch.tensor([[2], [3]])], dim=1)
    return SimpleNamespace(num_joints=4, edge_index=lambda: edges)


@pytest.fixture
def graph():
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(7, 2, 4, generator=generator)
    edge_index = torch.randint(0, 7, (2, 20), generator=generator)
    return x, edge_index
