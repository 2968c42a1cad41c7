r"""Sums over neighbors in which each channel has weights of its own."""

import torch
from torch import Tensor
from torch.nn.functional import linear

from pyg_skeleton.nn.sums.copies import num_copies


def channel_sum(
    x: Tensor,
    source: Tensor,
    target: Tensor,
    edge_weight: Tensor,
    weight: Tensor,
    num_nodes: int,
    bias: Tensor | None = None,
) -> Tensor:
    r"""Sums over the edges of copies of a graph, with a weight per edge and channel.

    .. math::
        \mathbf{y}_i = \mathbf{b} + \sum_{j \rightarrow i} \mathbf{p}_{ij} \odot
        \mathbf{W}^{(g_{ij})} \mathbf{x}_j

    One product maps all joints; then only the edges of the graph are visited, each once for all
    copies and frames.

    Args:
        x (torch.Tensor): Features of copies of a graph of :math:`V` nodes.
        source (torch.Tensor): The source and the linear map of each edge, as :math:`j G + g_{ij}`.
        target (torch.Tensor): The target of each edge.
        edge_weight (torch.Tensor): The weights :math:`\mathbf{p}_{ij}`.
        weight (torch.Tensor): The linear maps.
        num_nodes (int): The number of nodes :math:`V` of the graph.
        bias (torch.Tensor, optional): What every sum starts from. (default: :obj:`None`)

    Shapes:
        - **x:** :math:`(B \cdot V, *, C)`
        - **source, target:** :math:`(E)`
        - **edge_weight:** :math:`(E, D)`
        - **weight:** :math:`(G, D, C)`
        - **output:** :math:`(B \cdot V, *, D)`
    """
    (G, D, _), V = weight.shape, num_nodes
    B = num_copies(x, V)
    h = linear(x, weight.flatten(0, 1)).reshape(B, V, -1, G, D)
    h = h.transpose(2, 3).flatten(1, 2)  # [B, V * G, *, D]
    h = h.index_select(1, source) * edge_weight.unsqueeze(1)
    out = h.new_zeros(D) if bias is None else bias
    out = out.expand(B, V, h.size(2), D).index_add(1, target, h)
    return out.view((*x.shape[:-1], D))


def edge_softmax(logits: Tensor, place: Tensor, num_nodes: int, row_length: int) -> Tensor:
    r"""Takes the softmax over the edges into each joint, channel by channel.

    Args:
        logits (torch.Tensor): The logits of all edges.
        place (torch.Tensor): Where each edge stands in a table with a row for each joint.
        num_nodes (int): The number of joints.
        row_length (int): The length of the rows.

    Shapes:
        - **logits:** :math:`(E, D)`
        - **place:** :math:`(E)`
        - **output:** :math:`(E, D)`
    """
    logits = logits.contiguous()
    rows = logits.new_full((num_nodes * row_length, logits.size(1)), -torch.inf)
    rows = rows.index_copy(0, place, logits).view(num_nodes, row_length, -1).softmax(dim=1)
    return rows.flatten(0, 1).index_select(0, place)
