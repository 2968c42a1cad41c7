"""The clips of a data set for recognition, prepared as a recipe and a stream ask for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch_geometric.data import Dataset
from torch_geometric.transforms import BaseTransform

from pyg_skeleton import datasets, transforms
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.training.recognition.run import RecognitionRun
from pyg_skeleton.transforms.chains import Chain

#: The layouts in space that annotations of poses may have; all others are in pictures.
_IN_SPACE = ("ntu25", "kinect20")
#: The data sets that an option is for.
_OPTIONS = {
    "benchmark": ("ntu60", "ntu120", "pose-annotations"),
    "layout": ("clips", "pose-annotations"),
    "ignore": ("ntu60", "ntu120"),
}


def load_clips(
    run: RecognitionRun, split: str, root: str | None, augment: bool | None = None
) -> Dataset:
    """The clips of a split.

    Args:
        run (RecognitionRun): With data set, benchmark, layout, stream and recipe.
        split (str): :obj:`"train"` or :obj:`"test"`.
        root (str, optional): Where the files are.
        augment (bool, optional): Whether clips are changed at random, and visited as often as the
            recipe says. (default: in training)

    Raises:
        FileNotFoundError: If there is nothing at :obj:`root`.
        ValueError: If something is missing or unknown.
    """
    if run.dataset != "synthetic" and root is None:
        raise ValueError(f"--dataset {run.dataset} needs --root, where its files are")
    for option, takers in _OPTIONS.items():
        if getattr(run, option) is not None and run.dataset not in takers:
            raise ValueError(f"--{option} is for {', '.join(takers)}, not for {run.dataset}")
    augment = split == "train" if augment is None else augment
    clips: Dataset = _LOADERS[run.dataset](run, split, root)
    clips.repeat = run.recipe.repeat if augment else 1
    clips.transform = chain_of(run, augment, clips.skeleton, clips.clip(0).size(-1))
    return clips


def chain_of(run: RecognitionRun, augment: bool, skeleton: Skeleton, channels: int = 3) -> Chain:
    """The preprocessing of a run.

    Args:
        run (RecognitionRun): With data set, stream and recipe.
        augment (bool): Whether clips are changed at random.
        skeleton (Skeleton): The layout.
        channels (int, optional): The number of channels of a joint. (default: :obj:`3`)
    """
    frames, stream = run.recipe.num_frames, run.stream
    last = [] if stream == "joint" else [transforms.Stream(stream, skeleton)]
    if run.dataset == "nw-ucla":
        return transforms.ctrgcn_nw_ucla(augment, stream, frames)
    if run.dataset == "kinetics":
        whole = frames if augment else max(frames, 300)
        return Chain([*transforms.stgcn_kinetics(augment, whole).transforms, *last])
    if is_planar(run, skeleton):
        return transforms.pyskl_2d(augment, stream, frames, skeleton=skeleton)
    if run.dataset not in ("ntu60", "ntu120", "pose-annotations") or skeleton.name != "ntu25":
        return Chain([*_any_layout(augment, frames, skeleton, channels), *last])
    alone_twice = run.dataset == "ntu120"
    chains: dict[str, Callable[[], Chain]] = {
        "ctrgcn": lambda: transforms.ctrgcn_ntu(augment, stream, frames, alone_twice),
        "infogcn": lambda: transforms.infogcn_ntu(augment, stream, frames),
        "agcn": lambda: transforms.agcn_ntu(stream, frames),
        "stgcn": lambda: Chain([*transforms.stgcn_ntu(frames).transforms, *last]),
        "pyskl": lambda: transforms.pyskl_ntu(augment, stream, frames),
    }
    return chains[run.recipe.pipeline]()


def is_planar(run: RecognitionRun, skeleton: Skeleton) -> bool:
    """Whether the joints of annotations are pixels, which need the size of their picture."""
    return run.dataset == "pose-annotations" and skeleton.name not in _IN_SPACE


def persons_of(run: RecognitionRun) -> Any:
    """Whose rules say who is a person in a recording of NTU; InfoGCN has those of CTR-GCN."""
    pipeline = run.recipe.pipeline
    return "ctrgcn" if pipeline == "infogcn" else pipeline


def _any_layout(
    augment: bool, num_frames: int, skeleton: Skeleton, channels: int
) -> list[BaseTransform]:
    """CTR-GCN's chain for NTU, for any layout: the root to the origin, a part at a fixed length, in
    space a small turn.
    """
    part = transforms.CropResize(num_frames, (0.5, 1.0) if augment else 0.95)
    turn = [transforms.RandomRotation(17)] if augment and channels == 3 else []
    return [transforms.FirstSeenOrigin(skeleton.root), part, *turn]


def _synthetic(run: RecognitionRun, split: str, root: None) -> Dataset:
    """The embedded people as clips in memory."""
    count = 100 if split == "train" else 20
    people = datasets.SyntheticMotion(split=split, num_future=0, clips_per_class=count, noise=0.02)
    ids = range(len(people))
    return datasets.ClipDataset(
        [people.clip(i) for i in ids],
        [i % people.num_classes for i in ids],
        [f"{split} {i}" for i in ids],
        people.skeleton,
        people.classes,
    )


def _nw_ucla(run: RecognitionRun, split: str, root: str) -> Dataset:
    return datasets.NWUCLA(root, split, None)


def _ntu(run: RecognitionRun, split: str, root: str) -> Dataset:
    edition = int(run.dataset.removeprefix("ntu"))
    benchmark, ignore = run.benchmark or "xsub", run.ignore or ()
    return datasets.NTURGBD(
        root, benchmark, split, edition, persons_of(run), ignore, transform=None
    )


def _kinetics(run: RecognitionRun, split: str, root: str) -> Dataset:
    return datasets.KineticsSkeleton(root, {"test": "val"}.get(split, split), None)


def _kinect(kind: type[datasets.KinectCorpus]) -> Callable[..., Dataset]:
    def load(run: RecognitionRun, split: str, root: str) -> Dataset:
        return kind(root, split=split)  # type: ignore[call-arg]

    return load


def _pose_annotations(run: RecognitionRun, split: str, root: str) -> Dataset:
    """The splits are called xsub_train and xsub_val, train1 and test1, or train and val."""
    skeleton = None if run.layout is None else _layout(run.layout)
    clips = datasets.PoseAnnotations(root, skeleton=skeleton)
    part = run.benchmark or ""
    names = [
        name
        for word in (["train"] if split == "train" else ["val", "test"])
        for name in (f"{part}_{word}", f"{word}{part}")
        if name in clips.splits
    ]
    if not names:
        raise ValueError(
            f"{root} has no {split} split for --benchmark {part!r}; it has the splits "
            f"{', '.join(clips.splits) or 'none'}, of which --benchmark is what is beside train, "
            f"val or test"
        )
    if (clips.coordinates == 3) != (clips.skeleton.name in _IN_SPACE):
        raise ValueError(
            f"{root} has clips in {clips.coordinates} dimensions of the layout "
            f"{clips.skeleton.name!r}, expected 3 of {' or '.join(_IN_SPACE)}, 2 of any other"
        )
    return datasets.PoseAnnotations(root, names[0], skeleton)


def _clips(run: RecognitionRun, split: str, root: str) -> Dataset:
    """A table, or a folder with train and test in it."""
    if run.layout is None:
        raise ValueError("--dataset clips needs --layout, the name of a layout or its file")
    read = datasets.ClipTable.from_folder if Path(root).is_dir() else datasets.ClipTable
    return read(root, _layout(run.layout), split)


def _layout(name: str) -> Skeleton:
    return Skeleton.from_yaml(name) if Path(name).is_file() else Skeleton.get(name)


_LOADERS: dict[str, Any] = {
    "synthetic": _synthetic,
    "nw-ucla": _nw_ucla,
    "ntu60": _ntu,
    "ntu120": _ntu,
    "kinetics": _kinetics,
    "pose-annotations": _pose_annotations,
    "utd-mhad": _kinect(datasets.UTDMHAD),
    "msr-action3d": _kinect(datasets.MSRAction3D),
    "utkinect": _kinect(datasets.UTKinect),
    "clips": _clips,
}
#: The data sets that the examples know.
RECOGNITION_DATASETS = tuple(_LOADERS)
