"""The content of a player, as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pyg_skeleton.skeleton import BodyGraph, Skeleton
from pyg_skeleton.visualization._body import VIEWS, joint_side, upright
from pyg_skeleton.visualization._figure import Array
from pyg_skeleton.visualization.viewer.edges import encode_edges
from pyg_skeleton.visualization.viewer.encoding import encode_confidence, encode_joints

if TYPE_CHECKING:
    from pyg_skeleton.data import Clip

#: Frames per second of a clip that does not say.
FRAME_RATE = 30.0


def build_scene(
    clips: Mapping[str, Clip],
    edges: Mapping[str, Any],
    spans: Sequence[tuple[int, int, str]] = (),
    **options: Any,
) -> dict[str, Any]:
    """Encodes clips with the same unit.

    Args:
        clips (dict): The clips by their labels; errors are distances to the first.
        edges (dict): Graphs by their names, see :func:`encode_edges`.
        spans (sequence, optional): Parts of the time: first frame, frame after the last, and text.
            (default: :obj:`()`)
        **options (optional): Further values for the player.
    """
    points = {label: _points(clip) for label, clip in clips.items()}
    kinds = {"flat" if x.shape[-1] == 2 else "solid" for x in points.values()}
    fits = {}
    for kind in sorted(kinds):
        same = [label for label, x in points.items() if (x.shape[-1] == 2) == (kind == "flat")]
        fits[kind] = fit_view([points[label] for label in same], clips[same[0]])
    first = next(iter(clips.values()))
    return {
        "clips": [
            {
                "label": label,
                "fps": clip.frame_rate or FRAME_RATE,
                "joints": list(clip.skeleton.joints),
                "bones": [list(bone) for bone in _bones(clip.skeleton)],
                "sides": "".join(
                    joint_side(clip.skeleton, joint)[0] for joint in range(clip.skeleton.num_joints)
                ),
                "persons": [
                    str(name) if isinstance(name, str) else f"person {name}"
                    for name in clip.persons
                ],
                "unit": "" if clip.unit in (None, "normalized") else clip.unit,
                "axes": _axes(_up(clip)),
                **encode_joints(points[label], _fit_of(fits, points[label])["size"]),
                **_confidence(clip),
            }
            for label, clip in clips.items()
        ],
        "fits": fits,
        "edges": {
            name: encode_edges(graph, first.skeleton.num_joints, len(first.joints), name)
            for name, graph in edges.items()
        },
        "spans": [[int(start), int(end), str(text)] for start, end, text in spans],
        **options,
    }


def fit_view(points: Sequence[Array], first: Clip) -> dict[str, Any]:
    r"""The center, size and direction of a view that shows clips whole.

    Args:
        points (sequence of numpy.ndarray): The joints of each clip: right, up, and near in space.
        first (Clip): The first clip, whose body is seen from its front.

    Shapes:
        - **points:** :math:`(M, T, V, 3)`, or :math:`(M, T, V, 2)` in a picture
    """
    everything = np.concatenate([x.reshape(-1, x.shape[-1]) for x in points])
    everything = everything[np.isfinite(everything).all(axis=-1)]
    if not len(everything):
        raise ValueError("no joint of the clips is finite")
    size = body_size(points[0])
    low, high = np.percentile(everything, [0.5, 99.5], axis=0)
    center, half = (low + high) / 2, np.maximum((high - low) / 2, 0.05 * size)
    if points[0].shape[-1] == 2:
        picture = (1, 1) if first.unit == "normalized" else first.image_size
        if picture is not None:
            half = np.array(picture) / 2
            center = half * (1, -1)
        return {
            "center": [*center.tolist(), 0.0],
            "radius": float(half[1]),
            "aspect": float(half[0] / half[1]),
            "size": size,
            "picture": picture,
        }
    path = np.nanmean(_bodies(points[0])[..., [0, 2]], axis=1)
    follow = len(path) > 0 and bool(np.ptp(path, axis=0).max() > 1.5 * size)
    radius = min(float(np.linalg.norm(half)), 1.2 * size) if follow else np.linalg.norm(half)
    return {
        "center": center.tolist(),
        "radius": float(radius),
        "aspect": 1.0,
        "size": size,
        "floor": float(low[1]),
        "grid": _round_up(size / 4),
        "azimuth": _front(points[0], first) + 30.0,
        "follow": follow,
    }


def body_size(x: Array) -> float:
    """The median of the diagonal of the box around a body; one where it has no size."""
    bodies = _bodies(x)
    if not len(bodies):
        return 1.0
    box = np.nanmax(bodies, axis=1) - np.nanmin(bodies, axis=1)
    return float(np.median(np.linalg.norm(box, axis=-1))) or 1.0


def _bodies(x: Array) -> Array:
    """The poses with at least two joints, ``[N, V, C]``."""
    bodies: Array = x[np.isfinite(x).all(axis=-1).sum(axis=-1) > 1]
    return bodies


def _points(clip: Clip) -> Array:
    """Joints that point right, up and to the viewer, NaN where missing."""
    x = clip.joints.double().cpu().numpy()
    if x.shape[-1] not in (2, 3):
        raise ValueError(f"expected joints of 2 or 3 coordinates, got {list(x.shape)}")
    absent = (x == 0).all(axis=(2, 3)) | ~np.isfinite(x).all(axis=-1).any(axis=-1)
    x = np.where(absent[..., None, None] | ~np.isfinite(x).all(axis=-1, keepdims=True), np.nan, x)
    space = x if x.shape[-1] == 3 else np.pad(x, ((0, 0),) * 3 + ((0, 1),))
    return upright(space, _up(clip))[..., [0, 2, 1]][..., : x.shape[-1]]


def _up(clip: Clip) -> str:
    return clip.up or ("-y" if clip.joints.size(-1) == 2 else "y")


def _bones(graph: BodyGraph) -> Sequence[tuple[int, int]]:
    """The bones, or the edges of a graph without bones."""
    return graph.bones if isinstance(graph, Skeleton) else graph.edges


def _axes(up: str) -> list[list[int]]:
    """By the axis of the data, the coordinate of the player and its sign."""
    right, near, above = VIEWS[up]
    found = {axis: [place, sign] for place, (axis, sign) in enumerate((right, above, near))}
    return [found[axis] for axis in range(3)]


def _fit_of(fits: Mapping[str, Any], x: Array) -> dict[str, Any]:
    return dict(fits["flat" if x.shape[-1] == 2 else "solid"])


def _confidence(clip: Clip) -> dict[str, str]:
    if clip.confidence is None:
        return {}
    return {"confidence": encode_confidence(clip.confidence.double().cpu().numpy())}


def _front(x: Array, clip: Clip) -> float:
    """The direction in which the first person looks, in degrees from the viewer's."""
    pairs = [list(pair) for pair in getattr(clip.skeleton, "mirror", ())]
    if not pairs:
        return 0.0
    left, right = np.moveaxis(x[0][:, pairs], 2, 0)  # [T, pairs, 3]
    across = (left - right)[np.isfinite(left - right).all(axis=-1)]
    if not len(across):
        return 0.0
    right_part, _, near_part = across.mean(axis=0)
    return float(np.degrees(np.arctan2(-near_part, right_part)))


def _round_up(value: float) -> float:
    """The nearest of 1, 2, 5, 10, 20, ... that is not below a positive number."""
    power = 10.0 ** np.floor(np.log10(value))
    return float(f"{next(s * power for s in (1, 2, 5, 10) if s * power >= 0.999 * value):.6g}")
