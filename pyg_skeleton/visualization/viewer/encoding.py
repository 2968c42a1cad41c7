"""Numbers and pictures as text in a page."""

from __future__ import annotations

import base64
import mimetypes
import re
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from pyg_skeleton.visualization._figure import Array

#: The number of steps of a 16-bit number, without the one that stands for a missing joint.
_STEPS = 65_534
_MISSING = -32_768


def to_base64(content: bytes) -> str:
    """Base64 without the word that starts a network address, so that a search for one in the page
    finds nothing; decoders skip the space.
    """
    return re.sub("(?i)(ht)(tp)", r"\1 \2", base64.b64encode(content).decode("ascii"))


def encode_joints(x: Array, size: float) -> dict[str, Any]:
    r"""Joints as little-endian numbers, by frame, person, joint and coordinate.

    They are 16-bit integers :math:`q` with :math:`x = s q + o`, as long as the error :math:`s / 2`
    is below a thousandth of a body, else 32-bit floating-point numbers.

    Args:
        x (numpy.ndarray): The joints, NaN where missing.
        size (float): The size of a body.

    Shapes:
        - **x:** :math:`(M, T, V, C)`
    """
    x = x.transpose(1, 0, 2, 3)
    seen = np.asarray(np.isfinite(x).all(axis=-1))
    present = x[seen] if seen.any() else np.zeros((1, x.shape[-1]))
    low, high = present.min(axis=0), present.max(axis=0)
    scale, offset = float((high - low).max()) / _STEPS, (low + high) / 2
    out: dict[str, Any] = {"shape": list(x.shape)}
    if scale / 2 > size / 1000:
        values = np.where(seen[..., None], x, np.nan).astype("<f4")
        return {**out, "values": to_base64(values.tobytes())}
    steps: Array = np.round((np.where(seen[..., None], x, offset) - offset) / (scale or 1.0))
    steps[~seen] = _MISSING
    return {
        **out,
        "values": to_base64(steps.astype("<i2").tobytes()),
        "scale": scale,
        "offset": offset.tolist(),
    }


def encode_confidence(confidence: Array) -> str:
    """The confidence ``[M, T, V]`` of joints as bytes, by frame, person and joint."""
    steps = np.round(255 * np.nan_to_num(confidence)).clip(0, 255)
    return to_base64(steps.transpose(1, 0, 2).astype(np.uint8).tobytes())


def encode_image(image: Any) -> str:
    """A picture as a data address.

    Args:
        image (str, Path, numpy.ndarray or torch.Tensor): A file that browsers show, or pixels from
            0 to 255, of floating-point numbers from 0 to 1.

    Shapes:
        - **image:** :math:`(H, W, 3)` or :math:`(H, W)`

    Raises:
        ValueError: If the shape is another, or the file is no picture.
    """
    if isinstance(image, str | Path):
        kind = mimetypes.guess_type(image)[0] or ""
        if not kind.startswith("image/"):
            raise ValueError(f"expected a picture, got {str(image)!r}")
        return f"data:{kind};base64,{to_base64(Path(image).read_bytes())}"
    pixels = np.asarray(image.detach().cpu() if isinstance(image, Tensor) else image)
    if pixels.dtype.kind == "f":
        pixels = np.round(255 * pixels.clip(0, 1))
    if pixels.ndim == 2:
        pixels = pixels[..., None].repeat(3, axis=-1)
    if pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
        raise ValueError(f"expected pixels [H, W, 3] or [H, W], got {list(pixels.shape)}")
    return f"data:image/png;base64,{to_base64(_png(pixels.astype(np.uint8)))}"


def _png(pixels: NDArray[np.uint8]) -> bytes:
    """An image file of RGB pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)

    height, width = pixels.shape[:2]
    rows = np.pad(pixels.reshape(height, -1), ((0, 0), (1, 0)))  # each row starts with "no filter"
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
            chunk(b"IDAT", zlib.compress(rows.tobytes(), 6)),
            chunk(b"IEND", b""),
        ]
    )
