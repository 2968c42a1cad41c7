from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor
from torchmetrics import Metric

from pyg_skeleton.metrics.checks import check_graphs, check_labels

#: The last rank of each row of Table 10 of the paper.
RANKS = (1, 5, 10, 20, 40, 60)


class GraphDistances(NamedTuple):
    """The result of :class:`GraphDistance`; NaN where there is no clip."""

    #: The distance to all classes, of misclassified and of correctly classified clips, ``[2]``.
    d_all: Tensor
    #: The distance to the correct class, ``[2]``.
    d_cor: Tensor
    #: The distance of misclassified clips to their predicted class.
    d_mis: Tensor
    #: The number of misclassified and of correctly classified clips, ``[2]``.
    num_clips: Tensor
    #: The accuracy of the clips by the rank of their correct class, ``[K]``.
    rank_accuracy: Tensor
    #: The number of clips by the rank of their correct class, ``[K]``.
    rank_clips: Tensor
    #: The distance of the clips of a class (row) to the mean of each class (column), ``[K, K]``.
    class_distance: Tensor


class GraphDistance(Metric):
    r"""The distances between the learned graphs of clips and of classes, from the `"Graph
    Contrastive Learning for Skeleton-based Action Recognition" <https://arxiv.org/abs/2301.10900>`_
    paper (equations 10 to 12, Tables 9 and 10).

    .. math::
        d_{all} = \frac{1}{K} \sum_{k=1}^{K} \lVert \mathbf{g} - \mathbf{s}_k \rVert^2, \quad
        d_{cor} = \lVert \mathbf{g} - \mathbf{s}_{y} \rVert^2, \quad
        d_{mis} = \lVert \mathbf{g} - \mathbf{s}_{\hat{y}} \rVert^2

    for a clip of class :math:`y` with predicted class :math:`\hat{y}`, averaged over the
    misclassified and over the correctly classified clips. The rank of a clip is one plus the number
    of classes that are closer than the correct class.

    .. code-block:: python

        means = MeanGraphs(len(classes), num_joints)
        means.update(graph, label)
        metric = GraphDistance(means.compute(), classes)
        metric.update(graph, label, prediction)
        metric.table(), metric.rank_table()

    :math:`\mathbf{g}` is the graph of a clip, averaged over subsets, channels, frames and persons,
    and not normalized; :math:`\mathbf{s}_k` is the mean graph of a class (:class:`MeanGraphs`). The
    paper does not specify whether the mean is over training or test clips; the caller decides. If
    the mean of :math:`N_c` clips includes the clip itself, :math:`d_{cor}` is smaller by the factor
    :math:`(1 - 1 / N_c)^2`. Classes without a mean are left out of :math:`d_{all}`,
    :math:`d_{mis}` and the ranks. Table 9 lists Euclidean distances, but the equations square them;
    see :obj:`squared`. Only sums are stored, regardless of the number of clips.

    Args:
        means (Tensor): The mean graph of each class, NaN for classes without a mean.
        classes (sequence of str): The names of the classes, in the order of the labels.
        squared (bool, optional): Whether distances are squared. (default: :obj:`True`)

    Shapes:
        - **means:** :math:`(K, V, V)`
        - **graph:** one graph per clip, :math:`(N, V, V)`
        - **label, prediction:** the true and the predicted class, :math:`(N)`

    Raises:
        ValueError: If a shape or a label does not fit, a graph is not finite, or a clip is of a
            class without a mean.
    """

    is_differentiable = False
    full_state_update = False

    means: Tensor
    to_all: Tensor
    to_correct: Tensor
    to_predicted: Tensor
    count: Tensor
    compared: Tensor
    rank_hits: Tensor
    rank_count: Tensor
    between: Tensor
    class_count: Tensor

    def __init__(self, means: Tensor, classes: Sequence[str], squared: bool = True) -> None:
        super().__init__()
        self.classes, self.squared = list(classes), squared
        K = len(self.classes)
        if means.dim() != 3 or len(means) != K or means.size(1) != means.size(2):
            raise ValueError(f"means must be [{K}, V, V] for {K} classes, got {list(means.shape)}")
        self.register_buffer("means", means.double(), persistent=False)
        self.there = means.isfinite().flatten(1).all(1).nonzero().flatten().tolist()
        for name, size in (("to_all", (2,)), ("to_correct", (2,)), ("to_predicted", ()),
                           ("between", (K, K))):  # fmt: skip
            self.add_state(name, torch.zeros(size, dtype=torch.float64), dist_reduce_fx="sum")
        for name, size in (("count", (2,)), ("compared", ()), ("rank_hits", (K,)),
                           ("rank_count", (K,)), ("class_count", (K,))):  # fmt: skip
            self.add_state(name, torch.zeros(size, dtype=torch.long), dist_reduce_fx="sum")

    def update(self, graph: Tensor, label: Tensor, prediction: Tensor) -> None:
        """Adds a batch."""
        N, K = len(graph), len(self.classes)
        check_graphs(graph, self.means.size(1))
        label = check_labels(label, N, K, "label")
        prediction = check_labels(prediction, N, K, "prediction")
        absent = sorted(set(label.tolist()) - set(self.there))
        if absent:
            raise ValueError(f"there are clips of class {self.classes[absent[0]]!r}, but no mean")
        # Exact differences, as distances are small compared to the graphs.
        mode = "donot_use_mm_for_euclid_dist"
        distance = torch.cdist(graph.to(self.means).flatten(1), self.means.flatten(1), 2.0, mode)
        distance = distance**2 if self.squared else distance
        to_correct = distance.gather(1, label[:, None]).squeeze(1)
        to_predicted = distance.gather(1, prediction[:, None]).squeeze(1)
        right = label == prediction
        group = right.long()
        self.to_all = self.to_all.index_add(0, group, distance[:, self.there].mean(1))
        self.to_correct = self.to_correct.index_add(0, group, to_correct)
        self.count = self.count + group.bincount(minlength=2)
        mistaken = to_predicted[~right & to_predicted.isfinite()]
        self.to_predicted = self.to_predicted + mistaken.sum()
        self.compared = self.compared + mistaken.numel()
        nearer = (distance < to_correct[:, None]).sum(1)  # NaN is not nearer
        self.rank_count = self.rank_count + nearer.bincount(minlength=K)
        self.rank_hits = self.rank_hits + nearer[right].bincount(minlength=K)
        self.between = self.between.index_add(0, label, distance)
        self.class_count = self.class_count + label.bincount(minlength=K)

    def compute(self) -> GraphDistances:
        """Returns the distances of all batches so far."""
        return GraphDistances(
            self.to_all / self.count,
            self.to_correct / self.count,
            self.to_predicted / self.compared,
            self.count,
            self.rank_hits / self.rank_count,
            self.rank_count,
            self.between / self.class_count[:, None],
        )

    def table(self) -> pd.DataFrame:
        """Returns Table 9, one row each for misclassified and correctly classified clips."""
        found = self.compute()
        columns = {
            "d_all": found.d_all.tolist(),
            "d_cor": found.d_cor.tolist(),
            "d_mis": [found.d_mis.item(), float("nan")],
            "clips": found.num_clips.tolist(),
        }
        return pd.DataFrame(columns, ["misclassified", "correctly classified"])

    def rank_table(self, ranks: Sequence[int] = RANKS) -> pd.DataFrame:
        """Returns Table 10, the accuracy of clips by the rank of their correct class.

        Args:
            ranks (sequence of int, optional): The last rank of each row, rising; the last row ends
                with the number of classes. (default: :obj:`(1, 5, 10, 20, 40, 60)`)

        Raises:
            ValueError: If the ranks do not rise from 1 or more.
        """
        K = len(self.classes)
        if list(ranks) != sorted(set(ranks)) or min(ranks, default=1) < 1:
            raise ValueError(f"ranks must rise from 1 or more, got {list(ranks)}")
        ends = [*(rank for rank in ranks if rank < K), K]
        rows = {}
        for first, last in zip([0, *ends], ends, strict=False):
            clips = int(self.rank_count[first:last].sum())
            hits = int(self.rank_hits[first:last].sum())
            name = f"{last}" if last == first + 1 else f"{first + 1}-{last}"
            rows[name] = (hits / clips if clips else float("nan"), clips)
        return pd.DataFrame.from_dict(rows, orient="index", columns=["accuracy", "clips"])

    def class_table(self) -> pd.DataFrame:
        """Returns, for each class with clips, their number, their distance to the mean of their
        class, and the closest other class.
        """
        distance = self.compute().class_distance.reshape(len(self.classes), -1)
        rows = {}
        for c, name in enumerate(self.classes):
            if self.class_count[c] == 0:
                continue
            others = distance[c].nan_to_num(torch.inf)
            others[c] = torch.inf
            nearest = int(others.argmin())
            alone = bool(others[nearest].isinf())
            rows[name] = (
                int(self.class_count[c]),
                float(distance[c, c]),
                "" if alone else self.classes[nearest],
                float("nan") if alone else float(others[nearest]),
            )
        columns = ["clips", "d_cor", "nearest other class", "d_nearest"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns)
