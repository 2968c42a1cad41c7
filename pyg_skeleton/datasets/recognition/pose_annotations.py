"""Annotations in the form of pyskl and mmaction2."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.options import load_layout
from pyg_skeleton.datasets.recognition.clip_dataset import ClipDataset, Selection
from pyg_skeleton.datasets.recognition.clip_table import seem_scored
from pyg_skeleton.io import (
    ClipSource,
    ClipStore,
    PoseClip,
    read_pose_annotations,
    write_clip_store,
)
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms.chains import Chain, Pipeline, ntu_chain, pyskl_2d
from pyg_skeleton.transforms.stream import StreamName

#: The layouts of Kinects, whose joints are in space.
_IN_SPACE = ("ntu25", "kinect20")
#: The layouts of the pickles that pyskl publishes, by joints and coordinates.
_LAYOUTS = {(25, 3): "ntu25", (20, 3): "kinect20", (17, 2): "coco17", (18, 2): "openpose18"}


class PoseAnnotations(ClipDataset):
    r"""A pickle of `pyskl <https://github.com/kennymckormick/pyskl>`_ or mmaction2: NTU RGB+D,
    FineGYM, Diving48, UCF101, HMDB51 and other corpora in that form.

    The pickle is read once, by a reader that executes nothing in it, into a memory-mapped store.
    Persons whose joints are all zero are left out. A pickle that holds names of files instead of
    keypoints, as that of Kinetics does, is refused.

    Args:
        path (str or PathLike): The pickle.
        split (str, optional): The name of a split in it: :obj:`"xsub_train"`, :obj:`"xsub_val"` and
            the like. All clips if :obj:`None`. (default: :obj:`None`)
        skeleton (str or Skeleton, optional): The layout. By default that of pyskl's pickles with
            as many joints and coordinates. (default: :obj:`None`)
        classes (sequence of str, optional): The names of the classes, in the order of their labels.
            By default their numbers. (default: :obj:`None`)
        transform (callable, optional): Called with each :class:`~pyg_skeleton.data.SkeletonData`
            on access, :func:`~pyg_skeleton.transforms.pyskl_ntu` or
            :func:`~pyg_skeleton.transforms.pyskl_2d` for instance. (default: :obj:`None`)
        repeat (int, optional): The number of items of each clip. (default: :obj:`1`)
        store (str or PathLike, optional): The folder of the store. By default one beside the
            pickle. (default: :obj:`None`)
        progress (bool, optional): Whether to show a progress bar. (default: :obj:`True`)

    Shapes:
        - **x:** :math:`(M \cdot V, T, 3)`: the coordinates; in two dimensions pixels, and how sure
          the detector is
        - **y:** :math:`(1)`, a position in :attr:`classes`
        - **sample:** the number of the item, :math:`(1)`
        - **image_size:** width and height in pixels, :math:`(1, 2)`, in two dimensions, where the
          pickle says so of all clips

    Raises:
        FileNotFoundError: If there is neither the pickle nor the store.
        ValueError: If the pickle is damaged, would run code, or lacks the split; the message names
            file and clip.
    """

    num_persons: ClassVar[int] = 2
    _per_clip = ("labels", "_sizes")

    def __init__(
        self,
        path: str | os.PathLike[str],
        split: str | None = None,
        skeleton: str | Skeleton | None = None,
        classes: Sequence[str] | None = None,
        transform: Callable[[SkeletonData], Any] | None = None,
        repeat: int = 1,
        store: str | os.PathLike[str] | None = None,
        progress: bool = True,
    ) -> None:
        place = Path(path).with_suffix(".clips") if store is None else Path(store)
        clips = _open_store(Path(path), place, progress)
        self.split = split
        #: The names of the splits in the pickle.
        self.splits: list[str] = list(clips.info["splits"])
        #: 2 for joints in pictures, 3 for joints in space.
        self.coordinates: int = clips.info["coordinates"]
        self.planar = self.coordinates == 2
        rows = list(range(len(clips)))
        if split is not None:
            if split not in clips.info["splits"]:
                known = ", ".join(clips.info["splits"]) or "none"
                raise ValueError(f"{path}: has no split {split!r}, only {known}")
            wanted = set(clips.info["splits"][split])
            rows = [row for row, name in enumerate(clips.names) if name in wanted]
        else:
            wanted = {*clips.names, *clips.info["missing"]}
        self._leave_out(path, sorted(wanted - set(clips.names)), len(wanted))
        labels = clips.labels[rows]
        if classes is None:
            classes = [str(number) for number in range(int(clips.labels.max()) + 1)]
        if skeleton is None:
            key = (clips.num_joints, clips.info["coordinates"])
            if key not in _LAYOUTS:
                raise ValueError(f"{path}: skeleton must be given for {key[0]} joints in {key[1]}D")
            skeleton = _LAYOUTS[key]
        sizes = clips.info["image_sizes"]
        self._sizes = None if sizes is None else torch.tensor(sizes)[rows]
        names = [clips.names[row] for row in rows]
        super().__init__(
            Selection(clips, rows), labels, names, skeleton, classes, transform, repeat
        )
        if self.planar:
            self.unit, self.up = "px", "-y"
        elif self.skeleton.name == "ntu25":
            self.family = {60: "ntu60", 120: "ntu120"}.get(self.num_classes)
            self.frame_rate, self.unit, self.up = 30.0, "m", "y"

    @classmethod
    def open(
        cls,
        root: str | os.PathLike[str],
        split: str = "train",
        *,
        benchmark: str | None = None,
        layout: str | None = None,
    ) -> PoseAnnotations:
        """The clips of a split without a transform.

        Args:
            root (str or PathLike): The pickle.
            split (str, optional): :obj:`"train"` or :obj:`"test"`. (default: :obj:`"train"`)
            benchmark (str, optional): The rest of the names of the splits besides train and test
                or val: :obj:`"xsub"` for ``xsub_train`` and ``xsub_val``, :obj:`"1"` for ``train1``
                and ``test1``. (default: :obj:`None`)
            layout (str, optional): The name or the YAML file of the layout, where it does not
                follow from the number of joints. (default: :obj:`None`)

        Raises:
            ValueError: If the pickle has no such split, or the layout is not one of its clips.
        """
        skeleton = None if layout is None else load_layout(layout)
        clips = cls(root, skeleton=skeleton)
        part = benchmark or ""
        names = [
            name
            for word in (["train"] if split == "train" else ["val", "test"])
            for name in (f"{part}_{word}", f"{word}{part}")
            if name in clips.splits
        ]
        if not names:
            raise ValueError(
                f"{root}: has no {split} split of the benchmark {part!r}, expected the name of "
                f"one of the splits {', '.join(clips.splits) or '(none)'} without train, val or "
                f"test"
            )
        name = clips.skeleton.name
        if clips.planar and name in _IN_SPACE:
            raise ValueError(
                f"{root}: has clips in 2 dimensions of the layout {name!r}, whose joints are in "
                f"space"
            )
        if not clips.planar and seem_scored([clips.clip(i) for i in range(min(64, len(clips)))]):
            raise ValueError(
                f"{root}: keypoint seems to hold x and y in pixels and a score; the score belongs "
                f"into keypoint_score"
            )
        return cls(root, names[0], skeleton)

    def preparation(
        self,
        train: bool = False,
        stream: StreamName = "joint",
        num_frames: int = 64,
        pipeline: Pipeline = "ctrgcn",
    ) -> Chain:
        """The chain of pyskl for joints in pictures, that of the pipeline for NTU's joints."""
        if self.planar:
            return pyskl_2d(train, stream, num_frames, skeleton=self.skeleton)
        if self.skeleton.name == "ntu25":
            return ntu_chain(train, stream, num_frames, pipeline)
        return super().preparation(train, stream, num_frames, pipeline)

    @classmethod
    def read_clips(
        cls,
        path: str | os.PathLike[str],
        skeleton: Skeleton | None = None,
        pipeline: Pipeline = "ctrgcn",
    ) -> dict[str, SkeletonData] | None:
        """Reads the clips of a pickle, see :meth:`ClipDataset.read_clips`."""
        if Path(path).suffix not in (".pkl", ".pickle"):
            return None
        clips: dict[str, SkeletonData] = {}
        for clip in read_pose_annotations(Path(path)).clips:
            joints, key = _persons(clip), clip.keypoints.shape[2:]
            if joints is None:
                raise ValueError(f"{os.fspath(path)}: no person in clip {clip.name!r}")
            layout = skeleton
            if layout is None or layout.num_joints != key[0]:
                if key not in _LAYOUTS:
                    raise ValueError(f"{os.fspath(path)}: has {key[0]} joints in {key[1]}D")
                layout = Skeleton.get(_LAYOUTS[key])
            data = layout.to_data(torch.from_numpy(joints))
            if clip.image_size is not None:
                data.image_size = torch.tensor([clip.image_size])
            clips[clip.name] = data
        return clips

    def get(self, idx: int) -> SkeletonData:
        """Returns a clip before the transform."""
        data = super().get(idx)
        if self._sizes is not None:
            which = idx % self.num_clips
            data.image_size = self._sizes[which : which + 1]
        return data


