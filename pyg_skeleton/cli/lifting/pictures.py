"""The pictures of a network that lifts poses."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pyg_skeleton.datasets import LiftingDataset
from pyg_skeleton.metrics import hard_pose_table, hardest_poses, mpjpe
from pyg_skeleton.nn import DynamicHCSFConv, SemGConv
from pyg_skeleton.nn.models import LiftingModel


def draw_lifting(
    poses: Mapping[str, Tensor],
    dataset: LiftingDataset,
    out: Path,
    model: LiftingModel | None = None,
    metrics: Path | None = None,
) -> list[str]:
    """Draws lifted poses, a histogram of their errors, the hardest poses of each network, the
    curves of the training and, if the network has them, the learned and the dynamic edges.

    Args:
        poses (dict): From the name of a network to what it made of the data set, in millimeters.
        dataset (LiftingDataset): The test poses.
        out (Path): The folder for the pictures.
        model (LiftingModel, optional): The network whose edges to draw. (default: :obj:`None`)
        metrics (Path, optional): The CSV file of the training. (default: :obj:`None`)

    Returns:
        The names of the files.
    """
    from pyg_skeleton import visualization as viz

    out.mkdir(parents=True, exist_ok=True)
    written: list[str] = []

    def save(figure: Any, name: str) -> None:
        figure.savefig(out / name, dpi=120, bbox_inches="tight")
        written.append(name)

    if metrics is not None and metrics.exists():
        save(viz.plot_curves(metrics, title="Training"), "curves.png")
    skeleton, truth = dataset.skeleton, dataset.positions
    errors = {name: mpjpe(pose, truth, skeleton.root) for name, pose in poses.items()}
    save(viz.plot_error_histogram(errors), "error_histogram.png")
    if len(errors) > 1:
        save(viz.plot_hard_poses(hard_pose_table(errors)), "hard_poses.png")
    order = hardest_poses(next(iter(errors.values())), share=1.0)
    shown = order[[len(order) // 2, len(order) // 20, 0]]
    titles = [dataset.actions[int(dataset.action_ids[i])] for i in shown]
    some = {name: pose[shown] for name, pose in poses.items()}
    image = dataset.keypoints[shown]
    save(viz.plot_lifting(image, some, truth[shown], skeleton, titles), "lifting.png")
    if model is None:
        return written
    layers = {
        name: module.adjacency().detach().cpu()
        for name, module in model.named_modules()
        if isinstance(module, SemGConv) and name.startswith("blocks.")
    }
    if layers:
        layers = {f"conv {i}": weight for i, weight in enumerate(layers.values(), start=1)}
        save(viz.plot_edge_weights(layers, skeleton, relative=True), "edge_weights.png")
        save(viz.plot_joint_weights(layers, skeleton), "joint_weights.png")
    hardest = order[:1]
    graph = _dynamic_graph(model, dataset.inputs(hardest))
    if graph is not None:
        title = f"dynamic edges: {titles[-1]}"
        figure = viz.plot_dynamic_edges(truth[hardest[0]], skeleton, graph, title=title)
        save(figure, "dynamic_edges.png")
    return written


def _dynamic_graph(model: LiftingModel, x: Tensor) -> Tensor | None:
    """The graph of one pose in the last dynamic layer, all hops together, if there is one."""
    layers = [m for m in model.modules() if isinstance(m, DynamicHCSFConv)]
    if not layers or layers[-1].graph is None:
        return None
    seen: list[Tensor] = []
    handle = layers[-1].graph.register_forward_hook(lambda m, args, out: seen.append(out))
    try:
        model.lift(x)
    finally:
        handle.remove()
    weight = seen[-1].detach()
    dense = layers[-1].template.dense(weight if weight.dim() == 1 else weight[0])
    return torch.as_tensor(dense.sum(0).cpu())
