"""The analysis files of SLEAP."""

from __future__ import annotations

import csv
import math
import os
from pathlib import Path

import numpy as np

from pyg_skeleton.io.clips import LARGEST
from pyg_skeleton.io.containers.files import (
    check_regular_file,
    reader,
    shown,
)
from pyg_skeleton.io.containers.h5 import open_h5
from pyg_skeleton.io.formats import Probe
from pyg_skeleton.io.keypoints.detections import Detection, from_detections
from pyg_skeleton.io.recording import Recording
from pyg_skeleton.skeleton.joint_names import layout_from_names

_MAX_BYTES, _MAX_FRAMES = 1 << 29, 10_000_000


@reader("an analysis file of SLEAP")
def read_sleap_h5(path: str | os.PathLike[str]) -> Recording:
    r"""Reads an analysis HDF5 file of `SLEAP
    <https://docs.sleap.ai/latest/learnings/export-analysis/>`_.

    :obj:`"tracks"` has x and y in pixels, y down, :math:`(M, 2, V, T)`, NaN where a node is
    missing; :obj:`"point_scores"` :math:`(M, V, T)` are the confidences; :obj:`"node_names"`,
    :obj:`"edge_inds"` and :obj:`"track_names"` name nodes, edges and tracks. sleap-io writes other
    orders, too, and says them in the attribute :obj:`"dims"`.

    Args:
        path (str or PathLike): The file.

    Raises:
        ImportError: If h5py is not installed.
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged or has another content.
    """
    path = Path(path)
    with open_h5(path) as file:
        order = _dims(file.attribute("tracks", "dims"), ["track", "xy", "node", "frame"])
        tracks, scores, keys = file.read("tracks"), None, file.keys("/")
        if "point_scores" in keys:
            scores = file.read("point_scores")
            scored = _dims(file.attribute("point_scores", "dims"), ["track", "node", "frame"])
        names = file.read_text("node_names")
        edges = file.read("edge_inds") if "edge_inds" in keys else np.zeros((0, 2), int)
        persons = file.read_text("track_names") if "track_names" in keys else []
    if tracks.ndim != 4 or len(names) != tracks.shape[order.index("node")]:
        raise ValueError(f"{path}: tracks: expected {len(names)} nodes, got {list(tracks.shape)}")
    joints = tracks.transpose([order.index(dim) for dim in ("track", "frame", "node", "xy")])
    edges = edges.T if edges.ndim == 2 and edges.shape[1] != 2 else edges
    if joints.shape[3] != 2 or not ((edges >= 0) & (edges < len(names))).all():
        raise ValueError(f"{path}: expected x and y of each node, and edges between nodes")
    with np.errstate(over="ignore"):
        out = np.array(joints, np.float32)
    if not (np.isnan(out) | (np.abs(out) <= LARGEST)).all() or np.isnan(out).all():
        raise ValueError(f"{path}: tracks: expected finite numbers, NaN where a node is missing")
    confidence = None
    if scores is not None and scores.ndim == 3:
        turned = scores.transpose([scored.index(dim) for dim in ("track", "frame", "node")])
        if turned.shape == out.shape[:3]:
            confidence = np.nan_to_num(turned).clip(0, 1).astype(np.float32)
    bones = [(names[int(a)], names[int(b)]) for a, b in edges]
    return Recording(
        out,
        layout_from_names("sleap", names, bones),
        confidence=confidence,
        persons=tuple(persons) if len(persons) == len(out) else (),
        unit="px",
        up="-y",
        name=path.stem,
    )


@reader("an analysis table of SLEAP")
def read_sleap_csv(path: str | os.PathLike[str], max_persons: int | None = None) -> Recording:
    r"""Reads an analysis CSV file of `SLEAP
    <https://docs.sleap.ai/latest/learnings/export-analysis/>`_: a row for each animal in each
    frame, with :obj:`track`, :obj:`frame_idx`, :obj:`instance.score`, and :obj:`x`, :obj:`y` and
    :obj:`score` of each node, ``nose.x`` for example. An empty cell is a missing node.

    Args:
        path (str or PathLike): The file.
        max_persons (int, optional): The largest number of animals to keep. (default: :obj:`None`)

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If columns are missing, or a cell is not a number; the message names the line.
    """
    path = Path(path)
    name = check_regular_file(path, "a CSV file", _MAX_BYTES)
    found = []
    with open(name, encoding="utf-8-sig", errors="replace", newline="") as file:
        lines = csv.reader(file)
        head = next(lines, [])
        names = [cell.removesuffix(".x") for cell in head if cell.endswith(".x")]
        wanted = [f"{node}.{key}" for node in names for key in ("x", "y")]
        missing = [cell for cell in ("frame_idx", *wanted) if cell not in head]
        if missing or not names:
            raise ValueError(f"{path}:1: has no column {missing[0] if missing else '.x'!r}")
        at = {cell: place for place, cell in enumerate(head)}
        for number, cells in enumerate(lines, start=2):
            where = f"{path}:{number}"
            if len(cells) != len(head):
                raise ValueError(f"{where}: expected {len(head)} cells, got {len(cells)}")
            frame = _number(cells[at["frame_idx"]], where)
            if not frame.is_integer() or not 0 <= frame < _MAX_FRAMES:
                raise ValueError(f"{where}: frame_idx: expected a frame, got {shown(frame)}")
            joints = np.ones((len(names), 3), np.float32)
            for row, node in enumerate(names):
                for column, key in enumerate(("x", "y", "score")):
                    if f"{node}.{key}" in at:
                        joints[row, column] = _number(cells[at[f"{node}.{key}"]], where)
            joints[np.isnan(joints[:, :2]).any(1)] = 0.0
            joints[np.isnan(joints[:, 2]), 2] = 1.0
            track = cells[at["track"]] if "track" in at else ""
            found.append(Detection(int(frame), joints, track or None))
    layout = layout_from_names("sleap", names)
    return from_detections(path, found, max_persons=max_persons, layout=layout, unit="px")


def is_sleap_h5(probe: Probe) -> bool:
    """An HDF5 file with tracks and names of nodes."""
    if not probe.head.startswith(b"\x89HDF"):
        return False
    with open_h5(probe.path) as file:
        return {"tracks", "node_names"} <= {*file.keys()}


def is_sleap_csv(probe: Probe) -> bool:
    """A first line with frame_idx and the nodes."""
    cells = probe.first_line.split(",")
    return {"track", "frame_idx"} <= {*cells} and any(cell.endswith(".x") for cell in cells)


def _dims(text: bytes, usual: list[str]) -> list[str]:
    """The order of the dimensions that an attribute names, in the words of the usual order."""
    words = [word.strip(" []\"'").rstrip("s") for word in text.decode("latin-1").split(",")]
    words = ["xy" if word.startswith(("x", "coord")) else word for word in words]
    return words if sorted(words) == sorted(usual) else usual


def _number(cell: str, where: str) -> float:
    try:
        value = float(cell or "nan")
    except ValueError:
        value = math.inf
    if abs(value) > LARGEST:
        raise ValueError(f"{where}: expected finite numbers, got {shown(cell)}")
    return value
