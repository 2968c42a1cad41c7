"""2-D poses next to the true and predicted 3-D poses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pyg_skeleton.visualization._body import (
    SIDE_COLORS,
    TRUTH,
    draw_flat,
    flatten,
    joint_side,
    side_keys,
    upright,
)
from pyg_skeleton.visualization._figure import (
    FAINT,
    INK,
    Array,
    new_figure,
    round_down,
    to_array,
    to_positions,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from pyg_skeleton.skeleton import Skeleton


def plot_lifting(
    keypoints: Any,
    predictions: Any,
    target: Any,
    skeleton: Skeleton,
    titles: Sequence[str] = (),
    up: str = "-y",
    unit: str = "mm",
    azimuth: float = 50.0,
    elevation: float = 15.0,
) -> Figure:
    r"""Draws 2-D poses, the true 3-D poses and the predictions of one or more models, as in Fig. 8
    of the `"Learning Skeletal Graph Neural Networks for Hard 3D Pose Estimation"
    <https://arxiv.org/abs/2108.07181>`_ paper.

    Each row is a pose. All 3-D poses share the position of the root, the scale and a view from the
    side, in which errors in depth are visible. Each prediction is drawn over the true pose in gray,
    with the mean distance of the joints below.

    Args:
        keypoints (Tensor or numpy.ndarray): The joints in the image, y down, in any unit. Bones
            with a missing (not finite) end are left out.
        predictions (Tensor, numpy.ndarray or dict): The predicted poses, or a dictionary from the
            names of models to their predictions.
        target (Tensor or numpy.ndarray): The true poses.
        skeleton (Skeleton): The layout.
        titles (sequence of str, optional): The title of each row. (default: :obj:`()`)
        up (str, optional): The axis of the 3-D poses that points up, see :func:`plot_skeleton`.
            (default: :obj:`"-y"`)
        unit (str, optional): The unit of the 3-D poses. (default: :obj:`"mm"`)
        azimuth (float, optional): The horizontal angle between the view and the camera, in degrees.
            (default: :obj:`50.0`)
        elevation (float, optional): The vertical angle of the view, in degrees.
            (default: :obj:`15.0`)

    Shapes:
        - **keypoints:** :math:`(N, V, 2)`, or :math:`(V, 2)` for one pose
        - **predictions, target:** :math:`(N, V, 3)` or :math:`(V, 3)`

    Raises:
        ValueError: If a shape does not fit, there is no model, or a true pose has no root.
        ImportError: If matplotlib is missing (extra ``viz``).
    """
    if not isinstance(predictions, Mapping):
        predictions = {"prediction": predictions}
    if not predictions:
        raise ValueError("predictions must hold at least one model")
    V = skeleton.num_joints
    image = _rows(keypoints, V, 2, "keypoints")[..., :2]
    spaces = {"truth": target, **predictions}
    poses = {str(name): _rows(x, V, 3, repr(name)) for name, x in spaces.items()}
    lengths = {"keypoints": len(image)} | {name: len(x) for name, x in poses.items()}
    if len(set(lengths.values())) != 1 or (titles and len(titles) != len(image)):
        raise ValueError(
            f"expected equal numbers of poses (and titles), got {lengths} and {len(titles)} titles"
        )

    poses = {name: x - x[:, [skeleton.root]] for name, x in poses.items()}
    if not np.isfinite(poses["truth"][:, skeleton.root]).all():
        raise ValueError("target has a pose without a finite root")
    errors = {
        name: np.linalg.norm(x - poses["truth"], axis=-1).mean(1) for name, x in poses.items()
    }
    standing = {name: upright(x, up) for name, x in poses.items()}
    views = {name: flatten(x, azimuth, elevation) for name, x in standing.items()}
    everything = np.stack(list(views.values()))
    low, high = np.nanmin(everything, axis=(0, 2)), np.nanmax(everything, axis=(0, 2))  # [N, 2]
    pad = 0.12 * max(float((high - low).max()), 1e-9)
    width = float((high - low)[:, 0].max()) + 2 * pad
    reach = 0.46 * width / (abs(np.cos(np.deg2rad(azimuth))) + abs(np.sin(np.deg2rad(azimuth))))
    mesh = round_down(reach / 1.5)  # the corner that sticks out most is still in the panel
    floors = [
        flatten(_floor(x, mesh, int(reach / mesh)), azimuth, elevation) for x in standing["truth"]
    ]
    low[:, 1] = np.minimum(low[:, 1] - pad, [lines[..., 1].min() - pad / 4 for lines in floors])
    heights = high[:, 1] + pad - low[:, 1]
    scale = min(1.9 / width, 2.1 / float(heights.max()))  # inches per unit

    columns = 1 + len(poses)
    size = (width * scale + 0.1) * columns + 0.3, float(heights.sum()) * scale + 0.22 * len(image)
    figure = new_figure(size[0], size[1] + 0.35)
    from matplotlib.collections import LineCollection

    axes = figure.subplots(
        len(image), columns, squeeze=False, height_ratios=[*(heights + 0.2 / scale)]
    )
    for row, panels in enumerate(axes):
        _draw_image(panels[0], image[row], skeleton)
        if titles:
            panels[0].set_ylabel(titles[row].replace("_", " "), fontsize=8, color=INK)
        middle = (low[row, 0] + high[row, 0]) / 2
        for ax, name in zip(panels[1:], poses, strict=True):
            grid = LineCollection(list(floors[row]), colors=FAINT, linewidths=0.6, zorder=0)
            grid.set_clip_on(False)
            ax.add_collection(grid)
            if name != "truth":
                draw_flat(ax, views["truth"][row], skeleton, dict.fromkeys(SIDE_COLORS, TRUTH), 2.6)
                below = f"{errors[name][row]:.1f} {unit}"
                ax.text(
                    0.5, 0.0, below, transform=ax.transAxes, fontsize=8, color=INK, ha="center",
                    va="top",
                )  # fmt: skip
            draw_flat(ax, views[name][row], skeleton, SIDE_COLORS, 1.8)
            ax.set_xlim(middle - width / 2, middle + width / 2)
            ax.set_ylim(low[row, 1], high[row, 1] + pad)
            ax.set_aspect("equal", anchor="N")
            ax.set_axis_off()
    for ax, name in zip(axes[0], ["input (2-D)", *poses], strict=True):
        ax.set_title(name, fontsize=9, color=INK)
    figure.legend(
        handles=side_keys(skeleton, truth=True), loc="outside lower center", fontsize=8, ncols=3,
        frameon=False, title=f"floor grid {mesh:g} {unit}", title_fontsize=8,
    )  # fmt: skip
    return figure


def _rows(value: Any, num_joints: int, channels: int, name: str) -> Array:
    """Returns poses ``[N, V, 2 or 3]``; a single pose becomes one row."""
    x = to_array(value, name)
    x = x[None] if x.ndim == 2 else x
    if x.ndim != 3 or x.shape[2] != channels:
        raise ValueError(f"{name} must be [N, {num_joints}, {channels}], got {list(x.shape)}")
    return to_positions(x, num_joints, name, frames=True)


def _draw_image(ax: Axes, pose: Array, skeleton: Skeleton) -> None:
    """Draws a 2-D pose in a thin frame."""
    draw_flat(ax, pose, skeleton, SIDE_COLORS, 1.8)
    colors = [SIDE_COLORS[joint_side(skeleton, joint)] for joint in range(len(pose))]
    ax.scatter(pose[:, 0], pose[:, 1], c=colors, s=9, zorder=3)
    ax.set_aspect("equal", adjustable="datalim")
    ax.margins(0.12)
    ax.invert_yaxis()
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_color(FAINT)


def _floor(pose: Array, mesh: float, count: int) -> Array:
    """Returns the lines of a square grid under the true pose, which makes the direction of the view
    visible: **count** meshes to each side.
    """
    seen = pose[np.isfinite(pose).all(1)]
    steps = mesh * np.arange(-count, count + 1)
    lines = np.full((2, len(steps), 2, 3), seen[:, 2].min())
    for along in (0, 1):
        lines[along, :, :, along], lines[along, :, :, 1 - along] = steps[:, None], steps[[0, -1]]
    lines[..., :2] += (seen[:, :2].min(0) + seen[:, :2].max(0)) / 2
    return lines.reshape(-1, 2, 3)
