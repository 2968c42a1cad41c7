from __future__ import annotations

import torch
from torch import Tensor
from torchmetrics import Metric

from pyg_skeleton.metrics.checks import check_graphs, check_labels


class MeanGraphs(Metric):
    r"""The mean graph of each class, from the `"Graph Contrastive Learning for Skeleton-based
    Action Recognition" <https://arxiv.org/abs/2301.10900>`_ paper (equation 9).

    .. math::
        \mathbf{s}_c = \frac{1}{N_c} \sum_{i: y_i = c} \mathbf{g}_i

    Only one sum per class is stored, regardless of the number of clips. :class:`GraphDistance`
    compares clips with the means.

    Args:
        num_classes (int): The number of classes :math:`K`.
        num_joints (int): The number of joints.

    Shapes:
        - **graph:** one graph per clip, :math:`(N, V, V)`
        - **label:** the class of each clip, :math:`(N)`
        - **output:** :math:`(K, V, V)`, NaN for a class without a clip

    Raises:
        ValueError: If a shape or a label does not fit, or a graph is not finite.
    """

    is_differentiable = False
    full_state_update = False

    total: Tensor
    count: Tensor

    def __init__(self, num_classes: int, num_joints: int) -> None:
        super().__init__()
        zeros = torch.zeros(num_classes, num_joints, num_joints, dtype=torch.float64)
        self.add_state("total", zeros, dist_reduce_fx="sum")
        count = torch.zeros(num_classes, dtype=torch.long)
        self.add_state("count", count, dist_reduce_fx="sum")

    def update(self, graph: Tensor, label: Tensor) -> None:
        """Adds a batch."""
        check_graphs(graph, self.total.size(1))
        label = check_labels(label, len(graph), len(self.count), "label")
        self.total = self.total.index_add(0, label, graph.to(self.total))
        self.count = self.count + label.bincount(minlength=len(self.count))

    def compute(self) -> Tensor:
        """Returns the means of all batches so far."""
        return self.total / self.count[:, None, None]
