"""The edges of learned graphs at one joint, drawn over bodies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.visualization._body import draw_flat, flatten, upright
from pyg_skeleton.visualization._figure import (
    BLUE,
    INK,
    VERMILION,
    Array,
    new_figure,
    to_array,
    to_positions,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from pyg_skeleton.skeleton import Skeleton

PALE = "#C9D3DA"
_DASH = (0, (2.0, 1.0))


def plot_graph_around(
    positions: Any,
    skeleton: Skeleton,
    graphs: Any,
    joint: int | str,
    titles: Sequence[str] = (),
    title: str = "",
    up: str = "y",
    azimuth: float = 30.0,
    elevation: float = 8.0,
) -> Figure:
    r"""Draws the incoming edges of one joint in several learned graphs, side by side, as in Fig. 1
    of the `"Graph Contrastive Learning for Skeleton-based Action Recognition"
    <https://arxiv.org/abs/2301.10900>`_ paper.

    A larger weight of the edge from a joint to the anchor gives a wider and darker line, and a
    larger circle at the joint. Positive weights are vermilion, negative weights blue and dashed.
    All panels have the same scale. The anchor is marked by a ring, and its self-loop is not drawn.

    Args:
        positions (Tensor or numpy.ndarray): One pose for all graphs, or one for each.
        skeleton (Skeleton): The layout.
        graphs (Tensor or numpy.ndarray): The graphs, for example of several clips or classes.
        joint (int or str): The anchor; the paper uses the tip of the acting hand.
        titles (sequence of str, optional): The title of each graph. (default: none)
        title (str, optional): The title of the figure. (default: :obj:`""`)
        up (str, optional): The axis that points up, see :func:`plot_skeleton`.
            (default: :obj:`"y"`)
        azimuth (float, optional): The horizontal angle of the view, in degrees.
            (default: :obj:`30.0`)
        elevation (float, optional): The vertical angle of the view, in degrees.
            (default: :obj:`8.0`)

    Shapes:
        - **positions:** :math:`(V, 3)`, :math:`(n, V, 3)`, or two coordinates
        - **graphs:** :math:`(V, V)` or :math:`(n, V, V)`, row target, column source

    Raises:
        ValueError: If a shape does not fit the skeleton, a weight is not finite, or the skeleton or
            a pose lacks the joint.
        ImportError: If matplotlib is missing (extra ``viz``).
    """
    V = skeleton.num_joints
    names = list(skeleton.joints)
    if joint not in names and joint not in range(V):
        raise ValueError(f"{skeleton.name!r} has no joint {joint!r}")
    anchor = names.index(joint) if isinstance(joint, str) else int(joint)
    weight = to_array(graphs, "graphs")
    weight = weight[None] if weight.ndim == 2 else weight
    if weight.ndim != 3 or weight.shape[1:] != (V, V) or not len(weight):
        raise ValueError(f"graphs must be [{V}, {V}] or [n, {V}, {V}], got {list(weight.shape)}")
    if not np.isfinite(weight).all():
        raise ValueError("graphs must be finite")
    count = len(weight)
    poses = to_array(positions, "positions")
    poses = np.repeat(poses[None], count, axis=0) if poses.ndim == 2 else poses
    if len(poses) != count or len(titles) not in (0, count):
        raise ValueError(
            f"expected a pose and a title for each of {count} graphs, got {len(poses)} poses and "
            f"{len(titles)} titles"
        )
    shown = [to_positions(pose, V, "positions") for pose in poses]
    points = [flatten(upright(pose, up), azimuth, elevation) for pose in shown]
    into = weight[:, anchor].copy()
    into[:, anchor] = 0
    most = float(np.abs(into).max()) or 1.0
    share = into / most
    columns = min(count, 5)
    rows = -(-count // columns)
    figure = new_figure(2.5 * columns, 3.5 * rows + (0.35 if title else 0.0))
    axes = np.atleast_1d(figure.subplots(rows, columns)).flatten()
    for ax in axes[count:]:
        ax.set_axis_off()
    for i, ax in enumerate(axes[:count]):
        _draw(ax, points[i], skeleton, anchor, share[i])
        if titles:
            ax.set_title(titles[i].replace("_", " "), fontsize=9, color=INK)
    keys = _keys(skeleton.joints[anchor], most, bool((into < 0).any()))
    figure.legend(
        handles=keys, loc="outside lower center", ncols=min(3, columns + 1), fontsize=8,
        frameon=False, handlelength=3,
    )  # fmt: skip
    if title:
        figure.suptitle(title, fontsize=10, color=INK)
    return figure


def _keys(joint: str, most: float, negative: bool) -> list[Any]:
    """Returns the entries of the legend."""
    from matplotlib.lines import Line2D

    ring: dict[str, Any] = {
        "color": "white",
        "marker": "o",
        "markersize": 7,
        "markeredgecolor": INK,
    }
    keys = [
        Line2D([], [], **ring, label=joint.replace("_", " ")),
        Line2D([], [], color=VERMILION, linewidth=3.3, label=f"edge into it, weight {most:.3g}"),
    ]
    if negative:
        keys.append(
            Line2D([], [], color=BLUE, linewidth=3.3, linestyle=_DASH, label=f"weight -{most:.3g}")
        )
    return keys


def _draw(ax: Axes, points: Array, skeleton: Skeleton, anchor: int, share: Array) -> None:
    """Draws one body; **share** from -1 to 1 is the strength of the edge from each joint."""
    seen: NDArray[np.bool_] = np.asarray(np.isfinite(points).all(axis=1))
    if not seen[anchor]:
        raise ValueError(f"positions: joint {skeleton.joints[anchor]!r} is not finite")
    draw_flat(ax, points, skeleton, dict.fromkeys(("left", "right", "center"), PALE), 2.5)
    x, y = points.T
    for source in np.argsort(np.abs(share), kind="stable").tolist():  # the strongest on top
        strength = abs(float(share[source]))
        if source == anchor or not seen[source] or strength < 0.02:
            continue
        positive = share[source] > 0
        color = VERMILION if positive else BLUE
        ax.plot(
            *points[[source, anchor]].T, color=color, linewidth=0.3 + 3.0 * strength,
            alpha=0.12 + 0.6 * strength**1.5, linestyle="-" if positive else _DASH,
            zorder=2 + strength,
        )  # fmt: skip
        ax.scatter(
            x[source], y[source], s=4 + 110 * strength, color=color if positive else "white",
            alpha=0.85, linewidths=0.5 if positive else 1.2,
            edgecolors="white" if positive else color, zorder=4 + strength,
        )  # fmt: skip
    ax.scatter(
        x[anchor], y[anchor], s=70, facecolors="white", edgecolors=INK, linewidths=1.4, zorder=6
    )
    ax.set_aspect("equal")
    ax.margins(0.14)
    ax.set_axis_off()
