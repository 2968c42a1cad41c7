"""Learned edge weights per joint, drawn on the body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pyg_skeleton.skeleton.rest_pose import rest_pose
from pyg_skeleton.visualization._body import flatten, upright
from pyg_skeleton.visualization._figure import (
    INK,
    Array,
    add_bar,
    diverging,
    new_figure,
    quiet,
    tick_labels,
)
from pyg_skeleton.visualization.graphs.edge_weights import short_name, to_layers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from pyg_skeleton.skeleton import Skeleton

# Low, middle, high; distinguishable by lightness.
REGIONS = ("#C3DCEC", "#4F9FD0", "#0B4A7D")


def plot_joint_weights(
    weights: Any,
    skeleton: Skeleton,
    statistic: str = "self",
    limits: tuple[float, float] = (0.3, 0.4),
    title: str = "",
) -> Figure:
    r"""Draws the learned weight of each joint, averaged over all layers, and divides the body into
    three regions by it, as in Fig. 8 of the `"Semantic Graph Convolutional Networks for 3D Human
    Pose Regression" <https://arxiv.org/abs/1904.03345>`_ paper. A second panel shows the ratio to
    the initial weight, where all incoming edges of a joint have the weight 1/degree.

    The paper does not specify which weight of a joint is averaged. The mean of its incoming edges
    is always 1/degree, because their weights sum to one, so **statistic** offers two other choices.
    Both are large at the hands, the feet and the head even before training, as these joints have
    few neighbors; the ratio shows what was learned.

    Args:
        weights (sequence or dict of Tensor or numpy.ndarray): The matrix of each layer, see
            :func:`plot_edge_weights`. Must not be negative.
        skeleton (Skeleton): The layout.
        statistic (str, optional): :obj:`"self"`, the weight of the self-loop (the diagonal), or
            :obj:`"given"`, the mean weight of the outgoing edges of a joint including its self-loop
            (the columns). (default: :obj:`"self"`)
        limits (tuple of float, optional): The bounds of the middle region.
            (default: :obj:`(0.3, 0.4)`)
        title (str, optional): The title. (default: :obj:`""`)

    Shapes:
        - **weights:** :math:`(V, V)` or :math:`(C, V, V)`, row target, column source

    Raises:
        ValueError: If a shape does not fit the skeleton, a weight is negative, a joint has no
            self-loop, or **statistic** is unknown.
        ImportError: If matplotlib is missing (extra ``viz``).
    """
    average, start = joint_weights(weights, skeleton.num_joints, statistic)
    figure = new_figure(9.6, max(4.8, 0.17 * skeleton.num_joints + 1.0))
    from matplotlib.colors import Normalize
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    bars, regions, ratios = figure.subplots(1, 3, width_ratios=[1.15, 1, 1])
    region = [REGIONS[np.searchsorted(limits, value, side="right")] for value in average]
    places = np.arange(len(average))
    bars.barh(places, average, color=region, height=0.72)
    for place, value in enumerate(start):
        bars.plot([value, value], [place - 0.42, place + 0.42], color=INK, linewidth=1.4)
    quiet(bars, xlabel="average weight")
    bars.grid(False, axis="y")
    bars.set_yticks(places, [short_name(joint) for joint in skeleton.joints])
    bars.tick_params(axis="y", length=0)
    bars.set_ylim(len(average) - 0.4, -0.6)
    keys = [
        Patch(color=REGIONS[2], label=f"at least {limits[1]:g}"),
        Patch(color=REGIONS[1], label=f"{limits[0]:g} to {limits[1]:g}"),
        Patch(color=REGIONS[0], label=f"below {limits[0]:g}"),
        Line2D([], [], color=INK, linewidth=1.4, label="at the start (edges 1/degree)"),
    ]
    figure.legend(handles=keys, loc="outside lower left", ncols=4, fontsize=8, frameon=False)

    _draw_body(regions, skeleton, region, average)
    regions.set_title("regions", fontsize=9, color=INK)
    doubled = np.log2(average / start)
    most = max(float(np.abs(doubled).max()), 0.01)
    norm, colors = Normalize(-most, most), diverging()
    _draw_body(ratios, skeleton, list(colors(norm(doubled))), average / start)
    ratios.set_title("relative to the start", fontsize=9, color=INK)
    bar = add_bar(figure, ratios, norm, colors, "ratio", 0.5)
    ticks = np.linspace(-most, most, 5)
    bar.set_ticks(ticks, labels=tick_labels(2**ticks))
    if title:
        figure.suptitle(title, fontsize=10, color=INK)
    return figure


def joint_weights(weights: Any, size: int, statistic: str) -> tuple[Array, Array]:
    """Returns the statistic of each joint, averaged over the layers, and its initial value."""
    if statistic not in ("self", "given"):
        raise ValueError(f"statistic must be 'self' or 'given', got {statistic!r}")
    learned: list[Array] = []
    uniform: list[Array] = []
    for name, x in to_layers(weights, size).items():
        edge = x > 0
        if (x < 0).any() or not edge.diagonal().all():
            raise ValueError(f"weights {name!r} must be positive from each joint to itself, else 0")
        for matrix, values in ((x, learned), (edge / edge.sum(axis=1, keepdims=True), uniform)):
            column = matrix.sum(axis=0) / edge.sum(axis=0)
            values.append(matrix.diagonal() if statistic == "self" else column)
    return np.mean(learned, axis=0), np.mean(uniform, axis=0)


def _draw_body(ax: Axes, skeleton: Skeleton, colors: list[Any], numbers: Array) -> None:
    """Draws a body with colored joints and limbs and a number at each joint."""
    from matplotlib.colors import to_rgb

    points = flatten(upright(rest_pose(skeleton, spread=22).double().numpy(), "y"), 0, 0)
    points = _apart(points * [1.3, 1.0], 0.085 * float(np.ptp(points[:, 1])))
    for child, parent in skeleton.bones:
        middle = points[[child, parent]].mean(axis=0)
        for joint in (child, parent):
            ends = np.stack([points[joint], middle])
            ax.plot(*ends.T, color=colors[joint], linewidth=9, solid_capstyle="butt", zorder=1)
    ax.scatter(
        points[:, 0], points[:, 1], c=colors, s=300, edgecolors="white", linewidths=0.8, zorder=2
    )
    for (x, y), color, number in zip(points, colors, numbers, strict=True):
        dark = np.dot(to_rgb(color), (0.3, 0.6, 0.1)) < 0.55
        ax.text(
            x, y, f"{number:.2f}".removeprefix("0"), fontsize=6.5, ha="center", va="center",
            color="white" if dark else INK, zorder=3,
        )  # fmt: skip
    ax.set_aspect("equal")
    ax.margins(0.1)
    ax.set_axis_off()


def _apart(points: Array, least: float) -> Array:
    """Moves joints apart that are closer than **least**, so that no circle hides another."""
    for _ in range(300):
        between = points[:, None] - points
        distance = np.linalg.norm(between, axis=-1)
        np.fill_diagonal(distance, np.inf)
        overlap = np.maximum(least - distance, 0)
        if not overlap.any():
            break
        push = (overlap / np.maximum(distance, 1e-9))[..., None] * between
        points = points + push.sum(axis=1) / 2
    return points
