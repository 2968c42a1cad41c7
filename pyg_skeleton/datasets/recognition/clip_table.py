"""A user's own clips: a folder of NumPy arrays, or a table of files."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args
from urllib.parse import quote

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.motion.exp_map_files import enumerate_names
from pyg_skeleton.datasets.options import load_layout
from pyg_skeleton.datasets.recognition.clip_dataset import ClipDataset
from pyg_skeleton.io import ClipSource, read_npy, write_clip_store
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.plausible import LARGEST
from pyg_skeleton.transforms import PreNormalize2D, SelectPersons, any_layout, pyskl_2d
from pyg_skeleton.transforms.chains import Chain, Pipeline
from pyg_skeleton.transforms.select_persons import PersonOrder
from pyg_skeleton.transforms.stream import StreamName

#: What the labels of a table are.
Target = Literal["class", "classes", "score"]
Reader = Callable[[str], NDArray[Any]]
#: A larger number is no class.
_MAX_CLASSES = 1_000_000
#: Larger coordinates beside scores are pixels.
_PIXELS = 20.0


class ClipTable(ClipDataset):
    r"""Your own clips, of any layout, from a table with a row for each.

    .. code-block:: python

        ClipTable.from_folder("gestures", "coco17")  # gestures/wave/*.npy, gestures/clap/*.npy

        table = pd.DataFrame({"file": ["a.npy", "b.npy"], "label": ["wave", "clap"]})
        ClipTable(table, skeleton=my_skeleton)

    The table has the columns **file** and **label** (a name, or the number of a class; several are
    separated by ``;``), or **score** (a number to regress) instead of it. It may have **name** (of
    the clip; by default the file without its ending), **persons** (the number of persons to take,
    or a list of their positions in the file; by default all), **split**, and **width** and
    **height** of the picture in pixels. A CSV file is read as text: a class may be called None, a
    clip 0012. Persons who are zero or NaN throughout are left out.

    Joints in a picture are x, y and perhaps the score of a detector. With the size of the picture,
    or :obj:`planar=True` for shares of it, clips are prepared as in
    :func:`~pyg_skeleton.transforms.pyskl_2d`; three channels that look like pixels and a score are
    refused without it, lest the score is taken for depth.

    All files are read when the data set is created, into memory or into a memory-mapped store.

    Args:
        table (pandas.DataFrame, str or PathLike): The table, or a CSV file that holds it; files are
            then found from its folder.
        skeleton (Skeleton or str): The layout, or its name.
        split (str, optional): Takes the rows with this in the column **split**; all if
            :obj:`None`. (default: :obj:`None`)
        classes (sequence of str, optional): The classes in the order of their numbers. By default
            the labels of the whole table, of all splits, in natural order (2 before 10).
            (default: :obj:`None`)
        axes (str, optional): The order of the dimensions in the files: persons M, time T, joints V
            and channels C. A file with one dimension less has one person.
            (default: :obj:`"MTVC"`)
        missing (str, optional): :obj:`"error"` refuses NaN; :obj:`"mask"` takes a joint with any
            NaN as missing, and all items have the field `visible`; :obj:`"fill"` puts it on the
            line between the frames around it. (default: :obj:`"error"`)
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
        planar (bool, optional): Whether joints are in a picture. (default: if its size is known)
        image_size (tuple of int, optional): Width and height of the picture in pixels, where the
            table does not say. (default: :obj:`None`)
        num_persons (int, optional): The largest number of persons that a network sees.
            (default: all)
        persons (str, optional): Whom it sees of more, see
            :class:`~pyg_skeleton.transforms.SelectPersons`. (default: :obj:`"motion"`)
        target (str, optional): What is to be learned: :obj:`"class"`, one class of each clip, whose
            name may contain ``;``; :obj:`"classes"`, several; or :obj:`"score"`, the column
            **score**. (default: that column where there is no **label**, else several classes if
            any label has ``;``)

    Shapes:
        - **x:** :math:`(M \cdot V, T, C)`
        - **y:** :math:`(1)`, a position in :attr:`classes`; for several classes a row of 0 and 1,
          :math:`(1, \text{classes})`; for scores :math:`(1, 1)`
        - **sample:** the number of the item, :math:`(1)`
        - **visible:** :math:`(M \cdot V, T)`, with :obj:`missing="mask"`
        - **image_size:** width and height, :math:`(1, 2)`, where they are known

    Raises:
        FileNotFoundError: If a file is missing.
        ValueError: If the table lacks a column, two clips have one name, or a file has another
            shape, a value that is not finite, or no person; the message names the file.
    """

    _per_clip = ("labels", "_sizes")
    _sizes: Tensor | None = None
    _most: int | None = None
    _by: PersonOrder = "motion"

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
        planar: bool | None = None,
        image_size: tuple[int, int] | None = None,
        num_persons: int | None = None,
        persons: PersonOrder = "motion",
        target: Target | None = None,
    ) -> None:
        if sorted(axes) not in (sorted("MTVC"), sorted("TVC")):
            raise ValueError(f"axes must name M, T, V and C once each, got {axes!r}")
        if missing not in ("error", "mask", "fill"):
            raise ValueError(f"missing must be 'error', 'mask' or 'fill', got {missing!r}")
        if target not in (None, *get_args(Target)):
            raise ValueError(f"target must be 'class', 'classes' or 'score', got {target!r}")
        where = ""
        if not isinstance(table, pd.DataFrame):
            root = Path(table).parent if root == "." else root
            where, table = f"{os.fspath(table)}: ", _read_csv(table)
        body = Skeleton.get(skeleton) if isinstance(skeleton, str) else skeleton
        self._mask = missing == "mask"
        try:
            labels = _read_labels(table, classes, target)
            sources, rows = _read_rows(table, split, root, labels)
            self._sizes = _sizes(table, rows, image_size)
        except ValueError as error:
            raise ValueError(f"{where}{error}") from error
        load = partial(_load, read=read, axes=axes, joints=body.num_joints, missing=missing)
        clips: Sequence[Any]
        if store is None:
            clips = [load(source.content) for source in sources]
        else:
            if split is not None:
                store = Path(store, f"split={quote(split, safe='')}")
            info = {"axes": axes, "missing": missing, "files": [s.content for s in sources]}
            clips = write_clip_store(store, sources, load, info, num_workers, progress)
        super().__init__(
            clips,
            labels.values[rows],
            [source.name for source in sources],
            body,
            labels.classes,
            transform,
            repeat,
            labels.target,
        )
        if store is not None:
            self._check_order()
        self._most, self._by = num_persons, persons
        self._set_planar(planar)

    def _set_planar(self, planar: bool | None) -> None:
        """Finds out whether joints are in a picture, and checks its size."""
        some = [self.clip(number) for number in range(min(64, self.num_clips))]
        known = self._sizes is not None
        self.planar = known if planar is None else planar
        if self.planar and known:
            self.unit, self.up = "px", "-y"
        elif _largest(some) > _PIXELS if planar else planar is None and seem_scored(some):
            raise ValueError(
                f"joints seem to be in pixels, up to {_largest(some):.0f}, and a score: expected "
                f"image_size=(width, height) or the columns width and height; planar=False takes "
                f"the score for depth"
            )

    @property
    def num_persons(self) -> int:
        """The number of persons that a network sees."""
        largest = super().num_persons
        return largest if self._most is None else min(self._most, largest)

    def preparation(
        self,
        train: bool = False,
        stream: StreamName = "joint",
        num_frames: int = 64,
        pipeline: Pipeline = "ctrgcn",
    ) -> Chain:
        """The chain :func:`~pyg_skeleton.transforms.any_layout`, or that of pyskl for pictures."""
        persons = SelectPersons(self.num_persons, by=self._by)
        if not self.planar:
            channels = self.clip(0).size(-1)
            steps = any_layout(self.skeleton, train, stream, num_frames, channels).transforms
        else:
            steps = pyskl_2d(train, stream, num_frames, skeleton=self.skeleton).transforms[1:]
            if self._sizes is None:
                steps = [step for step in steps if not isinstance(step, PreNormalize2D)]
        return Chain([persons, *steps])

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
        files: list[Path] = []
        others: list[Path] = []
        for file in _find_files(place):
            (files if len(file.parts) == len(levels) + 1 else others).append(file)
        shape = "/".join([*(f"<{level}>" for level in levels), "*.npy"])
        if not files:
            hint = f", only {others[0].as_posix()} and the like" if others else ""
            raise FileNotFoundError(f"{place}: has no files {shape}{hint}")
        if others:
            left_out = enumerate_names([file.as_posix() for file in others], most=8)
            warnings.warn(
                f"{place}: {len(others)} of {len(files) + len(others)} clips are not {shape} and "
                f"are left out: {left_out}",
                stacklevel=2,
            )
        parts = [file.parts for file in files]
        columns: dict[str, Any] = {
            level: [part[i] for part in parts] for i, level in enumerate(levels)
        }
        classes = kwargs.pop("classes", None) or sorted(set(columns["label"]), key=_natural)
        columns["label"] = _numbers(columns["label"], classes)
        names = [file.with_suffix("").as_posix() for file in files]
        table = pd.DataFrame({"file": ["/".join(part) for part in parts], "name": names, **columns})
        return cls(table, skeleton, split, classes, root=root, **kwargs)

    @classmethod
    def from_unlabeled(
        cls, root: str | os.PathLike[str], skeleton: Skeleton | str, **kwargs: Any
    ) -> ClipTable:
        """Unlabeled clips: all ``.npy`` files in a folder and its subfolders, in natural order.
        Their only class is :obj:`"unlabeled"`.

        Args:
            root (str or PathLike): The folder.
            skeleton (Skeleton or str): The layout, or its name.
            **kwargs (optional): Further arguments of :class:`ClipTable`.
        """
        place = Path(root)
        files = [file.as_posix() for file in _find_files(place)]
        if not files:
            raise FileNotFoundError(f"{place}: has no files *.npy")
        table = pd.DataFrame({"file": files, "label": "unlabeled"})
        return cls(table, skeleton, root=root, **kwargs)

    #: Another spelling of :meth:`from_unlabeled`.
    from_unlabelled = from_unlabeled

    @classmethod
    def open(
        cls,
        root: str | os.PathLike[str],
        split: str = "train",
        *,
        layout: str,
        fold: str | None = None,
        missing: Literal["error", "mask", "fill"] = "error",
        planar: bool | None = None,
        image_size: tuple[int, int] | None = None,
        num_persons: int | None = None,
        persons: PersonOrder = "motion",
        target: Target | None = None,
    ) -> ClipTable:
        """The clips of a split of a table, or of a folder with folders ``train`` and ``test``.

        Args:
            root (str or PathLike): The folder, see :meth:`from_folder`, or a CSV file.
            split (str, optional): :obj:`"train"` or :obj:`"test"`. (default: :obj:`"train"`)
            layout (str): The name or the YAML file of the layout.
            fold (str, optional): The test clips are those with this in the column **split**, the
                training clips all others. (default: :obj:`None`)
            missing (str, optional): What to do with NaN: refuse it, mask the joint, or fill it from
                the frames around it. (default: :obj:`"error"`)
            planar (bool, optional): Whether joints are in a picture.
                (default: if its size is known)
            image_size (tuple of int, optional): Width and height of the picture in pixels.
                (default: :obj:`None`)
            num_persons (int, optional): The largest number of persons that a network sees.
                (default: all)
            persons (str, optional): Whom it sees of more: the first, those who move most, those in
                the middle, or those who are there longest. (default: :obj:`"motion"`)
            target (str, optional): What is to be learned: one class of each clip, several, or the
                column **score**. (default: what the table has)
        """
        options: dict[str, Any] = {
            "missing": missing,
            "planar": planar,
            "image_size": image_size,
            "num_persons": num_persons,
            "persons": persons,
            "target": target,
        }
        body = load_layout(layout)
        if Path(root).is_dir():
            if fold is not None:
                raise ValueError(f"{root}: folds are named in a CSV file, got a folder")
            return cls.from_folder(root, body, split, **options)
        if fold is None:
            return cls(root, body, split, **options)
        table = _read_csv(root)
        if "split" not in table or fold not in set(table["split"]):
            raise ValueError(f"{root}: has no clip of the fold {fold!r} in a column split")
        table["split"] = np.where(table["split"] == fold, "test", "train")
        return cls(table, body, split, root=Path(root).parent, **options)

    def get(self, idx: int) -> SkeletonData:
        """Returns a clip before the transform."""
        data = super().get(idx)
        if self._mask:
            gone = data.x.isnan().any(-1)
            data.x = data.x.masked_fill(gone.unsqueeze(-1), 0.0)
            data.visible = ~gone
        if self._sizes is not None:
            which = idx % self.num_clips
            data.image_size = self._sizes[which : which + 1]
        return data


def _natural(name: str) -> list[tuple[int, int, str]]:
    """The key that sorts names by the numbers in them: 2 before 10."""
    parts = re.split(r"(\d+)", name)
    return [(0, int(p), p) if p.isdecimal() and len(p) < 1000 else (1, 0, p) for p in parts]


def _find_files(place: Path) -> Iterator[Path]:
    """The ``.npy`` files below a folder, also behind links, but for hidden ones."""
    found, seen = [], set()
    for folder, folders, files in os.walk(place, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:  # a link to a folder above it
            folders.clear()
            continue
        seen.add(real)
        folders[:] = [name for name in folders if not name.startswith(".")]
        names = [n for n in files if n.lower().endswith(".npy") and not n.startswith(".")]
        found += [Path(folder, name).relative_to(place) for name in names]
    return iter(sorted(found, key=lambda file: [_natural(part) for part in file.parts]))


def _read_csv(path: str | os.PathLike[str]) -> pd.DataFrame:
    """A table of text."""
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False)
    except (ValueError, OverflowError) as error:  # of pandas' parser, or of its decoder
        reason = str(error).split("\n")[0]
        raise ValueError(f"{os.fspath(path)}: is no CSV file: {reason}") from error


class _Labels(NamedTuple):
    """The labels of a whole table."""

    target: Target
    #: The class, the classes or the score of each row, ``[rows]`` or ``[rows, classes]``.
    values: NDArray[Any]
    classes: list[str]


def _read_rows(
    table: pd.DataFrame, split: str | None, root: str | os.PathLike[str], labels: _Labels
) -> tuple[list[ClipSource], list[int]]:
    """The clips of a split, and their rows."""
    for column in ("file", *([] if split is None else ["split"])):
        _check_column(table, column)
    rows = [
        row
        for row in range(len(table))
        if split is None or str(table["split"].iloc[row]) == str(split)
    ]
    if not rows:
        raise ValueError(f"the table has no clip of the split {split!r}")
    sources: list[ClipSource] = []
    first: dict[str, int] = {}
    for row in rows:
        file = str(table["file"].iloc[row])
        name = str(table["name"].iloc[row]) if "name" in table else os.path.splitext(file)[0]
        if first.setdefault(name, row) != row:
            raise ValueError(
                f"the table has two clips of the name {name!r:.60}, in rows {first[name]} and "
                f"{row}; the column name tells them apart"
            )
        wanted = table["persons"].iloc[row] if "persons" in table else None
        content = (str(Path(root, file)), _positions(wanted, f"row {row}, {file}"))
        label = int(labels.values[row]) if labels.target == "class" else 0
        sources.append(ClipSource(name, label, content))
    return sources, rows


def _check_column(table: pd.DataFrame, column: str) -> None:
    if column not in table:
        raise ValueError(f"the table has no column {column!r}, only {list(table.columns)}")


def _read_labels(
    table: pd.DataFrame, classes: Sequence[str] | None, target: Target | None
) -> _Labels:
    """The labels of all rows."""
    if target is None and "score" in table and "label" not in table:
        target = "score"
    name = "score" if target == "score" else "label"
    _check_column(table, "file")
    _check_column(table, name)
    column = table[name]
    empty = (column.isna() | (column == "")).to_numpy()
    if empty.any():
        raise ValueError(f"the table has no {name} in row {int(empty.argmax())}")
    cells = [str(value) for value in column]
    if target == "score":
        return _Labels("score", _scores(cells), ["score"])
    if target == "class" or (target is None and not any(";" in cell for cell in cells)):
        numbers, known = _labels(cells, range(len(cells)), classes)
        return _Labels("class", np.array(numbers), known)
    parts = [[part.strip() for part in cell.split(";")] for cell in cells]
    for row, part in enumerate(parts):
        if "" in part:
            raise ValueError(
                f"the table has the label {cells[row]!r:.60} in row {row}, expected classes "
                f"between all ;"
            )
    rows = [row for row, part in enumerate(parts) for _ in part]
    numbers, known = _labels([label for part in parts for label in part], rows, classes)
    values = np.zeros((len(cells), len(known)), np.float32)
    values[rows, numbers] = 1
    return _Labels("classes", values, known)


def _scores(cells: Sequence[str]) -> NDArray[np.float32]:
    """The numbers to regress."""
    values = pd.to_numeric(pd.Series(cells), errors="coerce").to_numpy(np.float64)
    bad = ~(np.abs(values) <= LARGEST)
    if bad.any():
        row = int(bad.argmax())
        raise ValueError(
            f"the table has the score {cells[row]!r:.60} in row {row}, expected a number"
        )
    return values.astype(np.float32)


def _labels(
    labels: Sequence[str], rows: Sequence[int], classes: Sequence[str] | None
) -> tuple[list[int], list[str]]:
    """The numbers of classes in some rows, and the names of all classes."""
    if len(labels) and all(re.fullmatch(r"0|-?[1-9]\d*", label) for label in labels):
        count = _MAX_CLASSES if classes is None else len(classes)
        numbers = [int(label) if len(label) < 20 else 10**20 for label in labels]
        for row, label, number in zip(rows, labels, numbers, strict=True):
            if not 0 <= number < count:
                raise ValueError(
                    f"the table has the label {label:.40} in row {row}, expected numbers "
                    f"from 0 to {count - 1}"
                )
        if classes is None:
            classes = [str(number) for number in range(max(numbers) + 1)]
        return numbers, list(classes)
    known = sorted(set(labels), key=_natural) if classes is None else list(classes)
    return _numbers(labels, known), known


def _numbers(labels: Sequence[str], classes: Sequence[str]) -> list[int]:
    """The numbers of classes that are given by name."""
    unknown = sorted(set(labels) - set(classes))
    if unknown:
        raise ValueError(f"the table has the label {unknown[0]!r}, which is not in classes")
    return [list(classes).index(label) for label in labels]


def _sizes(
    table: pd.DataFrame, rows: Sequence[int], image_size: tuple[int, int] | None
) -> Tensor | None:
    """Width and height of the picture of each clip ``[N, 2]``."""
    if "width" in table and "height" in table:
        values = table[["width", "height"]].iloc[list(rows)]
        sizes = values.apply(pd.to_numeric, errors="coerce").to_numpy(np.float64)
        bad = ~((sizes >= 1) & (sizes < 1_000_000)).all(axis=1)
        if bad.any():
            row = int(bad.argmax())
            raise ValueError(
                f"the table has the width {values.iloc[row, 0]!s} and height "
                f"{values.iloc[row, 1]!s} in row {rows[row]}, expected pixels"
            )
        return torch.tensor(sizes).round().long()
    if image_size is None:
        return None
    if len(image_size) != 2 or min(image_size) < 1:
        raise ValueError(f"expected image_size=(width, height) in pixels, got {image_size}")
    return torch.tensor([list(image_size)]).repeat(len(rows), 1)


def seem_scored(clips: Sequence[Tensor]) -> bool:
    """Whether three channels are x and y in pixels and a score from 0 to 1.

    Args:
        clips (sequence of torch.Tensor): Some clips of a data set.
    """
    if any(clip.size(-1) != 3 for clip in clips):
        return False
    third = torch.cat([clip[..., 2].flatten() for clip in clips]).nan_to_num()
    score = bool(((third >= 0) & (third <= 1)).all()) and bool(third.any())
    return score and _largest(clips) > _PIXELS


def _largest(clips: Sequence[Tensor]) -> float:
    """The largest x or y."""
    return max(float(clip[..., :2].nan_to_num().abs().max()) for clip in clips)


def _positions(persons: Any, file: str) -> list[int] | int | None:
    """Returns the persons to use, or their number."""
    if persons is None or persons == "" or (isinstance(persons, float) and np.isnan(persons)):
        return None
    try:
        if isinstance(persons, str):
            positions = [_whole(person) for person in persons.replace(",", " ").split()]
            return positions[0] if len(positions) == 1 else positions
        return int(persons) if np.ndim(persons) == 0 else [int(person) for person in persons]
    except (TypeError, ValueError, OverflowError):
        raise ValueError(
            f"the table, {file}: persons must be positions, got {persons!r:.60}"
        ) from None


def _whole(text: str) -> int:
    """A whole number, also as other programs write it where a column has gaps: 2.0."""
    number = float(text)
    if number != int(number):
        raise ValueError(f"expected a whole number, got {text}")
    return int(number)


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
    bad: NDArray[np.bool_] = ~good if missing == "error" else ~(good | np.isnan(clip))
    if bad.any():
        place = tuple(np.argwhere(bad)[0].tolist())
        person, joint, frame, _ = place
        number = float(clip[place])
        kind = f"{number:.4g}, no coordinate" if np.isfinite(number) else "not a finite number"
        raise ValueError(f"{path}: person {person}, joint {joint}, frame {frame} is {kind}")
    clip = clip[np.nan_to_num(clip).any((1, 2, 3))]
    if not len(clip):
        raise ValueError(f"{path}: has no person, all joints are zero or missing")
    if missing == "fill":
        _fill(clip, path)
    return clip


def _fill(clip: NDArray[np.float32], path: str) -> None:
    """Puts joints ``[M, V, T, C]`` that are NaN on the line between the frames around them."""
    gone = np.asarray(np.isnan(clip).any(axis=-1))
    frames = np.arange(clip.shape[2])
    for person, joint in np.argwhere(gone.any(-1)).tolist():
        lost: NDArray[np.bool_] = gone[person, joint]
        if lost.all():
            raise ValueError(
                f"{path}: person {person}, joint {joint} is missing in all frames and cannot be "
                f"filled; missing='mask' marks it"
            )
        for track in clip[person, joint].T:
            track[lost] = np.interp(frames[lost], frames[~lost], track[~lost])
