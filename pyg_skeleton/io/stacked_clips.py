"""Clips in one array: the files of ST-GCN and 2s-AGCN, and of CTR-GCN."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.containers.files import check_regular_file, reader
from pyg_skeleton.io.containers.npy import read_npy
from pyg_skeleton.io.containers.npz import npz_keys, read_npz
from pyg_skeleton.io.containers.restricted_pickle import read_restricted_pickle

#: What files call a split.
_SPLITS = {"train": ("train",), "test": ("test", "val")}
#: A larger number is no class.
_MAX_CLASSES = 1_000_000


class StackedFile(NamedTuple):
    """The clips of a split, padded to one length with zeros."""

    #: The joints, ``[N, M, T, V, C]``, a view of the file's own order.
    joints: NDArray[Any]
    #: The class of each clip, from 0, ``[N]``.
    labels: NDArray[np.int64]
    #: The name of each clip.
    names: list[str]


@reader("stacked clips")
def read_stacked_clips(path: str | os.PathLike[str], split: str, num_joints: int) -> StackedFile:
    r"""Reads the clips of a split from one of two forms.

    A folder of `ST-GCN <https://github.com/yysijie/st-gcn>`_ or 2s-AGCN has ``train_data.npy``
    (or ``train_data_joint.npy``) :math:`(N, C, T, V, M)` and ``train_label.pkl``, a pair of the
    names of the clips and their labels; the test is called ``val`` or ``test``. A file of
    `CTR-GCN <https://github.com/Uason-Chen/CTR-GCN>`_ such as ``NTU60_CS.npz`` has
    :obj:`x_train` :math:`(N, T, M \cdot V \cdot 3)` and :obj:`y_train`, labels or a row with a 1 at
    the label for each clip.

    Args:
        path (str or PathLike): The folder or the file.
        split (str): :obj:`"train"` or :obj:`"test"`.
        num_joints (int): The number of joints :math:`V`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If a shape does not fit, or labels and clips differ in number.
    """
    place = Path(path)
    labels, names = _labels(place, split)
    if place.is_dir():
        file = cast("Path", _data_file(place, split))
        joints = read_npy(file)
        if joints.ndim != 5:
            raise ValueError(f"{file}: expected [N, C, T, V, M], got {list(joints.shape)}")
        joints = joints.transpose(0, 4, 2, 3, 1)
    else:
        key = f"x_{_word(place, split) or _SPLITS[split][0]}"
        x = read_npz(place, [key], os.stat(place).st_size * 2 + (1 << 26))[key]
        if x.ndim != 3 or x.shape[2] % (3 * num_joints):
            shape = list(x.shape)
            raise ValueError(f"{place}: {key}: expected [N, T, M * {num_joints} * 3], got {shape}")
        joints = x.reshape(*x.shape[:2], -1, num_joints, 3).transpose(0, 2, 1, 3, 4)
    names = names or [f"{split}_{number}" for number in range(len(joints))]
    if joints.dtype.kind != "f" or joints.shape[3] != num_joints or 0 in joints.shape:
        raise ValueError(
            f"{place}: expected clips of {num_joints} joints, got {joints.dtype} "
            f"{list(joints.shape)} ([N, M, T, V, C])"
        )
    if not len(joints) == len(labels) == len(names):
        raise ValueError(
            f"{place}: expected a name and a label for each of {len(joints)} clips, got "
            f"{len(names)} names and {len(labels)} labels"
        )
    return StackedFile(joints, labels, names)


@reader("stacked clips")
def count_stacked_classes(path: str | os.PathLike[str]) -> int:
    """The number of classes of stacked clips: one more than the largest label of all splits.

    Args:
        path (str or PathLike): The folder or the file, see :func:`read_stacked_clips`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If labels are no whole numbers.
    """
    place = Path(path)
    splits = [split for split in _SPLITS if _data_file(place, split) or _word(place, split)]
    if not splits:
        raise FileNotFoundError(f"{place}: has no stacked clips")
    return max(int(_labels(place, split)[0].max(initial=0)) + 1 for split in splits)


def _data_file(place: Path, split: str) -> Path | None:
    """The file of the joints in a folder."""
    files = [place / f"{word}_data{end}.npy" for word in _SPLITS[split] for end in ("", "_joint")]
    return next((file for file in files if file.is_file()), None)


def _word(place: Path, split: str) -> str | None:
    """The word for a split in an archive."""
    keys = npz_keys(place) if place.is_file() else set()
    return next((word for word in _SPLITS[split] if f"x_{word}" in keys), None)


def _labels(place: Path, split: str) -> tuple[NDArray[np.int64], list[str]]:
    """The labels of a split, and the names of its clips if the file has them."""
    names: Any = []
    if place.is_dir():
        found = _data_file(place, split)
        if found is None:
            raise FileNotFoundError(f"{place}: has no {_SPLITS[split][0]}_data.npy")
        word = found.name.split("_")[0]
        where = check_regular_file(place / f"{word}_label.pkl", "a pickle of labels")
        with open(where, "rb") as file:
            content = read_restricted_pickle(file, where)
        if not isinstance(content, (list, tuple)) or len(content) != 2:
            raise ValueError(f"{where}: expected a pair of names and labels")
        names, labels = content
        if not isinstance(names, (list, tuple)) or not all(isinstance(n, str) for n in names):
            raise ValueError(f"{where}: expected the names of clips in a list")
    else:
        key = f"y_{_word(place, split) or _SPLITS[split][0]}"
        where = f"{place}: {key}"
        labels = read_npz(place, [key])[key]
    wrong = f"{where}: expected a label from 0 for each clip"
    try:
        array = np.asarray(labels)
    except ValueError:
        raise ValueError(wrong) from None
    if array.ndim == 2 and array.size:
        array = array.argmax(axis=1)
    if array.ndim != 1 or array.dtype.kind not in "iu" or (array.astype(np.int64) < 0).any():
        raise ValueError(f"{wrong}, got {array.dtype} {list(array.shape)}")
    if array.max(initial=0) > _MAX_CLASSES:
        raise ValueError(f"{wrong} up to {_MAX_CLASSES:,}, got {array.max()}")
    return array.astype(np.int64), [Path(name).stem for name in names]
