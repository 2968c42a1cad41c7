"""A user's own clips: a folder of NumPy arrays, or a table of files."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.options import load_layout
from pyg_skeleton.datasets.recognition.clip_dataset import ClipDataset
from pyg_skeleton.io import ClipSource, read_npy, write_clip_store
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.plausible import LARGEST

Reader = Callable[[str], NDArray[Any]]
#: A larger number is no class.
_MAX_CLASSES = 1_000_000


class ClipTable(ClipDataset):
    r"""Your own clips, of any layout, from a table with a row for each.

    .. code-block:: python

        ClipTable.from_folder("gestures", "coco17")  # gestures/wave/*.npy, gestures/clap/*.npy

        table = pd.DataFrame({"file": ["a.npy", "b.npy"], "label": ["wave", "clap"]})
        ClipTable(table, skeleton=my_skeleton)

    The table has the columns **file** and **label** (a name or a number), and may have **name**
    (of the clip; by default the file without its ending), **persons** (the number of persons to
    take, or a list of their positions in the file; by default all) and **split**. Persons who are
    zero or NaN throughout are left out.

    All files are read when the data set is created, into memory or into a memory-mapped store.

    Args:
        table (pandas.DataFrame, str or PathLike): The table, or a CSV file that holds it; files are
            then found from its folder.
        skeleton (Skeleton or str): The layout, or its name.
        split (str, optional): Takes the rows with this in the column **split**; all if
            :obj:`None`. (default: :obj:`None`)
        classes (sequence of str, optional): The classes in the order of their numbers. By default
            the sorted labels of the whole table, of all splits. (default: :obj:`None`)
        axes (str, optional): The order of the dimensions in the files: persons M, time T, joints V
            and channels C. A file with one dimension less has one person.
            (default: :obj:`"MTVC"`)
        missing (str, optional): :obj:`"error"` refuses NaN; :obj:`"mask"` takes a joint with any
            NaN as missing, and all items have the field `visible`. (default: :obj:`"error"`)
        transform (callable, optional): Called with each :class:`~pyg_skeleton.data.SkeletonData`
            on access. (default: :obj:`None`)
        repeat (int, optional): The number of items of each clip. (default: :obj:`1`)
        root (str or PathLike, optional): The folder from which files are found.
            (default: :obj:`"."`)
        read (callable, optional): From the path of a file to its array.
            (default: :func:`~pyg_skeleton.io.read_npy`)
        store (str or PathLike, optional): The folder of a store, see
            :func:`~pyg_skeleton.io.write_clip_store`, with a folder in it for each split; in memory
            if :obj:`None`.
            (default: :obj:`None`)
        num_workers (int, optional): The number of processes that read files into a store.
            (default: :obj:`None`)
        progress (bool, optional): Whether to show a progress bar for a store.
            (default: :obj:`True`)

    Shapes:
        - **x:** :math:`(M \cdot V, T, C)`
        - **y:** :math:`(1)`, a position in :attr:`classes`
        - **sample:** the number of the item, :math:`(1)`
        - **visible:** :math:`(M \cdot V, T)`, with :obj:`missing="mask"`

    Raises:
        FileNotFoundError: If a file is missing.
        ValueError: If the table lacks a column, or a file has another shape, a value that is not
            finite, or no person; the message names the file.
    """

    def __init__(
        self,
        table: pd.DataFrame | str | os.PathLike[str],
        skeleton: Skeleton | str,
        split: str | None = None,
        classes: Sequence[str] | None = None,
        axes: str = "MTVC",
        missing: str = "error",
        transform: Callable[[SkeletonData], Any] | None = None,
        repeat: int = 1,
        root: str | os.PathLike[str] = ".",
        read: Reader = read_npy,
        store: str | os.PathLike[str] | None = None,
        num_workers: int | None = None,
        progress: bool = True,
    ) -> None:
        if sorted(axes) not in (sorted("MTVC"), sorted("TVC")):
            raise ValueError(f"axes must name M, T, V and C once each, got {axes!r}")
        if missing not in ("error", "mask"):
            raise ValueError(f"missing must be 'error' or 'mask', got {missing!r}")
        if not isinstance(table, pd.DataFrame):
            root = Path(table).parent if root == "." else root
            table = pd.read_csv(table)
        for column in ("file", "label", *([] if split is None else ["split"])):
            if column not in table:
                raise ValueError(f"the table has no column {column!r}, only {list(table.columns)}")
        body = Skeleton.get(skeleton) if isinstance(skeleton, str) else skeleton
        self._mask = missing == "mask"
        numbers, names = _labels(table["label"], classes)
        rows = [
            row for row in range(len(table)) if split is None or table["split"].iloc[row] == split
        ]
        sources = []
        for row in rows:
            file = str(table["file"].iloc[row])
            name = str(table["name"].iloc[row]) if "name" in table else os.path.splitext(file)[0]
            persons = table["persons"].iloc[row] if "persons" in table else None
            content = (str(Path(root, file)), _positions(persons, f"row {row}, {file}"))
            sources.append(ClipSource(name, int(numbers[row]), content))
        load = partial(_load, read=read, axes=axes, joints=body.num_joints, missing=missing)
        clips: Sequence[Any]
        if store is None:
            clips = [load(source.content) for source in sources]
        else:
            if split is not None:
                store = Path(store, f"split={quote(split, safe='')}")
            info = {"axes": axes, "missing": missing, "files": [s.content for s in sources]}
            clips = write_clip_store(store, sources, load, info, num_workers, progress)
        if not sources:
            raise ValueError(f"the table has no clip of the split {split!r}")
        super().__init__(
            clips,
            [source.label for source in sources],
            [source.name for source in sources],
            body,
            names,
            transform,
            repeat,
        )
        if store is not None:
            self._check_order()

    @classmethod
    def from_folder(
        cls,
        root: str | os.PathLike[str],
        skeleton: Skeleton | str,
        split: str | None = None,
        **kwargs: Any,
    ) -> ClipTable:
        """The clips in a folder with a folder of ``.npy`` files for each class.

        Args:
            root (str or PathLike): The folder.
            skeleton (Skeleton or str): The layout, or its name.
            split (str, optional): The folder in **root** that has the folders of the classes; the
                folders beside it are other splits. (default: :obj:`None`)
            **kwargs (optional): Further arguments of :class:`ClipTable`.
        """
        place, levels = Path(root), ("label",) if split is None else ("split", "label")
        files = sorted(place.glob("/".join(["*"] * len(levels)) + "/*.npy"))
        if not files:
            shape = "/".join([*(f"<{level}>" for level in levels), "*.npy"])
            raise FileNotFoundError(f"{place}: has no files {shape}")
        parts = [file.relative_to(place).parts for file in files]
        columns = {level: [part[i] for part in parts] for i, level in enumerate(levels)}
        names = ["/".join(part).removesuffix(".npy") for part in parts]
        table = pd.DataFrame({"file": ["/".join(part) for part in parts], "name": names, **columns})
        return cls(table, skeleton, split, root=root, **kwargs)

    @classmethod
    def from_unlabeled(
        cls, root: str | os.PathLike[str], skeleton: Skeleton | str, **kwargs: Any
    ) -> ClipTable:
        """Unlabeled clips: all ``.npy`` files in a folder and its subfolders, sorted by name. Their
        only class is :obj:`"unlabeled"`.

        Args:
            root (str or PathLike): The folder.
            skeleton (Skeleton or str): The layout, or its name.
            **kwargs (optional): Further arguments of :class:`ClipTable`.
        """
        place = Path(root)
        files = sorted(path.relative_to(place).as_posix() for path in place.rglob("*.npy"))
        if not files:
            raise FileNotFoundError(f"{place}: has no files *.npy")
        table = pd.DataFrame({"file": files, "label": "unlabeled"})
        return cls(table, skeleton, root=root, **kwargs)

    #: Another spelling of :meth:`from_unlabeled`.
    from_unlabelled = from_unlabeled

    @classmethod
    def open(cls, root: str | os.PathLike[str], split: str = "train", *, layout: str) -> ClipTable:
        """The clips of a split of a table, or of a folder with folders ``train`` and ``test``.

        Args:
            root (str or PathLike): The folder, see :meth:`from_folder`, or a CSV file.
            split (str, optional): :obj:`"train"` or :obj:`"test"`. (default: :obj:`"train"`)
            layout (str): The name or the YAML file of the layout.
        """
        read = cls.from_folder if Path(root).is_dir() else cls
        return read(root, load_layout(layout), split)

    def get(self, idx: int) -> SkeletonData:
        """Returns a clip before the transform."""
        data = super().get(idx)
        if self._mask:
            gone = data.x.isnan().any(-1)
            data.x = data.x.masked_fill(gone.unsqueeze(-1), 0.0)
            data.visible = ~gone
        return data


def _labels(column: pd.Series, classes: Sequence[str] | None) -> tuple[list[int], list[str]]:
    """The number of the class of each row, and the names of the classes."""
    if column.isna().any():
        raise ValueError(f"the table has no label in row {int(column.isna().to_numpy().argmax())}")
    if pd.api.types.is_integer_dtype(column):
        count = _MAX_CLASSES if classes is None else len(classes)
        bad = ~column.between(0, count - 1).to_numpy()
        if bad.any():
            row = int(bad.argmax())
            raise ValueError(
                f"the table has the label {column.iloc[row]} in row {row}, expected numbers from 0 "
                f"to {count - 1}"
            )
        if classes is None:
            classes = [str(number) for number in range(int(column.max()) + 1)]
        return [int(number) for number in column], list(classes)
    labels = [str(label) for label in column]
    known = sorted(set(labels)) if classes is None else list(classes)
    unknown = sorted(set(labels) - set(known))
    if unknown:
        raise ValueError(f"the table has the label {unknown[0]!r}, which is not in classes")
    return [known.index(label) for label in labels], known


def _positions(persons: Any, file: str) -> list[int] | int | None:
    """Returns the persons to use, or their number."""
    if persons is None or (isinstance(persons, float) and np.isnan(persons)):
        return None
    try:
        if isinstance(persons, str):
            positions = [int(person) for person in persons.replace(",", " ").split()]
            return positions[0] if len(positions) == 1 else positions
        return int(persons) if np.ndim(persons) == 0 else [int(person) for person in persons]
    except (TypeError, ValueError, OverflowError):
        raise ValueError(
            f"the table, {file}: persons must be positions, got {persons!r:.60}"
        ) from None


def _load(
    content: tuple[str, list[int] | int | None], read: Reader, axes: str, joints: int, missing: str
) -> NDArray[np.float32]:
    """A clip, ``[M, V, T, C]``."""
    path, persons = content
    array = np.asarray(read(path))
    order = axes if array.ndim == len(axes) else axes.replace("M", "")
    if array.ndim != len(order) or 0 in array.shape:
        raise ValueError(f"{path}: expected the dimensions {axes}, got {list(array.shape)}")
    array = array.transpose([order.index(axis) for axis in "MVTC" if axis in order])
    with np.errstate(over="ignore"):
        clip = np.ascontiguousarray(array if "M" in order else array[None], dtype=np.float32)
    if clip.shape[1] != joints:
        raise ValueError(
            f"{path}: expected {joints} joints in dimension {order.index('V')} ({order}), got "
            f"{clip.shape[1]}"
        )
    if persons is not None:
        chosen = list(range(persons)) if isinstance(persons, int) else persons
        if not chosen or not all(0 <= person < len(clip) for person in chosen):
            raise ValueError(f"{path}: has {len(clip)} persons, the table asks for {persons}")
        clip = clip[chosen]
    good = np.abs(clip) <= LARGEST
    bad = ~(good | np.isnan(clip)) if missing == "mask" else ~good
    if bad.any():
        place = tuple(np.argwhere(bad)[0].tolist())
        person, joint, frame, _ = place
        number = float(clip[place])
        kind = f"{number:.4g}, no coordinate" if np.isfinite(number) else "not a finite number"
        raise ValueError(f"{path}: person {person}, joint {joint}, frame {frame} is {kind}")
    clip = clip[np.nan_to_num(clip).any((1, 2, 3))]
    if not len(clip):
        raise ValueError(f"{path}: has no person, all joints are zero or missing")
    return clip
