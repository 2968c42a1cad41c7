"""Animations of clips."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.visualization._body import (
    SIDE_COLORS,
    center,
    draw_flat,
    draw_scale,
    flatten,
    side_keys,
    upright,
)
from pyg_skeleton.visualization._figure import FAINT, GRAY, INK, new_figure, to_positions
from pyg_skeleton.whole_file import whole_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from pyg_skeleton.skeleton import Skeleton


def animate(
    positions: Any,
    skeleton: Skeleton,
    path: str | Path,
    fps: float = 25.0,
    up: str = "y",
    title: str = "",
    unit: str = "",
    azimuth: float = 30.0,
    elevation: float = 8.0,
    num_observed: int = 0,
    images: Sequence[Any] | None = None,
) -> Path:
    r"""Writes an animated GIF or an MP4 video of one or several clips, side by side (truth and
    predictions).

    The view follows the first clip; the others are moved by the same vector. With :obj:`images`,
    poses are drawn over the frames of their video.

    Args:
        positions (Tensor, numpy.ndarray or dict): A clip, or a dictionary from names to clips of
            equal length.
        skeleton (Skeleton): The layout.
        path (str or Path): The path of the ``.gif`` or ``.mp4`` file.
        fps (float, optional): Frames per second. The duration of a frame in a GIF is a multiple of
            1/100 second. (default: :obj:`25.0`)
        up (str, optional): The axis that points up, see :func:`plot_skeleton`.
            (default: :obj:`"y"`)
        title (str, optional): The title. (default: :obj:`""`)
        unit (str, optional): The unit of the positions, for a scale; without it there is none.
            (default: :obj:`""`)
        azimuth (float, optional): The horizontal angle of the view, in degrees.
            (default: :obj:`30.0`)
        elevation (float, optional): The vertical angle of the view, in degrees.
            (default: :obj:`8.0`)
        num_observed (int, optional): The number of observed frames at the start; the displayed time
            is zero at their end. (default: :obj:`0`)
        images (sequence, optional): The picture behind each frame of poses in pixels, y down: an
            array or a file. (default: :obj:`None`)

    Shapes:
        - **positions:** :math:`(T, V, 3)` or :math:`(T, V, 2)`
        - **images:** :math:`(H, W, 3)` each

    Returns:
        Path: The file.

    Raises:
        ValueError: If a shape does not fit, the clips differ in length, or the path has another
            ending.
        ImportError: If matplotlib (extra ``viz``) is missing, or for a video imageio-ffmpeg (extra
            ``video``).
    """
    path = Path(path)
    kind = path.suffix.lower()
    if kind not in (".gif", ".mp4"):
        raise ValueError(f"path must end in .gif or .mp4, got {str(path)!r}")
    if not 0 < fps <= (50 if kind == ".gif" else 240):
        raise ValueError(f"fps must be more than 0 and at most 50 (of a video, 240), got {fps}")
    clips = positions if isinstance(positions, Mapping) else {"": positions}
    arrays = {
        str(name): to_positions(x, skeleton.num_joints, name or "positions", True)
        for name, x in clips.items()
    }
    lengths = {name: len(x) for name, x in arrays.items()}
    if images is not None:
        lengths["images"] = len(images)
    if len(set(lengths.values())) != 1:
        raise ValueError(f"clips must have the same number of frames, got {lengths}")
    pictures = [_pixels(image) for image in images or ()]
    if not pictures:
        poses = {name: upright(x, up) for name, x in arrays.items()}
        middle = center(next(iter(poses.values())))
        views = {name: flatten(x - middle, azimuth, elevation) for name, x in poses.items()}
        everything = np.concatenate(list(views.values()))
        low, high = np.nanmin(everything, (0, 1)), np.nanmax(everything, (0, 1))
        margin = 0.06 * max(high - low)
        low, high = low - margin * np.array([1, 3 if unit else 1]), high + margin
    else:
        views = {name: x[..., :2] * (1, -1) for name, x in arrays.items()}
        height, width = pictures[0].shape[:2]
        low, high = np.array([0, -height]), np.array([width, 0])
    wide = 2.0 if not pictures else 2.8 * (high - low)[0] / (high - low)[1]
    figure = new_figure(1.0 + wide * len(views), 3.2, fit=False)
    panels = figure.subplots(1, len(views), squeeze=False)[0]
    figure.subplots_adjust(0.02, 0.06, 0.98, 0.86, wspace=0.05)
    for ax, name in zip(panels, views, strict=True):
        if not pictures:
            ax.axhline(0, color=FAINT, linewidth=1.0, zorder=0)
            if unit:
                draw_scale(ax, high[0], low[1] + margin / 4, (high - low)[1], unit)
        ax.set_xlim(low[0], high[0])
        ax.set_ylim(low[1], high[1])
        ax.set_aspect("equal")
        ax.set_axis_off()
        ax.set_title(name, fontsize=9, color=GRAY)
    if keys := side_keys(skeleton):
        figure.legend(handles=keys, loc="lower left", fontsize=7, frameon=False, ncols=2)
    behind = [
        ax.imshow(pictures[0], extent=(low[0], high[0], low[1], high[1]), zorder=0)
        for ax in (panels if pictures else ())
    ]
    with _writing(figure, path, fps) as grab_frame:
        for frame in range(next(iter(lengths.values()))):
            clock = f"{(frame + 1 - num_observed) / fps:{'+' if num_observed else ''}.2f} s"
            if num_observed:
                clock += "  observed" if frame < num_observed else "  future"
            figure.suptitle(f"{title}   {clock}".strip(), fontsize=9, color=INK)
            for picture in behind:
                picture.set_data(pictures[frame])
            for ax, view in zip(panels, views.values(), strict=True):
                for bones in ax.collections:
                    bones.remove()
                draw_flat(ax, view[frame], skeleton, SIDE_COLORS, 2.2)
            grab_frame()
    return path


@contextmanager
def _writing(figure: Figure, path: Path, fps: float) -> Iterator[Callable[[], None]]:
    """Yields what adds the figure to the file as its next frame."""
    from matplotlib import rc_context
    from matplotlib.animation import FFMpegWriter, PillowWriter

    settings: dict[Any, Any] = {}
    writer: Any = PillowWriter(fps=fps)  # type: ignore[arg-type]
    if path.suffix.lower() == ".mp4":
        try:
            from imageio_ffmpeg import get_ffmpeg_exe
        except ImportError as error:
            raise ImportError(
                "videos need imageio-ffmpeg: pip install 'pyg_skeleton[video]' (the extra 'video')"
            ) from error
        settings = {"animation.ffmpeg_path": get_ffmpeg_exe()}
        # Players want this format of pixels, whose width and height are even.
        even = ["-pix_fmt", "yuv420p", "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2"]
        writer = FFMpegWriter(fps=fps, codec="h264", extra_args=even)  # type: ignore[arg-type]
    with (
        rc_context(settings),
        whole_file(path) as partial,
        writer.saving(figure, str(partial), dpi=100),
    ):
        yield writer.grab_frame


def _pixels(image: Any) -> NDArray[Any]:
    from matplotlib.image import imread

    pixels = np.asarray(imread(image) if isinstance(image, str | Path) else image)
    if pixels.ndim != 3 or pixels.shape[2] not in (3, 4):
        raise ValueError(f"expected pictures [H, W, 3], got {list(pixels.shape)}")
    return pixels
