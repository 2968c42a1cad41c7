"""Reads the lifting files of Human3.6M, in both common file layouts."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from pyg_skeleton.datasets.lifting.detections import Detections, read_detections
from pyg_skeleton.io import (
    CameraCalibration,
    read_cameras_json,
    read_h36m_cameras,
    read_h36m_hourglass,
    read_h36m_positions,
    read_positions_3d,
)
from pyg_skeleton.skeleton import Skeleton

#: The cameras, in the order of the clips in the files.
CAMERAS = ("54138969", "55011271", "58860488", "60457274")
#: Short names of published detections.
DETECTIONS = {"cpn": "cpn_ft_h36m_dbb", "detectron": "detectron_ft_h36m", "sh": "sh_ft_h36m"}
_POSITIONS = "data_3d_h36m.npz"
_ARCHIVE = "MyPoses/3D_positions"
_HOURGLASS = {"sh_ft_h36m": "StackedHourglassFineTuned240", "sh_pt_mpii": "StackedHourglass"}
_CAMERA_FILES = ("cameras.json", "cameras.h5")
#: The numbers that circulate with VideoPose3D's files, which hold no cameras themselves.
_PUBLISHED = Path(__file__).with_name("human36m_cameras.json")
_LAYOUTS = ("h36m17", "h36m16", "mpii16", "coco17")
#: The take whose video is damaged; published splits leave it out.
DAMAGED = ("S11", "Directions")
# The takes of two actions have different names in some files.
_RENAMED = {"TakingPhoto": "Photo", "WalkingDog": "WalkDog"}

Takes = dict[str, NDArray[Any]]


def split_take(take: str) -> tuple[str, str]:
    """Returns the canonical names of the action and of the take, which includes a number."""
    action, _, number = take.replace("_", " ").partition(" ")
    action = _RENAMED.get(action, action)
    return action, f"{action} {number}" if number else action


def read_takes(root: Path, subjects: Iterable[str]) -> dict[str, Takes]:
    """Reads the 32 joints, in world space, of all takes except :obj:`DAMAGED`. Missing subjects are
    skipped.
    """
    takes: dict[str, Takes]
    if (root / _POSITIONS).exists():
        file = root / _POSITIONS
        positions = read_positions_3d(file)
        takes = {s: _canonical(positions[s], f"{file}: {s}") for s in subjects if s in positions}
        for subject, clips in takes.items():
            for take, clip in clips.items():
                if clip.shape[1] != 32:
                    raise ValueError(f"{file}: {subject}/{take}: {clip.shape[1]} joints, not 32")
    else:
        takes = {}
        for subject in subjects:
            folder = root / subject / _ARCHIVE
            if files := sorted(folder.glob("*.h5")):
                names = _canonical({path.stem: path for path in files}, str(folder))
                takes[subject] = {take: read_h36m_positions(path) for take, path in names.items()}
    if not takes:
        raise FileNotFoundError(
            f"{root}: has neither {_POSITIONS} nor S1/{_ARCHIVE}/*.h5 with one of "
            f"{', '.join(subjects)}"
        )
    takes.get(DAMAGED[0], {}).pop(DAMAGED[1], None)
    return takes


def missing_takes(takes: Mapping[str, Takes], actions: Sequence[str]) -> list[str]:
    """Returns the missing takes, of two per action, of the subjects with any files."""
    out = []
    for subject, clips in takes.items():
        found = Counter(split_take(take)[0] for take in clips)
        for action in actions:
            expected = 1 if (subject, action) == DAMAGED else 2
            lacking = expected - found[action]
            out += [f"{subject} {action}"] * lacking
    return out


def read_cameras(
    root: Path, path: str | os.PathLike[str] | None, subjects: Iterable[str]
) -> dict[str, list[CameraCalibration]]:
    """Reads the four cameras of each subject, without a file the published ones."""
    there = [root / name for name in _CAMERA_FILES if (root / name).exists()]
    file = Path(path) if path is not None else (*there, _PUBLISHED)[0]
    found = (_read_h5_cameras if file.suffix == ".h5" else read_cameras_json)(file)
    cameras = {}
    for subject in subjects:
        by_name = {camera.name: camera for camera in found.get(subject, ())}
        if missing := [name for name in CAMERAS if name not in by_name]:
            raise ValueError(f"{file}: has no camera {', '.join(missing)} for {subject}")
        cameras[subject] = [by_name[name] for name in CAMERAS]
    return cameras


def _read_h5_cameras(file: Path) -> dict[str, list[CameraCalibration]]:
    """Reads the cameras of ``cameras.h5``, whose tangential coefficients are :math:`(p_2, p_1)`
    instead of :math:`(p_1, p_2)`, the order of :class:`~pyg_skeleton.camera.Camera`.
    """
    return {
        subject: [camera._replace(tangential=camera.tangential[::-1].copy()) for camera in cameras]
        for subject, cameras in read_h36m_cameras(file).items()
    }


def find_detections(root: Path, keypoints: str, subjects: Sequence[str]) -> Detections | None:
    """Returns the 2-D detections with a given name, or :obj:`None` if the true 2-D joints have to
    be projected.
    """
    name = DETECTIONS.get(keypoints, keypoints)
    file = root / f"data_2d_h36m_{name}.npz"
    if file.exists():
        layouts = (Skeleton.get(layout) for layout in _LAYOUTS)
        return read_detections(file, layouts, rename=lambda take: split_take(take)[1])
    if name == "gt":
        return None
    folder = _HOURGLASS.get(name)
    files = [f for s in subjects for f in sorted(root.glob(f"{s}/{folder}/*.h5"))] if folder else []
    if files:
        return Detections(f"{root}/*/{folder}", Skeleton.get("mpii16"), _hourglass(files))
    there = sorted(path.stem.removeprefix("data_2d_h36m_") for path in root.glob("data_2d_h36m_*"))
    raise FileNotFoundError(
        f"{file}: no such file for the keypoints {keypoints!r}; 'gt' needs none"
        + (f", and there is {', '.join(there)}" if there else "")
    )


def _hourglass(files: Sequence[Path]) -> dict[str, dict[str, list[Callable[[], NDArray[Any]]]]]:
    """Returns the clips of files such as ``S1/StackedHourglass/Directions_1.54138969.h5``, except
    :obj:`DAMAGED`, for which the archive lacks a camera.
    """
    views: dict[str, dict[str, dict[str, Path]]] = {}
    for path in files:
        take, _, camera = path.stem.rpartition(".")
        takes = views.setdefault(path.parent.parent.name, {})
        takes.setdefault(split_take(take)[1], {})[camera] = path
    clips: dict[str, dict[str, list[Callable[[], NDArray[Any]]]]] = {}
    for subject, takes in views.items():
        clips[subject] = {}
        for take, paths in takes.items():
            if (subject, take) == DAMAGED:
                continue
            if missing := [name for name in CAMERAS if name not in paths]:
                where = next(iter(paths.values())).parent
                raise FileNotFoundError(f"{where}: {take}: no file of camera {', '.join(missing)}")
            clips[subject][take] = [_later(paths[name]) for name in CAMERAS]
    return clips


def _later(path: Path) -> Callable[[], NDArray[Any]]:
    return lambda: read_h36m_hourglass(path)


def _canonical(takes: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Returns the takes by their canonical names, in alphabetical order."""
    out: dict[str, Any] = {}
    for take in sorted(takes):
        new = split_take(take)[1]
        if new in out:
            raise ValueError(f"{name}: has {new!r} twice, the second time as {take!r}")
        out[new] = takes[take]
    return out
