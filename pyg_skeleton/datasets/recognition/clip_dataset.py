"""The base of the data sets for action recognition."""

from __future__ import annotations

import copy
import os
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch_geometric.data import Dataset

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.data.sampler import mix
from pyg_skeleton.datasets.motion.exp_map_files import enumerate_names
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.plausible import check_coordinates, warn_if_disordered
from pyg_skeleton.transforms.chains import Chain, Pipeline, any_layout
from pyg_skeleton.transforms.stream import StreamName


class Selection(Sequence[Any]):
    """Some of the clips of a sequence."""

    def __init__(self, clips: Sequence[Any], rows: Sequence[int]) -> None:
        self.clips, self.rows = clips, rows

    @property
    def shapes(self) -> Any:
        """The numbers of persons and frames of each clip, if a store knows them."""
        return self.clips.shapes[self.rows]  # type: ignore[attr-defined]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, idx: Any) -> Any:
        return self.clips[self.rows[idx]]


class ClipDataset(Dataset):
    r"""The base of the data sets for action recognition.

    The random numbers of the transform can be made to depend on a seed, the epoch and the item
    alone, not on the number of workers or on the network:
    :class:`~pyg_skeleton.data.SkeletonLoader` with a :obj:`seed` calls :meth:`seed_items` for that.
    Otherwise transforms draw from PyTorch's global generator.

    Args:
        clips (sequence): The clips, a tensor or an array :math:`(M, V, T, C)` each; a
            :class:`~pyg_skeleton.io.ClipStore`, say. Arrays are copied on access.
        labels (sequence of int): The class of each clip; see :obj:`target` for others.
        names (sequence of str): The name of each clip, which identifies it in the scores of
            several networks.
        skeleton (Skeleton or str): The layout, or its name.
        classes (sequence of str): The names of the classes, in the order of their labels.
        transform (callable, optional): Called with each :class:`~pyg_skeleton.data.SkeletonData`
            on access. (default: :obj:`None`)
        repeat (int, optional): The number of items of each clip, with other random numbers each
            time: item :obj:`i` is clip :obj:`i % num_clips`. (default: :obj:`1`)
        target (str, optional): What labels are: :obj:`"class"`, the number of a class;
            :obj:`"classes"`, a row with 1 for each class of the clip and 0 for the others; or
            :obj:`"score"`, a number. (default: :obj:`"class"`)

    Shapes:
        - **x:** :math:`(M \cdot V, T, C)`
        - **y:** :math:`(1)`, a position in :attr:`classes`; :math:`(1, \text{classes})` for several
          classes, :math:`(1, 1)` for a score
        - **sample:** the number of the item, :math:`(1)`

    Raises:
        ValueError: If there is no clip, the numbers of clips, labels and names differ, or a
            coordinate is infinite or larger than a billion.
    """

    #: Opens the clips of a split as the command does, ``open(root, split, **options)``: with
    #: neither transform nor repetitions. A corpus that the command knows defines it.
    open: ClassVar[Callable[..., Any]]
    #: The name under which networks have presets and recipes for such clips, if any.
    family: str | None = None
    #: The names of the clips that were left out, since they have no person.
    missing: Sequence[str] = ()
    #: Whether joints are pixels of a picture, whose size the preparation needs.
    planar: bool = False
    #: Frames per second, the unit of the joints and the axis that points upwards, as far as the
    #: corpus says, see :class:`~pyg_skeleton.data.Clip`.
    frame_rate: float | None = None
    unit: str | None = None
    up: str | None = None
    #: The transform that :func:`~pyg_skeleton.datasets.prepare_clips` has applied, and the first
    #: clip before it.
    prepared: tuple[Any, Tensor] | None = None
    #: The tensors with a row for each clip.
    _per_clip: ClassVar[tuple[str, ...]] = ("labels",)

    def __init__(
        self,
        clips: Sequence[Tensor] | Sequence[NDArray[np.float32]],
        labels: Sequence[int] | NDArray[np.int64],
        names: Sequence[str],
        skeleton: Skeleton | str,
        classes: Sequence[str],
        transform: Callable[[SkeletonData], Any] | None = None,
        repeat: int = 1,
        target: str = "class",
    ) -> None:
        if not len(clips) == len(labels) == len(names) or not len(clips):
            raise ValueError(
                f"expected as many labels and names as clips, got {len(clips)} clips, "
                f"{len(labels)} labels and {len(names)} names"
            )
        if repeat < 1:
            raise ValueError(f"repeat must be at least 1, got {repeat}")
        self.skeleton = Skeleton.get(skeleton) if isinstance(skeleton, str) else skeleton
        self.classes = list(classes)
        self.names = list(names)
        self.repeat = repeat
        self.target = target
        #: The class of each clip, ``[num_clips]``; its classes or score, ``[num_clips, classes]``.
        self.labels: Tensor = self._check_labels(labels)
        self._clips = clips
        if isinstance(clips, list | tuple):  # stores hold what has been checked
            for number, name in enumerate(self.names):
                check_coordinates(self.clip(number), f"clip {name!r}", missing=True)
            self._check_order()
        self._blanks: dict[int, SkeletonData] = {}
        self._seed: int | None = None
        super().__init__(transform=transform)

    def _check_labels(self, labels: Any) -> Tensor:
        """The labels as a tensor."""
        if self.target == "class":
            values = torch.as_tensor(labels, dtype=torch.long)
            wrong = (values < 0) | (values >= len(self.classes))
            expected = f"one from 0 to {len(self.classes) - 1}"
        elif self.target == "classes":
            for name in self.classes:
                if ";" in name:
                    raise ValueError(f"the class {name!r:.60} contains ;, which separates classes")
            values = torch.as_tensor(labels, dtype=torch.float).view(-1, len(self.classes))
            wrong, expected = ((values != 0) & (values != 1)).any(dim=1), "0 or 1 for each class"
        elif self.target == "score":
            values = torch.as_tensor(labels, dtype=torch.float).view(-1, 1)
            wrong, expected = ~values.isfinite().all(dim=1), "a finite number"
        else:
            raise ValueError(f"target must be 'class', 'classes' or 'score', got {self.target!r}")
        if bool(wrong.any()):
            which = int(wrong.nonzero()[0, 0])
            raise ValueError(
                f"clip {self.names[which]!r} has the label {values[which].tolist()!s:.60}, "
                f"expected {expected}"
            )
        return values

    def check_one_class(self, what: str) -> None:
        """Refuses clips that have several classes or a score.

        Args:
            what (str): What needs one class of each clip, for the message.

        Raises:
            ValueError: If :attr:`target` is not :obj:`"class"`.
        """
        if self.target != "class":
            kind = "a score" if self.target == "score" else "several classes"
            raise ValueError(f"{what} needs one class of each clip, these clips have {kind}")

    def _leave_out(self, place: object, names: Sequence[str], total: int) -> None:
        """Keeps the names of clips without a person, and warns of them once."""
        self.missing = list(names)
        if names:
            warnings.warn(
                f"{place}: {len(names)} of {total} clips have no person and are left out: "
                f"{enumerate_names(names, most=8)}",
                stacklevel=3,
            )

    def _check_order(self) -> None:
        """Warns once if joints seem to be in another order than that of the layout."""
        any(warn_if_disordered(self.clip(i), self.skeleton) for i in range(min(4, self.num_clips)))

    @property
    def num_classes(self) -> int:
        """The number of classes, also of those without a clip."""
        return len(self.classes)

    @property
    def num_clips(self) -> int:
        """The number of clips, each counted once."""
        return len(self._clips)

    @property
    def num_persons(self) -> int:
        """The number of persons that a network has to take: the largest number in a clip, or what
        the preparation of the corpus leaves.
        """
        shapes = getattr(self._clips, "shapes", None)  # of a store, without reading it
        if shapes is not None:
            return int(shapes[:, 0].max())
        return max(int(clip.shape[0]) for clip in self._clips)

    def preparation(
        self,
        train: bool = False,
        stream: StreamName = "joint",
        num_frames: int = 64,
        pipeline: Pipeline = "ctrgcn",
    ) -> Chain:
        """The transforms that turn a clip of this corpus into the input of a network.

        Args:
            train (bool, optional): Whether clips are augmented at random. (default: :obj:`False`)
            stream (str, optional): See :class:`~pyg_skeleton.transforms.Stream`.
                (default: :obj:`"joint"`)
            num_frames (int, optional): The number of frames that the network sees.
                (default: :obj:`64`)
            pipeline (str, optional): Whose published preparation to follow, for corpora that have
                several: :obj:`"ctrgcn"`, :obj:`"infogcn"`, :obj:`"agcn"`, :obj:`"stgcn"` or
                :obj:`"pyskl"`. (default: :obj:`"ctrgcn"`)
        """
        channels, persons = self.clip(0).size(-1), self.num_persons
        return any_layout(self.skeleton, train, stream, num_frames, channels, persons)

    @classmethod
    def read_clips(
        cls,
        path: str | os.PathLike[str],
        skeleton: Skeleton | None = None,
        pipeline: Pipeline = "ctrgcn",
    ) -> dict[str, SkeletonData] | None:
        """Reads a file in a format of the corpus, with persons and axes as the data set has them.

        Args:
            path (str or PathLike): The file.
            skeleton (Skeleton, optional): The layout, where the file does not say and has as many
                joints. (default: that of the corpus)
            pipeline (str, optional): Whose rule selects the persons of a recording of NTU, see
                :meth:`preparation`. (default: :obj:`"ctrgcn"`)

        Returns:
            The clips by name, before the preparation; :obj:`None` for a file that the corpus has no
            rule for, which :func:`pyg_skeleton.read_all` reads.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If the file is damaged or has no person.
        """
        return None

    @property
    def statistics(self) -> tuple[Tensor, Tensor]:
        """Mean 0 and deviation 1, ``[V, C]``: the chains and the networks normalize themselves."""
        shape = (self.skeleton.num_joints, self.clip(0).size(-1))
        return torch.zeros(shape), torch.ones(shape)

    def len(self) -> int:
        """The number of items."""
        return self.num_clips * self.repeat

    def clip(self, number: int) -> Tensor:
        """The joints of a clip, ``[M, V, T, C]``."""
        clip = self._clips[number]
        return clip if isinstance(clip, Tensor) else torch.from_numpy(np.array(clip))

    def get(self, idx: int) -> SkeletonData:
        """Returns a clip before the transform."""
        which = idx % self.num_clips
        clip = self.clip(which)
        persons = clip.size(0)
        if persons not in self._blanks:
            blank = self.skeleton.to_data(clip.new_zeros(persons, *clip.shape[1:]), y=0)
            self._blanks[persons] = blank
        # Copying an item with the structure is much faster than building each one.
        data = copy.copy(self._blanks[persons])
        fields = data._store._mapping
        fields["x"] = clip.flatten(0, 1)
        fields["y"] = self.labels[which : which + 1]
        fields["sample"] = torch.tensor([idx])
        return data

    def index_select(self, idx: Any) -> ClipDataset:
        """Returns the data set of some of the items, also for slices, masks and :meth:`shuffle`."""
        if isinstance(idx, Tensor | np.ndarray):
            # With these, PyG would call this method again.
            ids = torch.as_tensor(idx).flatten()
            idx = (ids.nonzero().flatten() if ids.dtype == torch.bool else ids).tolist()
        out: ClipDataset = super().index_select(idx)
        rows = [item % self.num_clips for item in out.indices()]
        out._clips = Selection(self._clips, rows)
        for key in self._per_clip:
            value = getattr(self, key)
            setattr(out, key, None if value is None else value[rows])
        out.names = [self.names[row] for row in rows]
        out.repeat, out._indices = 1, None
        return out

    def seed_items(self, seed: int | None) -> None:
        """Makes the random numbers of each item depend on a seed and the item alone.

        Args:
            seed (int, optional): The seed of an epoch; :obj:`None` for the global generator.
        """
        self._seed = seed

    def __getitem__(self, idx: Any) -> Any:
        if self._seed is None or not isinstance(idx, int):
            return super().__getitem__(idx)
        return self.__getitems__([idx])[0]

    def __getitems__(self, ids: list[int]) -> list[Any]:
        """Returns many items at once, for loaders."""
        if self._seed is None or self.transform is None:
            return [super(ClipDataset, self).__getitem__(idx) for idx in ids]
        state = torch.get_rng_state()
        try:
            items = []
            for idx in ids:
                torch.default_generator.manual_seed(mix(self._seed, idx))
                items.append(super().__getitem__(idx))
            return items
        finally:
            torch.set_rng_state(state)

    def __repr__(self) -> str:
        kind = "scores" if self.target == "score" else f"classes={self.num_classes}"
        return (
            f"{self.__class__.__name__}({self.skeleton.name!r}, clips={self.num_clips}, "
            f"items={len(self)}, {kind})"
        )


def one_clip(
    path: str | os.PathLike[str], joints: NDArray[np.float32] | None, skeleton: str
) -> dict[str, SkeletonData]:
    r"""The only clip of a file, for :meth:`ClipDataset.read_clips`.

    Args:
        path (str or PathLike): The file.
        joints (numpy.ndarray, optional): The joints, :math:`(M, V, T, C)`; :obj:`None` without a
            person.
        skeleton (str): The layout.

    Raises:
        ValueError: If there is no person.
    """
    if joints is None:
        raise ValueError(f"{os.fspath(path)}: has no person in any frame")
    return {Path(path).stem: Skeleton.get(skeleton).to_data(torch.from_numpy(joints))}
