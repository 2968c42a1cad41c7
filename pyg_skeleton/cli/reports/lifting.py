"""Lifted poses as text and pictures."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pyg_skeleton.cli.reports.page import Players
from pyg_skeleton.cli.reports.pictures import Pictures
from pyg_skeleton.data import Clip
from pyg_skeleton.datasets import LiftingDataset
from pyg_skeleton.metrics import hard_pose_table, hardest_poses, mpjpe
from pyg_skeleton.nn import DynamicHCSFConv, SemGConv
from pyg_skeleton.nn.models import LiftingModel
from pyg_skeleton.visualization import Player, view

_AVERAGES = ("average over actions", "average over poses")


def text(results: Mapping[str, Mapping[str, Any]]) -> str:
    """The errors of several networks, each number with its protocol.

    Args:
        results (dict): By name, what :func:`~pyg_skeleton.training.evaluate_lifting` returned.
    """
    lines: list[str] = []
    for name, result in results.items():
        found, tables, hard = result["found"], result["metrics"], result["hard_poses"]
        lines += [""] if lines else []
        lines.append(
            f"{name}: {found['frames']:,} frames, {found['poses']:,} poses in "
            f"{found['sequences']:,} sequences of {_subjects(found['subjects'])}, "
            f"{len(found['actions'])} actions"
        )
        lines += [f"  [{i}] {label}" for i, label in enumerate(tables, start=1)]
        numbers = list(tables.values())
        width = max(map(len, (*_AVERAGES, *found["actions"])))
        lines.append(" " * width + "".join(f"{f'[{i + 1}]':>9}" for i in range(len(numbers))))
        for action in found["actions"]:
            row = [_number(table["per_action"].get(action)) for table in numbers]
            lines.append(f"{action:>{width}}" + "".join(row))
        for average in _AVERAGES:
            row = [_number(table[average]) for table in numbers]
            lines.append(f"{average:>{width}}" + "".join(row))
        for subject, rows in numbers[0].get("per_subject", {}).items():
            for action in rows:
                row = [_number(table["per_subject"][subject].get(action)) for table in numbers]
                lines.append(f"{f'{subject} {action}':>{width}}" + "".join(row))
        for action in found["missing_actions"]:
            lines.append(f"{action:>{width}} (no test recording)")
        shares = ", ".join(f"{k} {v:.1%}" for k, v in hard.items() if k.endswith(" mm"))
        lines.append(f"poses by [1]: {shares}; mean of the worst 5 %: {hard['worst 5 %']:.1f} mm")
    return "\n".join(lines)


def pictures(
    poses: Mapping[str, Tensor],
    dataset: LiftingDataset,
    model: LiftingModel | None = None,
) -> Pictures:
    """Lifted poses, a histogram of their errors, the hardest poses of each network and, if the
    network has them, the learned and the dynamic edges.

    Args:
        poses (dict): By the name of a network, its poses of the data set in millimeters.
        dataset (LiftingDataset): The test poses.
        model (LiftingModel, optional): The network whose edges to draw. (default: :obj:`None`)
    """
    from pyg_skeleton import visualization as viz

    skeleton, truth = dataset.skeleton, dataset.positions
    errors = {name: mpjpe(pose, truth, skeleton.root) for name, pose in poses.items()}
    order = hardest_poses(next(iter(errors.values())), share=1.0)
    shown = order[[len(order) // 2, len(order) // 20, 0]]
    titles = [dataset.actions[int(dataset.action_ids[i])] for i in shown]
    out: dict[str, Any] = {}
    out["error_histogram.png"] = lambda path: viz.plot_error_histogram(errors)
    if len(errors) > 1:
        out["hard_poses.png"] = lambda path: viz.plot_hard_poses(hard_pose_table(errors))
    out["lifting.png"] = lambda path: viz.plot_lifting(
        dataset.keypoints[shown],
        {name: pose[shown] for name, pose in poses.items()},
        truth[shown],
        skeleton,
        titles,
    )
    if model is None:
        return out
    if weights := _semantic_weights(model):
        out["edge_weights.png"] = lambda path: viz.plot_edge_weights(
            weights, skeleton, relative=True
        )
        out["joint_weights.png"] = lambda path: viz.plot_joint_weights(weights, skeleton)
    dynamic = [m for m in model.modules() if isinstance(m, DynamicHCSFConv)]
    if dynamic and dynamic[-1].graph is not None:
        out["dynamic_edges.png"] = lambda path: viz.plot_dynamic_edges(
            truth[order[0]],
            skeleton,
            _dynamic_graph(model, dynamic[-1], dataset.inputs(order[:1])),
            title=f"dynamic edges: {titles[-1]}",
        )
    return out


def image_pictures(poses: Tensor, keypoints: Tensor, dataset: LiftingDataset) -> Pictures:
    """Six poses: in the image with the joints found in it, lifted, true.

    Args:
        poses (Tensor): The lifted poses in millimeters.
        keypoints (Tensor): The joints found in the images, from -1 to 1.
        dataset (LiftingDataset): The test poses with their images.
    """
    from pyg_skeleton import visualization as viz

    shown = torch.arange(6) * (len(dataset) // 7)
    truth, found = dataset.positions[shown], keypoints[shown]

    def images(path: Path) -> None:
        from matplotlib.image import imsave

        scale = 4
        image = torch.cat([dataset[int(i)].image for i in shown])
        image = image.repeat_interleave(scale, 2).repeat_interleave(scale, 3)
        position = ((found + 1) / 2 * image.size(-1)).long().clamp(1, image.size(-1) - 2)
        column, row = position.unbind(-1)
        for dx, dy in ((0, 0), (0, 1), (1, 0), (1, 1)):
            image[torch.arange(6)[:, None], :, row + dy, column + dx] = 255
        imsave(path, torch.cat(list(image), 2).permute(1, 2, 0).numpy())

    return {
        "lifting.png": lambda path: viz.plot_lifting(found, poses[shown], truth, dataset.skeleton),
        "images.png": images,
    }


def players(
    poses: Tensor,
    dataset: LiftingDataset,
    name: str,
    model: LiftingModel | None = None,
    count: int = 4,
    reach: int = 60,
) -> Players:
    """The recordings around the poses with the largest errors: the keypoints, the truth and the
    lifted poses, with the semantic weights of the network where it has them.

    Args:
        poses (Tensor): The lifted poses in millimeters.
        dataset (LiftingDataset): The test poses.
        name (str): The name of the network.
        model (LiftingModel, optional): The network. (default: :obj:`None`)
        count (int, optional): The number of recordings. (default: :obj:`4`)
        reach (int, optional): The number of poses before and after the hardest.
            (default: :obj:`60`)
    """
    error = mpjpe(poses, dataset.positions, dataset.skeleton.root)
    order, owner = error.argsort(descending=True, stable=True).tolist(), dataset.sequence_ids
    hardest: dict[int, int] = {}
    for i in order:
        if len(hardest) < count:
            hardest.setdefault(int(owner[i]), i)
    weights = {} if model is None else _semantic_weights(model)
    graphs = {
        layer: weight.mean(0) if weight.dim() > 2 else weight for layer, weight in weights.items()
    }

    def player(i: int) -> Player:
        sequence = dataset.sequences[int(owner[i])]
        near = torch.arange(max(0, i - reach), min(len(owner), i + reach + 1))
        near = near[owner[near] == owner[i]]
        rate, size = sequence.fps / dataset.stride, (sequence.camera.width, sequence.camera.height)
        pixels = sequence.keypoints[dataset.frame_ids[near]].float()[None]
        space: dict[str, Any] = {"frame_rate": rate, "unit": "mm", "up": "-y"}
        clips = {
            "truth": Clip(dataset.positions[near][None], dataset.skeleton, **space),
            name: Clip(poses[near][None], dataset.skeleton, **space),
            "keypoints": Clip(pixels, dataset.skeleton, rate, unit="px", up="-y", image_size=size),
        }
        return view(clips, edges=graphs, graph="", color="side")

    titles = [
        f"{rank}. {dataset.sequences[number].action}, {dataset.sequences[number].subject}: up to "
        f"{error[i]:.0f} mm"
        for rank, (number, i) in enumerate(hardest.items(), start=1)
    ]
    return {text: partial(player, i) for text, i in zip(titles, hardest.values(), strict=True)}


def _semantic_weights(model: LiftingModel) -> dict[str, Tensor]:
    """The weights of the edges in each layer of SemGCN."""
    layers = [
        module.adjacency().detach().cpu()
        for name, module in model.named_modules()
        if isinstance(module, SemGConv) and name.startswith("blocks.")
    ]
    return {f"conv {i}": weight for i, weight in enumerate(layers, start=1)}


def _dynamic_graph(model: LiftingModel, layer: DynamicHCSFConv, x: Tensor) -> Tensor:
    """The graph of one pose in a dynamic layer, all hops together."""
    seen: list[Tensor] = []
    handle = layer.graph.register_forward_hook(lambda m, args, out: seen.append(out))  # type: ignore[union-attr]
    try:
        model.lift(x)
    finally:
        handle.remove()
    weight = seen[-1].detach()
    dense = layer.template.dense(weight if weight.dim() == 1 else weight[0])
    return torch.as_tensor(dense.sum(0).cpu())


def _number(value: float | None) -> str:
    if value is None:
        return f"{'-':>9}"
    return f"{value:9.3f}" if value < 1 else f"{value:9.1f}"


def _subjects(names: list[str]) -> str:
    return f"subjects {', '.join(names)}" if len(names) <= 4 else f"{len(names)} subjects"
