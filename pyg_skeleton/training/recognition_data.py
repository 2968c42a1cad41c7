"""The clips of a data set for recognition, prepared as a recipe and a stream ask for."""

from typing import Any

from torch_geometric.data import Dataset
from torch_geometric.transforms import BaseTransform

from pyg_skeleton import datasets, transforms
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.training.recognition_run import RecognitionRun
from pyg_skeleton.transforms.chains import Chain
from pyg_skeleton.transforms.stream import StreamName


def own_clips(
    train: bool, stream: StreamName, num_frames: int, skeleton: Skeleton, channels: int = 3
) -> Chain:
    """The chain for clips of any layout: the root of the first frame to the origin, a rotation of
    up to 17 degrees about each axis (in training, in space), a fixed number of frames, the stream.

    Args:
        train (bool): Whether clips are turned.
        stream (str): See :class:`~pyg_skeleton.transforms.Stream`.
        num_frames (int): The number of frames.
        skeleton (Skeleton): The layout.
        channels (int, optional): The number of coordinates. (default: :obj:`3`)
    """
    steps: list[BaseTransform] = [transforms.Center(skeleton.root, "first", person=0)]
    if train and channels == 3:
        steps.append(transforms.RandomRotation(17))
    steps.append(transforms.TemporalResize(num_frames))
    return Chain([*steps, transforms.Stream(stream, skeleton)])


def chain_of(run: RecognitionRun, augment: bool, skeleton: Skeleton) -> Chain:
    """The preprocessing of a run.

    Args:
        run (RecognitionRun): With data set, stream and recipe.
        augment (bool): Whether clips are changed at random.
        skeleton (Skeleton): The layout.
    """
    frames = run.recipe.num_frames
    if run.dataset == "nw-ucla":
        return transforms.ctrgcn_nw_ucla(augment, run.stream, frames)
    return own_clips(augment, run.stream, frames, skeleton)


def load_clips(
    run: RecognitionRun, split: str, root: str | None, augment: bool | None = None
) -> Dataset:
    """The clips of a split.

    Args:
        run (RecognitionRun): With data set, stream and recipe.
        split (str): :obj:`"train"` or :obj:`"test"`.
        root (str, optional): Where the files are.
        augment (bool, optional): Whether clips are changed at random, and visited as often as the
            recipe says. (default: in training)

    Raises:
        ValueError: If something is missing or unknown.
    """
    if run.dataset != "synthetic" and root is None:
        raise ValueError(f"--dataset {run.dataset} needs --root, where its files are")
    augment = split == "train" if augment is None else augment
    repeat = run.recipe.repeat if augment else 1
    dataset: Dataset = _LOADERS[run.dataset](run, split, root, repeat)
    dataset.transform = chain_of(run, augment, dataset.skeleton)
    return dataset


def _nw_ucla(run: RecognitionRun, split: str, root: str, repeat: int) -> Dataset:
    return datasets.NWUCLA(root, split, None, repeat)


def _synthetic(run: RecognitionRun, split: str, root: None, repeat: int) -> Dataset:
    """The embedded people as clips in memory."""
    count = 100 if split == "train" else 20
    people = datasets.SyntheticMotion(split=split, num_future=0, clips_per_class=count, noise=0.02)
    return datasets.ClipDataset(
        [people.clip(i) for i in range(len(people))],
        [i % people.num_classes for i in range(len(people))],
        [f"{split} {i}" for i in range(len(people))],
        people.skeleton,
        people.classes,
        repeat=repeat,
    )


_LOADERS: dict[str, Any] = {
    "synthetic": _synthetic,
    "nw-ucla": _nw_ucla,
}
#: The data sets that the examples know.
RECOGNITION_DATASETS = tuple(_LOADERS)
