"""The rules of published pipelines for which tracked bodies of an NTU recording are persons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io import NTURecording
from pyg_skeleton.transforms.chains import Pipeline

Joints = NDArray[np.float32]
NTUPersons = Literal["ctrgcn", "pyskl", "agcn", "stgcn"]

_MIN_FRAMES = 11
#: A body that is wider than this share of its height is furniture, or is lying.
_MAX_SPREAD = 0.8
_MAX_NOISE = 0.69754


@dataclass
class _Track:
    """A body in consecutive frames; as in the pipelines, gaps are closed."""

    start: int
    joints: Joints
    motion: float

    @property
    def end(self) -> int:
        return self.start + len(self.joints)


def ctrgcn_persons(recording: NTURecording) -> Joints | None:
    r"""Selects the persons as CTR-GCN's preparation does, which is that of the `"Semantics-Guided
    Neural Networks" <https://arxiv.org/abs/1904.01189>`_ paper.

    Frames without a body are dropped, then each body is taken to be in consecutive frames. Where
    there are several, those in at most 11 frames go, and those that are too wide for their height
    in 70 percent of their frames; of the others the one that moves most is the first person. Each
    further one, in the order of motion, continues the first person if their times do not overlap,
    else the second, or is dropped. Empty frames are removed.

    If no body has more than 11 frames, all are kept; the authors do not say.

    Returns:
        The joints, :math:`(M, V, T, 3)` with :math:`M` of 1 or 2, zero in frames where a person is
        absent; :obj:`None` if there is none.
    """
    tracks = _clean(recording)
    if not tracks:
        return None
    # The last frame counts as part of an interval: two that share one frame do not overlap.
    slots = _fill(tracks, overlap=lambda low, high: high - 1 - low > 0)
    return _joints_first(slots[:, slots.any((0, 2, 3))])


def pyskl_persons(recording: NTURecording) -> Joints | None:
    r"""Selects the persons as `pyskl <https://github.com/kennymckormick/pyskl>`_ does.

    Unlike in :func:`ctrgcn_persons`, two bodies overlap if they share a frame, only empty frames at
    both ends are removed, and the persons are swapped if the first one is absent in the first
    frame. (pyskl also rounds to 16-bit floats, which this does not.)
    """
    tracks = _clean(recording)
    if not tracks:
        return None
    slots = _fill(tracks, overlap=lambda low, high: high > low)
    there = np.flatnonzero(slots.any((0, 2, 3)))
    slots = slots[:, there[0] : there[-1] + 1]
    if not slots[0, 0, 1].any() and slots[1, 0, 1].any():
        slots = slots[::-1]
    return _joints_first(slots)


def agcn_persons(recording: NTURecording) -> Joints | None:
    r"""Selects the persons as 2s-AGCN does: of the first four bodies in the list of each frame, the
    two whose joints vary most over time.

    Bodies are identified by their position in the list, not by tracking numbers. All frames are
    kept.
    """
    slots = _listed(recording, 4)
    energy = []
    for slot in slots:
        seen = slot[slot.any((1, 2))]
        energy.append(float(seen.std((0, 1)).sum()) if len(seen) else -1.0)
    return _joints_first(slots[np.argsort(-np.array(energy), kind="stable")[:2]])


def stgcn_persons(recording: NTURecording) -> Joints | None:
    """Selects the first two bodies of each frame, as ST-GCN does. All frames are kept."""
    return _joints_first(_listed(recording, 2))


def _listed(recording: NTURecording, count: int) -> Joints:
    slots = np.zeros((count, recording.num_frames, 25, 3), np.float32)
    for body in recording.bodies:
        kept = body.places < count
        slots[body.places[kept], body.frames[kept]] = body.joints[kept]
    return slots


def _joints_first(slots: Joints) -> Joints | None:
    """Drops absent persons; returns ``[M, V, T, 3]``."""
    slots = slots[slots.any((1, 2, 3))]
    return np.ascontiguousarray(slots.transpose(0, 2, 1, 3)) if len(slots) else None


def _clean(recording: NTURecording) -> list[_Track]:
    """Selects the bodies that may be persons, in the order of their motion."""
    empty = np.ones(recording.num_frames, dtype=bool)
    for body in recording.bodies:
        empty[body.frames] = False
    number = np.cumsum(~empty) - 1
    tracks = [
        _Track(int(number[body.frames[0]]), body.joints, _motion(body.joints))
        for body in recording.bodies
    ]
    tracks = [track for track in tracks if len(track.joints) > _MIN_FRAMES] or tracks
    left = len(tracks)
    persons = []
    for track in tracks:
        spread = np.ptp(track.joints[:, :, :2], axis=1)
        fine = spread[:, 0] <= _MAX_SPREAD * spread[:, 1]
        if left > 1 and not fine.all():
            if 1 - fine.mean() >= _MAX_NOISE:
                left -= 1
                continue
            track.motion = min(track.motion, _motion(track.joints[fine]))
        persons.append(track)
    return sorted(persons, key=lambda track: -track.motion)


def _motion(joints: Joints) -> float:
    return float(joints.reshape(-1, 3).astype(np.float64).var(0).sum())


def _fill(tracks: list[_Track], overlap: Callable[[int, int], bool]) -> Joints:
    """Assigns all tracks to two persons, ``[2, T, V, 3]``."""
    slots = np.zeros((2, max(track.end for track in tracks), 25, 3), np.float32)
    # The second begins with an empty interval at the first frame, so it always reaches from there.
    spans = [(tracks[0].start, tracks[0].end), (0, 0)]
    slots[0, tracks[0].start : tracks[0].end] = tracks[0].joints
    for track in tracks[1:]:
        for slot, (start, end) in enumerate(spans):
            if not overlap(max(start, track.start), min(end, track.end)):
                slots[slot, track.start : track.end] = track.joints
                spans[slot] = (min(start, track.start), max(end, track.end))
                break
    return slots


#: The rules by the name of their pipeline.
NTU_PERSONS: dict[str, Callable[[NTURecording], Joints | None]] = {
    "ctrgcn": ctrgcn_persons,
    "pyskl": pyskl_persons,
    "agcn": agcn_persons,
    "stgcn": stgcn_persons,
}


def persons_rule(pipeline: Pipeline) -> NTUPersons:
    """The rule of a pipeline in :obj:`NTU_PERSONS`; InfoGCN uses that of CTR-GCN."""
    return "ctrgcn" if pipeline == "infogcn" else pipeline
