"""Figures without pyplot, so that no global state is used and no window is opened."""

from __future__ import annotations

import io
import re
import zlib
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap, Normalize
    from matplotlib.figure import Figure

Array = NDArray[np.float64]

# The palette of Okabe and Ito, which remains distinguishable with color blindness and in print.
BLUE, VERMILION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
SKY, PURPLE, YELLOW = "#56B4E9", "#CC79A7", "#F0E442"
INK, GRAY, FAINT = "#262626", "#8C8C8C", "#DDDDDD"
CYCLE = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, INK, "#8C564B", "#6A3D9A", "#B2A300")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")


def new_figure(width: float, height: float, fit: bool = True) -> Figure:
    """Creates an empty figure of a size in inches, with or without automatic layout."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            "pictures need matplotlib: pip install 'pyg_skeleton[viz]' (the extra 'viz')"
        ) from error
    figure = Figure(figsize=(width, height), dpi=150, facecolor="white")
    if fit:
        figure.set_layout_engine("constrained")
    return figure


def figure_of(ax: Axes) -> Figure:
    """Returns the figure of axes."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure


def inline_svg(figure: Figure) -> str:
    """Returns a figure as an element for an HTML page, without the addresses of namespaces, which
    only a file needs.
    """
    from matplotlib import rc_context

    text = io.StringIO()
    with rc_context({"svg.hashsalt": "figure"}):  # the same figure is the same text
        figure.savefig(text, format="svg", bbox_inches="tight", metadata={"Date": None})
    element = text.getvalue()
    element = re.sub(r"<metadata>.*?</metadata>", "", element[element.index("<svg") :], flags=re.S)
    element = re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", element)
    # Matplotlib names clip paths by their address in memory: by number, and by figure as a page
    # holds several.
    numbers: dict[str, str] = {}
    number = partial(re.sub, r"\bp[0-9a-f]{10}\b")
    element = number(lambda found: numbers.setdefault(found[0], f"clip{len(numbers)}"), element)
    figure_id = f"{zlib.crc32(element.encode()):08x}"
    return re.sub(r"\bclip(\d+)\b", rf"clip\1-{figure_id}", element)


def quiet(ax: Axes, xlabel: str = "", ylabel: str = "", title: str = "") -> None:
    """Styles axes with thin lines, a faint grid and small text."""
    ax.set_xlabel(xlabel, fontsize=9, color=INK)
    ax.set_ylabel(ylabel, fontsize=9, color=INK)
    ax.set_title(title, fontsize=10, color=INK, loc="left")
    ax.tick_params(labelsize=8, color=GRAY, labelcolor=INK, length=3)
    ax.grid(True, color=FAINT, linewidth=0.6)
    ax.set_axisbelow(True)
    for side, spine in ax.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(GRAY)


def add_bar(
    figure: Figure, axes: Any, norm: Normalize, colors: Colormap, label: str, shrink: float = 0.45
) -> Any:
    """Adds a thin color bar."""
    from matplotlib.cm import ScalarMappable

    scale = ScalarMappable(norm, colors)
    bar = figure.colorbar(scale, ax=axes, shrink=shrink, aspect=16, pad=0.02, fraction=0.06)
    bar.set_label(label, fontsize=8, color=INK)
    bar.ax.ticklabel_format(axis="y", useOffset=False)
    bar.ax.tick_params(labelsize=7, color=GRAY, labelcolor=INK)
    bar.outline.set_edgecolor(FAINT)
    return bar


def round_down(value: float) -> float:
    """Returns the nearest of 1, 2, 5, 10, 20, ... that is not above a positive number."""
    power = 10.0 ** np.floor(np.log10(value))
    return float(f"{max(s * power for s in (1, 2, 5) if s * power <= 1.001 * value):.6g}")


def tick_labels(values: Array) -> list[str]:
    """Returns numbers as text with as few decimals, but at least two, as keep them apart."""
    for decimals in range(2, 9):
        labels = [f"{value:.{decimals}f}" for value in values]
        if len(set(labels)) == len(set(values.tolist())):
            break
    return labels


def diverging() -> Colormap:
    """Returns a color map from blue over a pale center to vermilion."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list(
        "diverging", ["#00304D", BLUE, "#EAEAEA", VERMILION, "#5C2800"]
    )


def to_array(value: Any, name: str) -> Array:
    """Converts a tensor, an array or a list to a floating-point array."""
    if isinstance(value, Tensor):
        value = value.detach().to("cpu").double().numpy()
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} must hold numbers, got {type(value).__name__}: {error}") from error


def to_positions(value: Any, num_joints: int, name: str, frames: bool = False) -> Array:
    """Converts positions to ``[V, 3]`` or ``[T, V, 3]``; a missing third coordinate is zero."""
    x = to_array(value, name)
    shape = "[T, V, 3]" if frames else "[V, 3]"
    if x.ndim != (3 if frames else 2) or x.shape[-1] not in (2, 3) or x.shape[-2] != num_joints:
        raise ValueError(f"{name} must be {shape} with V = {num_joints}, got {list(x.shape)}")
    if frames and not len(x):
        raise ValueError(f"{name} has no frame")
    return x if x.shape[-1] == 3 else np.concatenate([x, np.zeros_like(x[..., :1])], axis=-1)
