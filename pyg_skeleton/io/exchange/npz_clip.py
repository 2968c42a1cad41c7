"""Clips as NumPy archives."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.arrays import Channels, array_recording
from pyg_skeleton.io.containers.files import reader
from pyg_skeleton.io.containers.npz import npz_keys, read_npz
from pyg_skeleton.io.exchange.json_clip import about, recording_of
from pyg_skeleton.io.formats import Probe
from pyg_skeleton.io.recording import Recording
from pyg_skeleton.whole_file import whole_file


def is_npz_clip(probe: Probe) -> bool:
    """Whether a file is an archive with arrays."""
    return probe.head.startswith(b"PK") and bool(npz_keys(probe.path))


@reader("an .npz archive with joints")
def read_npz_clip(
    path: str | os.PathLike[str], key: str | None = None, channels: Channels | None = None
) -> Recording:
    r"""Reads the joints of an archive of NumPy.

    An archive of :func:`write_npz_clip` holds :obj:`"joints"`, :math:`(M, T, V, C)`, perhaps
    :obj:`"confidence"`, :math:`(M, T, V)`, and :obj:`"about"`, all else as JSON in bytes. Of any
    other archive one array is read, :math:`(T, V, C)` or :math:`(M, T, V, C)`, see
    :func:`~pyg_skeleton.io.arrays.read_array`; NaN is a missing joint.

    Args:
        path (str or PathLike): The file.
        key (str, optional): The name of the array. If :obj:`None`, :obj:`"joints"`,
            :obj:`"keypoints"` or :obj:`"positions"`, or the only one. (default: :obj:`None`)
        channels (str, optional): What the numbers of a joint are, :obj:`"xy"`, :obj:`"xyz"` or
            :obj:`"xys"` with a score. (default: :obj:`None`)

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, or its arrays have another form; the message names the key.
    """
    name = os.fspath(path)
    keys = npz_keys(path)
    if key is None and {"joints", "about"} <= keys:
        return _own(path, keys, name)
    if key is None:
        known = sorted(keys & {"joints", "keypoints", "positions"} or keys)
        if len(known) != 1:
            found = ", ".join(ascii(k) for k in known[:8]) or "no array"
            raise ValueError(f"{name}: has {found}; pass key=... to say which one to read")
        key = known[0]
    array = _array(read_npz(path, [key])[key], f"{name}: {key}")
    return array_recording(array, f"{name}: {key}", Path(name).stem, channels)


def write_npz_clip(path: str | os.PathLike[str], recording: Recording) -> None:
    """Writes a recording so that :func:`read_npz_clip` gives it back, whole or not at all.

    Args:
        path (str or PathLike): The file.
        recording (Recording): The recording.
    """
    text = json.dumps(about(recording), allow_nan=False).encode()
    arrays: dict[str, Any] = {"joints": recording.joints, "about": np.frombuffer(text, np.uint8)}
    if recording.confidence is not None:
        arrays["confidence"] = recording.confidence
    with whole_file(path) as partial, open(partial, "wb") as file:
        np.savez_compressed(file, **arrays)


def _own(path: str | os.PathLike[str], keys: set[str], name: str) -> Recording:
    arrays = read_npz(path, ["joints", "about", *({"confidence"} & keys)])
    joints = _array(arrays["joints"], f"{name}: joints")
    if joints.ndim != 4:
        raise ValueError(f"{name}: joints: expected [M, T, V, C], got {list(joints.shape)}")
    text = arrays["about"]
    if getattr(text, "dtype", None) != np.uint8:
        raise ValueError(f"{name}: about: expected JSON in bytes")
    try:
        content = json.loads(text.tobytes())
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise ValueError(f"{name}: about: is not a dict in JSON")
    confidence = None
    if "confidence" in arrays:
        confidence = np.array(arrays["confidence"], np.float32)
    return recording_of(joints, confidence, content, name)


def _array(value: Any, where: str) -> NDArray[np.float32]:
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "iuf":
        raise ValueError(f"{where}: expected an array of numbers")
    if value.ndim not in (3, 4) or not value.size:
        raise ValueError(f"{where}: expected [T, V, C] or [M, T, V, C], got {list(value.shape)}")
    with np.errstate(over="ignore"):
        return np.array(value, np.float32, order="C")
