"""Keypoints in the JSON files of COCO: results of detectors, and annotations."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pyg_skeleton.io.containers.files import reader, shown
from pyg_skeleton.io.containers.json_file import read_json
from pyg_skeleton.io.formats import Probe, in_order
from pyg_skeleton.io.keypoints.detections import (
    LAYOUTS,
    Detection,
    frame_number,
    from_detections,
    triples,
)
from pyg_skeleton.io.recording import Recording
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.joint_names import layout_from_names


@reader("COCO keypoint results")
def read_coco_results(
    path: str | os.PathLike[str], min_score: float = 0.0, max_persons: int | None = None
) -> Recording:
    r"""Reads keypoints in the `results format of COCO <https://cocodataset.org/#format-results>`_,
    as Detectron2, mmdetection, mmpose, Ultralytics and AlphaPose write them for the pictures of a
    video.

    The file is a list with a dict for each person in each picture: :obj:`"image_id"`,
    :obj:`"keypoints"` (x and y in pixels, y down, and a confidence of each joint in turn) and
    :obj:`"score"`. The frame is the last number of :obj:`image_id`, counted from the smallest one;
    frames of which the file says nothing have no person. Confidences above 1 count as 1: AlphaPose
    reaches 6 with some networks. A person is named by :obj:`"track_id"`, :obj:`"idx"` or
    :obj:`"id"` where all have one, and otherwise followed by overlap.

    Args:
        path (str or PathLike): The file.
        min_score (float, optional): Persons with a lower :obj:`"score"` are left out.
            (default: :obj:`0.0`)
        max_persons (int, optional): The largest number of persons to keep. (default: :obj:`None`)

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not JSON or has another form; the message names the entry.
    """
    path = Path(path)
    content = read_json(path)
    if not isinstance(content, list):
        raise ValueError(f"{path}: expected a list of persons, got {shown(content)}")
    entries = []
    for i, entry in enumerate(content):
        where = f"{path}: [{i}]"
        if not isinstance(entry, dict) or "image_id" not in entry:
            raise ValueError(f"{where}: expected image_id and keypoints, got {shown(entry)}")
        if _score(entry) >= min_score:
            frame = frame_number(entry["image_id"], f"{where}.image_id")
            entries.append((frame, triples(entry.get("keypoints"), f"{where}.keypoints"), entry))
    first = min((frame for frame, _, _ in entries), default=0)
    named = _names([entry for _, _, entry in entries], ("track_id", "idx", "id"))
    found = [
        Detection(frame - first, joints, name)
        for (frame, joints, _), name in zip(entries, named, strict=True)
    ]
    return from_detections(path, found, max_persons=max_persons)


def is_coco_results(probe: Probe) -> bool:
    """A list of dicts with `image_id` and `keypoints`."""
    return isinstance(probe.json, list) and {"image_id", "keypoints"} <= probe.keys


@reader("COCO keypoint annotations")
def read_coco_annotations(
    path: str | os.PathLike[str], max_persons: int | None = None
) -> list[Recording]:
    r"""Reads keypoints in the `annotation format of COCO <https://cocodataset.org/#format-data>`_,
    as annotation tools export them for the pictures of a video.

    The file has :obj:`"images"` (with file name, width and height), :obj:`"annotations"` (of each
    person :obj:`"image_id"`, :obj:`"category_id"` and :obj:`"keypoints"`: x and y in pixels, y
    down, and 0 if the joint is not labeled, 1 if it is hidden, 2 if it is visible) and
    :obj:`"categories"`, with the names of the joints in :obj:`"keypoints"` and their bones in
    :obj:`"skeleton"`, counted from 1. Pictures are frames in the order of their names. A hidden
    joint has a confidence of 0.5. A person is named by :obj:`"track_id"` or :obj:`"instance_id"`
    (perhaps in :obj:`"attributes"`) where all have one.

    Args:
        path (str or PathLike): The file.
        max_persons (int, optional): The largest number of persons to keep. (default: :obj:`None`)

    Returns:
        A recording for each category that has keypoints.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not JSON or has another form; the message names the entry.
    """
    path = Path(path)
    content = read_json(path)
    images, categories = _dicts(content, "images", path), _dicts(content, "categories", path)
    sizes = {_size(image) for image in images}
    images = sorted(images, key=lambda image: in_order(Path(str(image.get("file_name", "")))))
    frame_of = {str(image.get("id")): frame for frame, image in enumerate(images)}
    members: dict[str, list[tuple[int, Any, dict[str, Any]]]] = {}
    for i, entry in enumerate(_dicts(content, "annotations", path)):
        where = f"{path}: annotations[{i}]"
        if not any(entry.get("keypoints") or ()):
            continue  # a box without keypoints
        frame = frame_of.get(str(entry.get("image_id")))
        if frame is None:
            raise ValueError(f"{where}: has no image {shown(entry.get('image_id'))}")
        joints = triples(entry["keypoints"], f"{where}.keypoints")
        joints[:, 2] = joints[:, 2].clip(0, 2) / 2
        members.setdefault(str(entry.get("category_id")), []).append((frame, joints, entry))
    out = []
    for i, category in enumerate(categories):
        entries = members.get(str(category.get("id")), [])
        if not entries:
            continue
        named = _names([entry for _, _, entry in entries], ("track_id", "instance_id"))
        found = [
            Detection(frame, joints, name)
            for (frame, joints, _), name in zip(entries, named, strict=True)
        ]
        layout = _layout(category, len(found[0].joints), f"{path}: categories[{i}]")
        size = next(iter(sizes)) if len(sizes) == 1 else None
        recording = from_detections(path, found, len(images), max_persons, layout, "px", size)
        if len(members) > 1:
            recording.name = str(category.get("name"))
        out.append(recording)
    if not out:
        raise ValueError(f"{path}: has no keypoints")
    return out


def is_coco_annotations(probe: Probe) -> bool:
    """A dict with `images`, `annotations` and `categories`."""
    return {"images", "annotations", "categories"} <= probe.keys


def _dicts(content: Any, key: str, path: Path) -> list[dict[str, Any]]:
    value = content.get(key) if isinstance(content, dict) else None
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise ValueError(f"{path}: {key}: expected a list of dicts, got {shown(value)}")
    return value


def _score(entry: dict[str, Any]) -> float:
    score = entry.get("score", 1.0)
    return float(score) if isinstance(score, int | float) else 1.0


def _names(entries: list[dict[str, Any]], keys: Iterable[str]) -> list[int | str | None]:
    """The names of the persons by the first key that all of them have."""
    for key in keys:
        names = [_name(entry, key) for entry in entries]
        if None in names:
            continue
        # Some files number the persons of all pictures through, which follows no person.
        if key != "id" or len({*names}) < len(names):
            return names
    return [None] * len(entries)


def _name(entry: dict[str, Any], key: str) -> int | str | None:
    attributes = entry.get("attributes")
    value = entry.get(key, attributes.get(key) if isinstance(attributes, dict) else None)
    while isinstance(value, list) and len(value) == 1:  # AlphaPose
        value = value[0]
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) or type(value) is int else None


def _size(image: dict[str, Any]) -> tuple[int, int] | None:
    size = image.get("width"), image.get("height")
    return size if all(type(side) is int and 0 < side < 1 << 20 for side in size) else None  # type: ignore[return-value]


def _layout(category: dict[str, Any], joints: int, where: str) -> str | dict[str, Any] | None:
    """The layout of the joints that a category names, if it does: a known one, or its own."""
    names = category.get("keypoints")
    if not names:
        return None
    if not isinstance(names, list) or len(names) != joints or len({*map(str, names)}) != joints:
        raise ValueError(f"{where}: expected names of {joints} keypoints, got {shown(names)}")
    names = [str(name) for name in names]
    known = LAYOUTS.get(joints)
    if known is not None and Skeleton.get(known).joints == tuple(names):
        return known
    bones = []
    for bone in category.get("skeleton") or []:
        good = isinstance(bone, list) and len(bone) == 2
        if not good or not all(type(end) is int and 1 <= end <= joints for end in bone):
            raise ValueError(f"{where}: skeleton: expected pairs from 1 to {joints}, got {bone!r}")
        bones.append((names[bone[0] - 1], names[bone[1] - 1]))
    return layout_from_names(str(category.get("name") or "category"), names, bones)
