"""Persons in the frames of a video, and how they are followed from one to the next."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.clips import LARGEST
from pyg_skeleton.io.containers.files import check_memory, memory_limit, shown
from pyg_skeleton.io.containers.json_file import json_numbers
from pyg_skeleton.io.recording import Recording, Unit

#: Two boxes are one person if they share this part of their union, as in SORT
#: (https://arxiv.org/abs/1602.00763); a person may be lost for this many frames.
_OVERLAP, _LOST = 0.3, 30
_MAX_FRAMES, _MAX_JOINTS = 1_000_000, 1000

#: The layouts that detectors of 2-D keypoints use, by the number of joints, where there is one.
LAYOUTS = {
    16: "mpii16",
    17: "coco17",
    18: "openpose18",
    21: "hand21",
    25: "body25",
    26: "halpe26",
    33: "mediapipe33",
    60: "openpose60",
    67: "openpose67",
    133: "coco-wholebody133",
    136: "halpe136",
}


class Detection(NamedTuple):
    """A person in a frame."""

    #: The number of the frame, from 0.
    frame: int
    #: x, y and the confidence of each joint, ``[V, 3]``; a joint of confidence 0 is missing.
    joints: NDArray[np.float32]
    #: The name of the person, where the file has one.
    person: int | str | None = None


def frame_number(image: Any, where: str) -> int:
    """The last number in the name of a picture: 12 for ``12`` and ``"video2/frame_0012.jpg"``.

    Raises:
        ValueError: If it has none.
    """
    if type(image) is int and 0 <= image < 1 << 53:
        return image
    digits = re.findall(r"\d+", Path(image).stem) if isinstance(image, str) else []
    if not digits or len(digits[-1]) > 15:
        raise ValueError(f"{where}: expected the number of a frame, got {shown(image)}")
    return int(digits[-1])


def triples(value: Any, where: str) -> NDArray[np.float32]:
    """x, y and confidence of each joint from a flat list of numbers, ``[V, 3]``.

    Raises:
        ValueError: If it is not a list of finite numbers, three for each joint.
    """
    size = len(value) if isinstance(value, list) else 0
    if size % 3 or not 0 < size <= 3 * _MAX_JOINTS:
        raise ValueError(f"{where}: expected x, y and confidence of each joint, got {shown(value)}")
    return json_numbers(value, (size,), where).reshape(-1, 3)


def from_detections(
    path: Path,
    detections: Sequence[Detection],
    num_frames: int | None = None,
    max_persons: int | None = None,
    layout: str | Mapping[str, Any] | None = None,
    unit: Unit | None = None,
    image_size: tuple[int, int] | None = None,
    name: str | None = None,
) -> Recording:
    r"""The recording of persons who were detected frame by frame.

    Where the file does not say who is who, persons are followed from frame to frame by the overlap
    of the boxes around their joints. Persons are sorted by the sum of their confidences, so that
    the one who is seen best and longest comes first. Confidences above 1, which peaks of heatmaps
    can reach, count as 1.

    Args:
        path (Path): The file or folder, for messages.
        detections (sequence of Detection): The persons.
        num_frames (int, optional): The number of frames; by default up to the last person.
            (default: :obj:`None`)
        max_persons (int, optional): The largest number of persons to keep; all if :obj:`None`.
            (default: :obj:`None`)
        layout (str or dict, optional): The layout; by default the one with that number of joints,
            if there is one. (default: :obj:`None`)
        unit (str, optional): :obj:`"px"` or :obj:`"normalized"`; by default the latter if no joint
            is outside of a picture of two pixels. (default: :obj:`None`)
        image_size (tuple, optional): Width and height of the picture. (default: :obj:`None`)
        name (str, optional): The name of the recording; by default that of the file.
            (default: :obj:`None`)

    Raises:
        ValueError: If there is no person, persons have different numbers of joints, a number is
            not finite, a person is twice in a frame, or the joints take too much memory.
    """
    if not detections:
        raise ValueError(f"{path}: has no person in any frame")
    if max_persons is not None and max_persons < 1:
        raise ValueError(f"max_persons must be at least 1, got {max_persons}")
    sizes = sorted({len(detection.joints) for detection in detections})
    if len(sizes) > 1:
        raise ValueError(f"{path}: expected persons of as many joints, got {sizes}")
    detections = sorted(detections, key=lambda detection: detection.frame)
    frames = num_frames or detections[-1].frame + 1
    if not 0 <= detections[0].frame <= detections[-1].frame < frames <= _MAX_FRAMES:
        raise ValueError(
            f"{path}: expected frames from 0 to {min(frames, _MAX_FRAMES) - 1}, got "
            f"{detections[0].frame} to {detections[-1].frame}"
        )
    named = [detection.person for detection in detections]
    names = _follow(detections) if None in named else [who for who in named if who is not None]
    scores: dict[int | str, float] = {}
    for who, detection in zip(names, detections, strict=True):
        scores[who] = scores.get(who, 0.0) + float(detection.joints[:, 2].sum())
    persons = sorted(scores, key=lambda who: -scores[who])[:max_persons]
    shape = (len(persons), frames, sizes[0], 3)
    _check_size(path, shape, sum(detection.joints.nbytes for detection in detections))
    table = np.zeros(shape, np.float32)
    place = {who: row for row, who in enumerate(persons)}
    seen = np.zeros(shape[:2], np.bool_)
    for who, detection in zip(names, detections, strict=True):
        if who not in place:
            continue
        at = place[who], detection.frame
        if seen[at]:
            raise ValueError(f"{path}: the person {who!r} is twice in frame {detection.frame}")
        seen[at], table[at] = True, detection.joints
    joints, confidence = table[..., :2].copy(), table[..., 2].clip(0, 1)
    there = confidence > 0
    if not there.any():
        raise ValueError(f"{path}: no joint has a confidence above 0")
    if not (np.abs(joints[there]) <= LARGEST).all():
        raise ValueError(f"{path}: a joint is not a finite number up to {LARGEST:g}")
    if unit is None:
        unit = "px" if np.abs(joints[there]).max(initial=0) > 2 else "normalized"
    joints[~there] = np.nan
    return Recording(
        joints,
        layout or LAYOUTS.get(sizes[0]),
        confidence=np.where(there, confidence, 0).astype(np.float32),
        persons=tuple(range(len(persons)) if None in named else persons),
        unit=unit,
        up="-y",
        image_size=image_size,
        name=path.stem if name is None else name,
        guessed=layout is None,
    )


def _check_size(path: Path, shape: tuple[int, ...], size: int) -> None:
    try:
        check_memory(str(path), 4 * int(np.prod(shape, dtype=np.int64)), memory_limit(size))
    except ValueError:
        raise ValueError(
            f"{path}: has {shape[0]} persons in {shape[1]:,} frames, too many to keep all; pass "
            f"max_persons=..."
        ) from None


def _follow(detections: Sequence[Detection]) -> list[int | str]:
    """The number of the person of each detection, which are sorted by frame."""
    names: list[int | str] = []
    last: dict[int, tuple[int, NDArray[np.float32]]] = {}
    count = 0
    for frame, group in groupby(detections, key=lambda detection: detection.frame):
        last = {who: seen for who, seen in last.items() if frame - seen[0] <= _LOST}
        boxes = [_box(detection.joints) for detection in group]
        pairs = [
            (_overlap(box, before), i, who)
            for i, box in enumerate(boxes)
            for who, (_, before) in last.items()
        ]
        found: dict[int, int] = {}
        for overlap, i, who in sorted(pairs, reverse=True):
            if overlap >= _OVERLAP and i not in found and who not in found.values():
                found[i] = who
        for i, box in enumerate(boxes):
            if i not in found:
                found[i], count = count, count + 1
            last[found[i]] = frame, box
            names.append(found[i])
    return names


def _box(joints: NDArray[np.float32]) -> NDArray[np.float32]:
    there = joints[joints[:, 2] > 0, :2]
    if not len(there):
        return np.zeros(4, np.float32)
    return np.concatenate([there.min(0), there.max(0)])


def _overlap(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """The intersection over union of two boxes."""
    sides = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    if (sides <= 0).any():
        return 0.0
    shared = float(sides.prod())
    return shared / float((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - shared)
