"""Clips, predictions and learned graphs in an interactive player."""

from __future__ import annotations

import html
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pyg_skeleton.skeleton import Skeleton, SkeletonLike
from pyg_skeleton.visualization.viewer.clips import as_clips
from pyg_skeleton.visualization.viewer.encoding import encode_image
from pyg_skeleton.visualization.viewer.page import embed, page
from pyg_skeleton.visualization.viewer.scene import FRAME_RATE, build_scene
from pyg_skeleton.whole_file import write_text

Coloring = Literal["side", "clip", "person", "error"]
#: The number of frames of a clip in a notebook.
NOTEBOOK_FRAMES = 300


class Player:
    """An interactive player of :func:`view`: save it, or let a notebook show it.

    Args:
        scene (dict): What it shows, as plain values.
    """

    def __init__(self, scene: dict[str, Any]) -> None:
        self.scene = scene

    @property
    def html(self) -> str:
        """The page, which needs no other file and no network."""
        return page(embed(self.scene), self.scene["title"] or "pyg_skeleton", alone=True)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Writes the page to a file, which appears whole or not at all.

        Args:
            path (str): The path of the ``.html`` file.

        Raises:
            ValueError: If the path has another ending.
        """
        path = Path(path)
        if path.suffix.lower() not in (".html", ".htm"):
            raise ValueError(f"path must end in .html, got {str(path)!r}")
        write_text(self.html, path)
        return path

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{html.escape(self.html)}" sandbox="allow-scripts" '
            f'style="width: 100%; height: 480px; border: 0"></iframe>'
        )

    def __repr__(self) -> str:
        clips = [f"{c['label']}: {c['shape'][0]} frames" for c in self.scene["clips"]]
        return f"{type(self).__name__}({', '.join(clips)})"


def view(
    what: Any,
    *,
    labels: Sequence[str] | None = None,
    skeleton: SkeletonLike | None = None,
    up: Literal["x", "y", "z", "-x", "-y", "-z"] | None = None,
    unit: str | None = None,
    frame_rate: float | None = None,
    side_by_side: bool = False,
    color: Coloring | None = None,
    edges: Mapping[str, Any] | None = None,
    graph: str | None = None,
    images: Any = None,
    spans: Sequence[tuple[int, int, str]] = (),
    title: str = "",
    max_frames: int | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Player:
    r"""Shows clips in an interactive player, in a page of its own or in a notebook.

    .. code-block:: python

        view(clip, path="clip.html")
        view({"truth": truth, "prediction": prediction}, color="error")
        view(data, edges={"actional": output.actional.edge_weight})

    Drag to turn, use the wheel or two fingers to zoom, and press the space bar to play. Arrow keys
    go to the next frame, `+` and `-` zoom, and `r` resets the view. A pointer over a joint shows
    its name. Poses of two coordinates are drawn flat, over their picture if there is one.

    The page has a copy of the joints as 16-bit integers, which is exact to a thousandth of a body
    (about 2 mm); where joints are spread too far for that, as 32-bit floating-point numbers. Joints
    that are missing (NaN) and persons who are absent (zeros only) are not drawn.

    Args:
        what (Clip, SkeletonData, Skeleton, Tensor, str, list or dict): A clip, data object, layout
            (in its rest pose), prediction (an object with `to_clip()`), array or file; or several
            of them as a list, or as a dictionary by their labels. Errors are distances of joints of
            the same name to those of the first.
        labels (sequence of str, optional): The names of several. (default: those of the clips)
        skeleton (Skeleton or str, optional): The layout of arrays, and of data objects that do not
            say. (default: :obj:`None`)
        up (str, optional): The axis that points up, where the clip does not say. (default:
            :obj:`"y"`, in pictures :obj:`"-y"`)
        unit (str, optional): The unit, where the clip does not say. (default: :obj:`None`)
        frame_rate (float, optional): Frames per second, where the clip does not say.
            (default: :obj:`30.0`)
        side_by_side (bool, optional): Whether to start with several side by side instead of over
            each other. (default: :obj:`False`)
        color (str, optional): The coloring to start with: :obj:`"side"` (left and right),
            :obj:`"clip"`, :obj:`"person"` or :obj:`"error"`. (default: :obj:`"side"`, for more than
            two clips :obj:`"clip"`)
        edges (dict, optional): By name, learned graphs over the joints of the first: weights by
            (target, source), a pair of :obj:`edge_index` and weights, or an explanation of PyG. A
            slider hides the weaker edges. (default: :obj:`None`)
        graph (str, optional): The name of the graph to start with, :obj:`""` for none. (default:
            the first)
        images (str, array or list, optional): The picture behind 2-D poses, a file or pixels, or
            one for each frame. (default: :obj:`None`)
        spans (sequence, optional): Parts of the time, such as recognized actions: the first frame,
            the frame after the last, and a text. (default: :obj:`()`)
        title (str, optional): The title. (default: the name of a single clip)
        max_frames (int, optional): Show only each k-th frame of a longer clip, and say so.
            (default: :obj:`None`)
        path (str, optional): Write the page to this ``.html`` file. (default: :obj:`None`)

    Shapes:
        - arrays: :math:`(M, T, V, C)`, :math:`(T, V, C)` or :math:`(V, C)` with :math:`C` of 2 or 3
        - edges: :math:`(V, V)` or :math:`(V^2)`; :math:`(2, |\mathcal{E}|)` and
          :math:`(|\mathcal{E}|)`
        - images: :math:`(H, W, 3)` or :math:`(H, W)`, from 0 to 255, or from 0 to 1 of
          floating-point numbers

    Raises:
        ValueError: If a shape does not fit, the layout is unknown, or units differ.
    """
    clips = as_clips(what, labels, skeleton, up=up, unit=unit, frame_rate=frame_rate)
    first = next(iter(clips.values()))
    notes = []
    if any(clip.frame_rate is None and len(clip) > 1 for clip in clips.values()):
        notes.append(f"The frame rate is unknown: shown at {FRAME_RATE:g} frames per second.")
    if max_frames is not None and len(first) > max_frames:
        step = -(-len(first) // max_frames)
        notes.append(f"One of {step} frames is shown, of {len(first):,} in all.")
        clips = {label: clip[::step] for label, clip in clips.items()}
        spans = [(start // step, -(-end // step), text) for start, end, text in spans]
    scene = build_scene(
        clips,
        edges or {},
        spans,
        title=title or (first.name if len(clips) == 1 else ""),
        note=" ".join(notes),
        layout="beside" if side_by_side else "over",
        color=color or ("clip" if len(clips) > 2 else "side"),
        graph=next(iter(edges or {}), "") if graph is None else graph,
        names=isinstance(what, Skeleton),
        images=_images(images),
    )
    player = Player(scene)
    if path is not None:
        player.save(path)
    return player


def notebook_html(what: Any) -> str | None:
    """The player of one object in a notebook, with at most 300 frames; :obj:`None` leaves the
    notebook to its text, where this is no pose.
    """
    try:
        return view(what, max_frames=NOTEBOOK_FRAMES)._repr_html_()
    except ValueError:
        return None


def _images(images: Any) -> list[str]:
    if images is None:
        return []
    several = isinstance(images, list | tuple) or getattr(images, "ndim", 0) == 4
    return [encode_image(image) for image in (images if several else [images])]
