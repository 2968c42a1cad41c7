"""The graphs that a network learns for clips."""

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch_geometric.data import Dataset
from torch_geometric.utils import scatter

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.nn.models import RecognitionModel, SkeletonGCL
from pyg_skeleton.training.recognition.module import logits_of


class ClipGraphs(NamedTuple):
    """What :func:`collect_graphs` returns, on the CPU."""

    graph: Tensor
    """The learned graph of each clip, targets in the rows: ``[N, V, V]``."""
    feature: Tensor
    """What the classifier sees of each clip, ``[N, C]``."""
    label: Tensor
    """The class of each clip, -1 if it has none, ``[N]``."""
    prediction: Tensor
    """The class that the network takes each clip for, ``[N]``."""


@torch.no_grad()
def collect_graphs(
    model: RecognitionModel | SkeletonGCL, dataset: Dataset, layer: int = -1, batch_size: int = 64
) -> ClipGraphs:
    r"""Runs a network over the clips of a data set, in evaluation mode, and keeps the graphs that a
    layer learns for them, as section 6.4 of the `"Graph Contrastive Learning for Skeleton-based
    Action Recognition" <https://arxiv.org/abs/2301.10900>`_ paper has them: averaged over subsets
    and over channels or frames; here also over the persons of a clip.

    They are what :meth:`~pyg_skeleton.nn.models.RecognitionModel.graph_layers` yields: for CTR-GCN
    the refinement alone, for AGCN the products before the softmax, for InfoGCN the attention.

    Args:
        model (RecognitionModel or SkeletonGCL): The network; of the contrast around it, nothing is
            used.
        dataset (Dataset): The clips.
        layer (int, optional): Which of the layers that learn graphs. (default: the last one)
        batch_size (int, optional): Clips at a time. (default: :obj:`64`)

    Raises:
        ValueError: If the network learns no graphs, or has no such layer.
    """
    network: Any = model.model if isinstance(model, SkeletonGCL) else model
    source = _graph_layer(network, layer)
    V, device = network.skeleton.num_joints, next(network.parameters()).device
    seen: dict[str, Tensor] = {}
    handles = [
        source.register_forward_hook(lambda module, args, output: seen.update(graph=output)),
        network.classifier.register_forward_pre_hook(
            lambda module, args: seen.update(feature=args[0])
        ),
    ]
    parts: list[ClipGraphs] = []
    training = network.training
    network.eval()
    try:
        for batch in SkeletonLoader(dataset, batch_size):
            batch = batch.to(device)
            N = batch.num_graphs
            prediction = logits_of(network(batch)).argmax(1)
            graph = seen["graph"].float()
            graph = graph.view(len(graph), -1, V, V).mean(1)
            if network.pad_persons:
                graph = graph.view(N, -1, V, V).mean(1)
            else:
                graph = scatter(graph, batch.batch[::V], dim=0, dim_size=N, reduce="mean")
            label = torch.full((N,), -1) if batch.y is None else batch.y.view(-1)
            found = ClipGraphs(graph, seen["feature"].float(), label, prediction)
            parts.append(ClipGraphs(*(tensor.cpu() for tensor in found)))
    finally:
        for handle in handles:
            handle.remove()
        network.train(training)
    return ClipGraphs(*(torch.cat(tensors) for tensors in zip(*parts, strict=True)))


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
