"""Learned edge weights of the layers of a network, drawn as heat maps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from pyg_skeleton.visualization._figure import (
    FAINT,
    GRAY,
    INK,
    Array,
    add_bar,
    diverging,
    new_figure,
    tick_labels,
    to_array,
)

if TYPE_CHECKING:
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

    from pyg_skeleton.skeleton import BodyGraph


def plot_edge_weights(
    weights: Any, skeleton: BodyGraph, relative: bool = False, title: str = ""
) -> Figure:
    r"""Draws the learned edge weights of each layer, as in Fig. 7 of the `"Semantic Graph
    Convolutional Networks for 3D Human Pose Regression" <https://arxiv.org/abs/1904.03345>`_ paper.

    Rows are targets, columns are sources. If the weights of a row sum to one, as in
    :class:`~pyg_skeleton.nn.SemGConv`, joints with few neighbors have large weights even before
    training; **relative** shows only the change by training.

    .. code-block:: python

        layers = [m.adjacency() for m in model.modules() if isinstance(m, SemGConv)]
        plot_edge_weights(layers, skeleton, relative=True)

    Args:
        weights (sequence or dict of Tensor or numpy.ndarray): The matrix of each layer, zero where
            there is no edge. The keys of a dictionary are titles. Matrices of several channels are
            averaged.
        skeleton (Skeleton): The layout.
        relative (bool, optional): If set to :obj:`True`, divides each weight by its initial value
            1/degree, where the degree includes the self-loop. (default: :obj:`False`)
        title (str, optional): The title. (default: :obj:`""`)

    Shapes:
        - **weights:** :math:`(V, V)` or :math:`(C, V, V)`, row target, column source

    Raises:
        ValueError: If there is no layer, a shape does not fit the skeleton, or a weight is not
            finite.
        ImportError: If matplotlib is missing (extra ``viz``).
    """
    layers = to_layers(weights, skeleton.num_joints)
    shown = {
        name: _log_relative(x, name) if relative else np.where(x == 0, np.nan, x)
        for name, x in layers.items()
    }
    size = skeleton.num_joints
    columns = 3 if len(shown) in (5, 6) else min(4, len(shown))
    rows = -(-len(shown) // columns)
    panel = max(1.9, 0.125 * size)
    figure = new_figure(panel * columns + 2.0, (panel + 0.25) * rows + 1.2)
    from matplotlib.collections import LineCollection
    from matplotlib.colors import Normalize

    low, high, colors = _range(np.stack(list(shown.values())), two_sided=relative)
    axes = figure.subplots(rows, columns, squeeze=False)
    names = [short_name(joint) for joint in skeleton.joints]
    ends = (-0.5, size - 0.5)
    grid = [[(ends[0], at), (ends[1], at)] for at in np.arange(1, size) - 0.5]
    grid += [[(at, ends[0]), (at, ends[1])] for at in np.arange(1, size) - 0.5]
    for place, (ax, (name, x)) in enumerate(zip(axes.flat, shown.items(), strict=False)):
        ax.imshow(x, vmin=low, vmax=high, cmap=colors)
        ax.set_title(name, fontsize=9, color=INK)
        first, last = place % columns == 0, place + columns >= len(shown)
        ax.set_yticks(range(size) if first else [], names if first else [])
        ax.set_xticks(range(size) if last else [], names if last else [], rotation=90)
        ax.tick_params(length=0, labelsize=7, labelcolor=INK)
        ax.add_collection(LineCollection(grid, colors=FAINT, linewidths=0.4))
        for spine in ax.spines.values():
            spine.set_color(GRAY)
    for ax in axes.flat[len(shown) :]:
        ax.set_axis_off()
    bar = add_bar(figure, axes, Normalize(low, high), colors, "weight", 0.6)
    if relative:
        ticks = np.linspace(low, high, 5)
        bar.set_ticks(ticks, labels=tick_labels(2**ticks))
        bar.set_label("weight relative to 1/degree", fontsize=8, color=INK)
    figure.supxlabel("from", fontsize=9, color=INK)
    figure.supylabel("to", fontsize=9, color=INK)
    if title:
        figure.suptitle(title, fontsize=10, color=INK)
    return figure


def _log_relative(weight: Array, name: str) -> Array:
    """Returns the binary logarithm of weight times degree; NaN where there is no edge."""
    if (weight < 0).any():
        raise ValueError(f"weights {name!r} must not be negative to be relative to 1/degree")
    edge = weight > 0
    return np.log2(np.where(edge, weight * edge.sum(axis=1, keepdims=True), np.nan))


def _range(values: Array, two_sided: bool) -> tuple[float, float, Colormap]:
    """Returns the color range: from zero to the maximum, or symmetric if there are both signs."""
    from matplotlib import colormaps

    most = float(np.nanmax(np.abs(values), initial=0)) or 1.0
    if two_sided:
        most = max(most, 0.01)  # rounding errors stay pale
    if two_sided or np.nanmin(values, initial=0) < 0:
        return -most, most, diverging()
    return 0.0, most, colormaps["Blues"]


def to_layers(weights: Any, size: int) -> dict[str, Array]:
    """Returns the matrices of the layers by title, averaged over channels."""
    if not isinstance(weights, Mapping):
        weights = {f"layer {i + 1}": x for i, x in enumerate(weights)}
    layers = {str(name): to_array(x, f"weights {name!r}") for name, x in weights.items()}
    if not layers:
        raise ValueError("weights must hold at least one layer")
    for name, x in layers.items():
        if x.ndim not in (2, 3) or x.shape[-2:] != (size, size):
            raise ValueError(
                f"weights {name!r} must be [{size}, {size}] or [C, {size}, {size}], "
                f"got {list(x.shape)}"
            )
        if not np.isfinite(x).all():
            raise ValueError(f"weights {name!r} must be finite")
    return {name: x.mean(0) if x.ndim == 3 else x for name, x in layers.items()}


def short_name(joint: str) -> str:
    """Shortens a joint name: ``left_elbow`` becomes "L elbow"."""
    side, _, rest = joint.partition("_")
    name = f"{side[0].upper()} {rest}" if side in ("left", "right") and rest else joint
    return name.replace("_", " ")
