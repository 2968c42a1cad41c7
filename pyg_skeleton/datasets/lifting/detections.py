"""2-D detections from files, in any order of joints."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from numpy.typing import NDArray
from torch import Tensor

from pyg_skeleton.datasets.lifting.corpus import convert_clip
from pyg_skeleton.io import read_positions_2d
from pyg_skeleton.skeleton import Skeleton

_SIDES = ("left_", "right_")


class Detections(NamedTuple):
    """The 2-D detections of all takes and cameras."""

    #: The source of the detections, for error messages.
    name: str
    #: The layout of the detections.
    layout: Skeleton
    #: Functions that read the clips of all cameras, for each subject and take.
    clips: Mapping[str, Mapping[str, Sequence[Callable[[], NDArray[Any]]]]]

    def read(
        self,
        subject: str,
        take: str,
        num_cameras: int,
        num_frames: int,
        skeleton: Skeleton,
        derive: bool = False,
    ) -> Callable[[int], Tensor]:
        """Returns a function that maps the index of a camera to the joints of a skeleton in the
        frames of the capture.

        Videos that are longer than the capture are cut.

        Raises:
            ValueError: If the take is missing or its number of cameras differs; when called, if it
                is too short or joints are missing.
        """
        name = f"{self.name}: {subject}/{take}"
        views = self.clips.get(subject, {}).get(take, ())
        if len(views) != num_cameras:
            raise ValueError(f"{name}: expected clips of {num_cameras} cameras, got {len(views)}")

        def camera(number: int) -> Tensor:
            clip, where = views[number](), f"{name}, camera {number}"
            if len(clip) < num_frames:
                raise ValueError(
                    f"{where}: has {len(clip)} frames, expected the {num_frames} of the capture"
                )
            return convert_clip(clip[:num_frames], self.layout, skeleton, where, derive)

        return camera


def read_detections(
    path: str | os.PathLike[str],
    layouts: Iterable[Skeleton],
    rename: Callable[[str], str] = str,
) -> Detections:
    """Reads all detections of a ``data_2d_*.npz`` file and renames the takes.

    The layout is the first whose left and right joints match the metadata. The file contains no
    other hint at the order of joints, which differs between two versions of the same hourglass
    detections.
    """
    found, layouts = read_positions_2d(path), list(layouts)
    left, right = (set(side) for side in found.symmetry)
    for layout in layouts:
        sides = [{j for j, n in enumerate(layout.joints) if n.startswith(s)} for s in _SIDES]
        if layout.num_joints == found.num_joints and sides == [left, right]:
            break
    else:
        known = ", ".join(layout.name for layout in layouts)
        raise ValueError(
            f"{os.fspath(path)}: metadata: {found.num_joints} joints with {sorted(left)} on the "
            f"left and {sorted(right)} on the right match none of the layouts {known}"
        )
    clips = {
        subject: {rename(take): [_known(clip) for clip in views] for take, views in takes.items()}
        for subject, takes in found.positions.items()
    }
    return Detections(os.fspath(path), layout, clips)


def _known(clip: NDArray[Any]) -> Callable[[], NDArray[Any]]:
    return lambda: clip
