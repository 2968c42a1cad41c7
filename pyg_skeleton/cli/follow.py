"""``pyg-skeleton predict --follow``: answers while frames still come."""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pyg_skeleton.cli.errors import UsageError
from pyg_skeleton.datasets.options import load_layout

#: Seconds between two looks at a file that grows.
_WAIT = 0.02


def follow(model: Any, path: Path, options: Mapping[str, Any]) -> None:
    """Reads frames, one in each line, and writes the answers as lines of JSON.

    Args:
        model (SkeletonModel): The network.
        path (Path): A file that may still grow, or :obj:`-` for standard input.
        options (dict): The options of pyg-skeleton predict.

    Raises:
        UsageError: With the number of a line that is no frame.
    """
    try:
        stream = model.stream(**_arguments(model, options))
    except (TypeError, ValueError) as error:
        raise UsageError(f"--follow: {error}") from None
    joints = stream.reader.source.num_joints
    name = "standard input" if str(path) == "-" else str(path)
    lines = sys.stdin if str(path) == "-" else growing_lines(path, options["idle"])
    for number, line in enumerate(lines, start=1):
        try:
            frame = read_frame(line, joints)
        except ValueError as error:
            if number == 1 and line.strip()[:1].isalpha():  # the names of the columns
                continue
            raise UsageError(f"{name}, line {number}: {error}") from None
        try:
            answer = stream.push(frame)
        except ValueError as error:
            raise UsageError(f"{name}, line {number}: {error}") from None
        if answer is not None:
            record = {"frame": stream.num_frames - 1, **_record(answer, options["top"])}
            print(json.dumps(record), flush=True)


def _arguments(model: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of the stream that are given."""
    names = ("unit", "frame_rate", "image_size", "num_persons", "window", "every", "num_future")
    given = {name: options[name] for name in names if options[name] is not None}
    if options["layout"]:
        given["layout"] = load_layout(options["layout"])
    if options["flip_test"] == "on":
        given["flip"] = True
    return given


def growing_lines(path: Path, idle: float | None = None) -> Iterator[str]:
    """Yields the lines of a file, and waits for more.

    Args:
        path (Path): The file.
        idle (float, optional): The seconds without a new line after which the file counts as
            complete. (default: :obj:`None`)
    """
    with path.open(encoding="utf-8") as file:
        line, last = "", time.monotonic()
        while True:
            part = file.readline()
            line += part
            if line.endswith("\n"):
                yield line
                line, last = "", time.monotonic()
            elif not part:
                if idle is not None and time.monotonic() - last > idle:
                    break
                time.sleep(_WAIT)
    if line:
        yield line


def read_frame(line: str, num_joints: int) -> Any:
    """Reads a frame: a JSON array ``[V, C]`` or ``[M, V, C]``, a JSON object of such arrays by the
    names of the persons, or the :obj:`V * C` numbers of one person, separated by commas. Numbers
    that are missing are null, or nothing between two commas.

    Args:
        line (str): The line; an empty one or null is a frame that is missing.
        num_joints (int): The number of joints :math:`V`.

    Raises:
        ValueError: If it is something else.
    """
    text = line.strip()
    if not text or text == "null":
        return None
    if text[0] in "[{":
        try:
            value = json.loads(text)
        except ValueError as error:
            raise ValueError(f"no JSON, {error}") from None
        if isinstance(value, dict):
            return {name: _array(pose) for name, pose in value.items()}
        return _array(value)
    numbers = [word.strip() or "nan" for word in text.split(",")]
    try:
        pose = np.array(numbers, dtype=float)
    except ValueError:
        raise ValueError(
            f"expected a frame as JSON or as numbers with commas between, got {text[:60]!r}"
        ) from None
    if pose.size % num_joints or not 2 * num_joints <= pose.size <= 3 * num_joints:
        raise ValueError(
            f"expected {2 * num_joints} or {3 * num_joints} numbers for {num_joints} joints, got "
            f"{pose.size}"
        )
    return pose.reshape(num_joints, -1)


def _array(value: Any) -> Any:
    try:
        return np.array(value, dtype=float)  # None becomes NaN
    except (TypeError, ValueError):
        raise ValueError("expected joints as lists of as many numbers each") from None


def _record(answer: Any, top: int) -> dict[str, Any]:
    """An answer as plain values."""
    out: dict[str, Any] = {}
    if getattr(answer, "probability", None) is not None:
        table = answer.to_frame(top)
        classes = dict(zip(table["class"], table["probability"].round(6).tolist(), strict=True))
        label = next(iter(classes))
        out |= {"label": label, "probability": classes[label], "classes": classes}
    for name, digits in (("poses", 2), ("future", 6)):
        poses = getattr(answer, name, None)
        if poses is not None:
            out[name] = np.asarray(poses, dtype=float).round(digits).tolist()
    return out
