"""Reads clips from files of any format."""

from __future__ import annotations

import os
from typing import Any

from pyg_skeleton.data.clip import Clip
from pyg_skeleton.io.formats import read_recordings
from pyg_skeleton.io.recording import Axis, Recording, Unit
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.skeleton import SkeletonLike


def read(
    path: str | os.PathLike[str],
    layout: SkeletonLike | None = None,
    *,
    frame_rate: float | None = None,
    unit: Unit | None = None,
    up: Axis | None = None,
    image_size: tuple[int, int] | None = None,
    format: str | None = None,
    **options: Any,
) -> Clip:
    r"""Reads a recording from a file, or a folder with a file for each frame.

    The format is told by the content, see :func:`~pyg_skeleton.io.list_formats`. What a file does
    not say can be passed, and then replaces what it says.

    .. code-block:: python

        clip = pyg_skeleton.read("video_keypoints/")  # the folder of OpenPose
        clip = pyg_skeleton.read("clip.npy", "coco17", frame_rate=25, unit="px")

    Args:
        path (str or PathLike): The file or folder.
        layout (Skeleton, str, path or dict, optional): The layout of the joints in the file, where
            the format does not say it; :meth:`Clip.to_layout` converts. (default: :obj:`None`)
        frame_rate (float, optional): Frames per second. (default: :obj:`None`)
        unit (str, optional): The unit of the joints, see :class:`Clip`. (default: :obj:`None`)
        up (str, optional): The axis upwards, see :class:`Clip`. (default: :obj:`None`)
        image_size (tuple, optional): Width and height of the picture. (default: :obj:`None`)
        format (str, optional): The name of the format; by default told by the content.
            (default: :obj:`None`)
        **options (optional): Arguments of the reader of the format.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the format or the layout is not known, the file is damaged, has no person or
            several recordings (read those with :func:`read_all`); the message names it.
    """
    said = {"frame_rate": frame_rate, "unit": unit, "up": up, "image_size": image_size}
    recordings = read_recordings(path, format, **options)
    first = next(recordings, None)
    if first is None:
        raise ValueError(f"{os.fspath(path)}: has no recording")
    more = next(recordings, None)
    if more is not None:
        raise ValueError(
            f"{os.fspath(path)}: has several recordings, {first.name!r}, {more.name!r}, ...; "
            f"read them with read_all"
        )
    return _clip(path, first, layout, said)


def read_all(
    path: str | os.PathLike[str],
    layout: SkeletonLike | None = None,
    *,
    frame_rate: float | None = None,
    unit: Unit | None = None,
    up: Axis | None = None,
    image_size: tuple[int, int] | None = None,
    format: str | None = None,
    **options: Any,
) -> list[Clip]:
    """Reads all recordings of a file or folder, in the order of the file or of the names.

    The arguments are those of :func:`read`.
    """
    said = {"frame_rate": frame_rate, "unit": unit, "up": up, "image_size": image_size}
    recordings = read_recordings(path, format, **options)
    return [_clip(path, recording, layout, said) for recording in recordings]


def _clip(
    path: str | os.PathLike[str],
    recording: Recording,
    layout: SkeletonLike | None,
    said: dict[str, Any],
) -> Clip:
    where = f"{os.fspath(path)}: {recording.name}"
    values = {key: value for key, value in said.items() if value is not None}
    if layout is not None:
        skeleton, known = Skeleton.of(layout), recording.layout
        joints = recording.joints.shape[2]
        fixed = isinstance(known, str) and not recording.guessed
        if skeleton.num_joints != joints or (fixed and known != skeleton.name):
            of = f" of {known!r}" if isinstance(known, str) else ""
            raise ValueError(
                f"{where}: has {joints} joints{of}, not the {skeleton.num_joints} of "
                f"{skeleton.name!r}; convert with to_layout"
            )
        values["skeleton"] = skeleton
    try:
        return Clip.from_recording(recording, **values)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
