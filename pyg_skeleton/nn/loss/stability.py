"""Theorem 1 of Sym-GNN: bounds the effect of a perturbed input on a joint-scale convolution."""

import torch
from torch import Tensor

from pyg_skeleton.nn.conv.agim import ActionalGraph
from pyg_skeleton.nn.conv.joint_conv import JointConv


def actional_response(x: Tensor, graph: ActionalGraph) -> Tensor:
    r"""Returns :math:`\mathbf{A}_{act} \mathbf{X}` of a union :math:`(B \cdot V, *, C)`."""
    adjacency = graph.adjacency()
    return torch.matmul(adjacency, x.reshape(adjacency.size(0), graph.num_nodes, -1)).view(x.shape)


def stability_bound(conv: JointConv, epsilon: Tensor, actional_change: Tensor) -> Tensor:
    r"""The bound of Theorem 1 in the `"Symbiotic Graph Neural Networks for 3D Skeleton-based Human
    Action Recognition and Motion Prediction" <https://arxiv.org/abs/1910.02212>`_ paper on the
    change of an activated :class:`~pyg_skeleton.nn.JointConv`.

    .. math::
        \| \rho(\mathrm{JGC}(\mathbf{X}^*)) - \rho(\mathrm{JGC}(\mathbf{X})) \|_F \leq
        \sqrt{D_x D_y} \Bigl( \lambda_{act} \mu_{act} \| \mathbf{A}_{act}^* \mathbf{X}^* -
        \mathbf{A}_{act} \mathbf{X} \|_F + \epsilon \sum_{\gamma=1}^{\Gamma} \sqrt{\|
        \mathbf{A}^{\gamma} \|_0} \, \eta^{(\gamma)} \mu_{str}^{(\gamma)} \Bigr)

    where :math:`\mu` are the largest absolute weights, :math:`\eta^{(\gamma)}` the largest
    absolute edge weight and :math:`\| \cdot \|_0` counts edges. The paper writes
    :math:`C \epsilon^q` for the actional change and has :math:`D_x = 3`.

    Args:
        conv (JointConv): The layer.
        epsilon (torch.Tensor): The change :math:`\| \mathbf{X}^* - \mathbf{X} \|_F` of a pose.
        actional_change (torch.Tensor): The change of :func:`actional_response` of a pose.
    """
    bound = torch.zeros_like(epsilon)
    if conv.actional is not None:
        bound = bound + conv.lambda_act * conv.actional.weight.abs().max() * actional_change
    if conv.structural is not None:
        template = conv.structural.template
        for g, weight in enumerate(conv.structural.weight):
            edge_weight = template.relation(conv.structural.edge_weight, g)
            bound = bound + (
                epsilon * template.sizes[g] ** 0.5 * edge_weight.abs().max() * weight.abs().max()
            )
    return bound * (conv.in_channels * conv.out_channels) ** 0.5


def perturbation_ratio(
    x: Tensor, perturbed: Tensor, graph: ActionalGraph, perturbed_graph: ActionalGraph
) -> Tensor:
    r"""The ratio of section 6.5 (Fig. 15) of Sym-GNN, over whole clips.

    .. math::
        \frac{\| \mathbf{A}_{act}^* \mathbf{X}^* - \mathbf{A}_{act} \mathbf{X} \|_F}
        {\| \mathbf{X}^* - \mathbf{X} \|_F}

    Args:
        x (torch.Tensor): The input, :math:`(B \cdot V, T, C)`.
        perturbed (torch.Tensor): The same with noise.
        graph (ActionalGraph): The graph that AGIM infers from :obj:`x`.
        perturbed_graph (ActionalGraph): The graph that AGIM infers from :obj:`perturbed`.
    """
    change = actional_response(perturbed, perturbed_graph) - actional_response(x, graph)
    return change.norm() / (perturbed - x).norm()
