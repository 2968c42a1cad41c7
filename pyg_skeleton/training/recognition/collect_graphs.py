"""The graphs that a network learns for clips."""

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch_geometric.data import Dataset
from torch_geometric.utils import scatter

from pyg_skeleton.nn.models import RecognitionModel, SkeletonGCL
from pyg_skeleton.training.infer import infer, logits_of
from pyg_skeleton.training.recognition.evaluate import labels_of


class ClipGraphs(NamedTuple):
    """The result of :func:`collect_graphs`, on the CPU."""

    graph: Tensor
    """The learned graph of each clip, targets in the rows: ``[N, V, V]``."""
    feature: Tensor
    """The input of the classifier for each clip, ``[N, C]``."""
    label: Tensor
    """The class of each clip, -1 if it has none, ``[N]``."""
    prediction: Tensor
    """The predicted class of each clip, ``[N]``."""


def collect_graphs(
    model: RecognitionModel | SkeletonGCL, dataset: Dataset, layer: int = -1, batch_size: int = 64
) -> ClipGraphs:
    r"""Runs a network over the clips of a data set, in evaluation mode, and collects the graphs
    that a layer learns for them, averaged over subsets and over channels or frames, as in section
    6.4 of the `"Graph Contrastive Learning for Skeleton-based Action Recognition"
    <https://arxiv.org/abs/2301.10900>`_ paper; here also over the persons of a clip.

    The graphs are the outputs of
    :meth:`~pyg_skeleton.nn.models.RecognitionModel.graph_layers`: for CTR-GCN the refinement alone,
    for AGCN the products before the softmax, for InfoGCN the attention.

    Args:
        model (RecognitionModel or SkeletonGCL): The network, with or without contrast.
        dataset (Dataset): The clips.
        layer (int, optional): The number of the layer among those that learn graphs.
            (default: the last one)
        batch_size (int, optional): Clips at a time. (default: :obj:`64`)

    Raises:
        ValueError: If the network learns no graphs, or has no such layer.
    """
    network: Any = model.model if isinstance(model, SkeletonGCL) else model
    source = _graph_layer(network, layer)
    V = network.skeleton.num_joints
    seen: dict[str, Tensor] = {}

    def step(batch: Any) -> ClipGraphs:
        prediction, N = logits_of(network(batch)).argmax(1), batch.num_graphs
        graph = seen["graph"].float()
        graph = graph.view(len(graph), -1, V, V).mean(1)
        if network.pad_persons:
            graph = graph.view(N, -1, V, V).mean(1)
        else:
            graph = scatter(graph, batch.batch[::V], dim=0, dim_size=N, reduce="mean")
        return ClipGraphs(graph, seen["feature"].float(), labels_of(batch), prediction)

    handles = [
        source.register_forward_hook(lambda module, args, output: seen.update(graph=output)),
        network.classifier.register_forward_pre_hook(
            lambda module, args: seen.update(feature=args[0])
        ),
    ]
    try:
        graphs: ClipGraphs = infer(network, dataset, batch_size, step)
    finally:
        for handle in handles:
            handle.remove()
    return graphs


def _graph_layer(network: Any, layer: int) -> torch.nn.Module:
    layers = [layer.module for layer in getattr(network, "graph_layers", list)()]
    if not layers:
        raise ValueError(f"{type(network).__name__} learns no graphs of its clips")
    if not -len(layers) <= layer < len(layers):
        raise ValueError(
            f"{type(network).__name__} has {len(layers)} layers that learn graphs, "
            f"got layer {layer}"
        )
    return layers[layer]