def _open_store(path: Path, place: Path, progress: bool) -> ClipStore:
    if not path.exists():
        if place.is_dir():
            return ClipStore(place)
        raise FileNotFoundError(f"{path}: no such file, and no store at {place}")
    status = path.stat()
    signature = [path.name, status.st_size, status.st_mtime_ns]
    if place.is_dir():
        store = ClipStore(place)
        if store.info.get("file") == signature:
            return store
    content = read_pose_annotations(path)
    clips = [clip for clip in content.clips if clip.keypoints.any()]
    coordinates = {clip.keypoints.shape[3] for clip in clips}
    if len(coordinates) != 1:
        raise ValueError(f"{path}: expected clips in 2 or in 3 dimensions, got {coordinates}")
    sizes = None
    if coordinates == {2} and all(clip.image_size for clip in clips):
        sizes = [clip.image_size for clip in clips]
    info = {
        "file": signature,
        "splits": content.splits,
        "coordinates": coordinates.pop(),
        "image_sizes": sizes,
    }
    sources = [ClipSource(clip.name, clip.label, clip) for clip in content.clips]
    return write_clip_store(place, sources, _persons, info, num_workers=0, progress=progress)


def _persons(clip: PoseClip) -> NDArray[np.float32] | None:
    """The persons who are there, ``[M, V, T, 3]``; joints in pictures get their scores."""
    there = clip.keypoints.any((1, 2, 3))
    if not there.any():
        return None
    joints = clip.keypoints[there]
    if joints.shape[3] == 2:
        scores = np.ones(joints.shape[:3], "f4") if clip.scores is None else clip.scores[there]
        joints = np.concatenate([joints, scores[..., None]], axis=-1)
    return joints.swapaxes(1, 2).astype(np.float32)
