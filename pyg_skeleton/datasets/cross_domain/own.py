"""Cross-domain tasks beyond the CoDT paper: synthetic, public and custom clips."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pyg_skeleton.datasets.actor.synthetic_motion import SyntheticMotion
from pyg_skeleton.datasets.cross_domain.task import CrossDomainTask, Root, check_disjoint
from pyg_skeleton.datasets.options import load_layout
from pyg_skeleton.datasets.recognition.clip_dataset import ClipDataset
from pyg_skeleton.datasets.recognition.clip_table import ClipTable
from pyg_skeleton.datasets.recognition.cmu_actions import CMUActions
from pyg_skeleton.datasets.recognition.derived import prepare_clips, select_classes
from pyg_skeleton.datasets.recognition.nw_ucla import NWUCLA
from pyg_skeleton.skeleton import Skeleton, shared_skeleton
from pyg_skeleton.transforms import codt_chain, codt_chain_2d

_SOURCE_MOVEMENTS = ("walking", "waving", "boxing", "clapping", "sitting_down", "turning")
_TARGET_MOVEMENTS = ("running", "punching", "jumping", "squatting", "kicking", "bowing")


def embedded_task(
    source_skeleton: Skeleton | str = "ntu25",
    target_skeleton: Skeleton | str = "smpl24",
    source_classes: Sequence[str] = _SOURCE_MOVEMENTS,
    target_classes: Sequence[str] = _TARGET_MOVEMENTS,
    source_style: str = "default",
    target_style: str = "energetic",
    clips_per_class: int = 150,
    test_clips_per_class: int = 25,
    num_frames: int = 25,
    seed: int = 0,
) -> CrossDomainTask:
    """Creates a task from two styles of :class:`~pyg_skeleton.datasets.SyntheticMotion`, with
    different layouts, movements and people. Training and test clips are by different people, too.

    Args:
        source_skeleton (Skeleton or str, optional): The layout of the source.
            (default: :obj:`"ntu25"`)
        target_skeleton (Skeleton or str, optional): The layout of the target.
            (default: :obj:`"smpl24"`)
        source_classes (sequence of str, optional): The movements of the source.
        target_classes (sequence of str, optional): The movements of the target.
        source_style (str, optional): The style of the source. (default: :obj:`"default"`)
        target_style (str, optional): The style of the target. (default: :obj:`"energetic"`)
        clips_per_class (int, optional): The number of training clips of each movement.
            (default: :obj:`150`)
        test_clips_per_class (int, optional): The number of test clips of each movement.
            (default: :obj:`25`)
        num_frames (int, optional): The number of frames, at 25 per second. (default: :obj:`25`)
        seed (int, optional): The seed of the people of the source; the target uses the next seed.
            (default: :obj:`0`)

    Raises:
        ValueError: If source and target share a movement, or an argument is unknown.
    """
    check_disjoint(source_classes, target_classes)

    def movements(side: str, split: str) -> ClipDataset:
        source = side == "source"
        motion = SyntheticMotion(
            source_skeleton if source else target_skeleton,
            split,
            num_observed=num_frames,
            num_future=0,
            clips_per_class=clips_per_class if split == "train" else test_clips_per_class,
            classes=source_classes if source else target_classes,
            style=source_style if source else target_style,
            seed=seed if source else seed + 1,
        )
        rows = range(len(motion))
        clips = ClipDataset(
            [motion.clip(row) for row in rows],
            [row % motion.num_classes for row in rows],
            [f"{side}-{split}-{row:05d}" for row in rows],
            motion.skeleton,
            motion.classes,
            codt_chain(motion.skeleton, num_frames),
        )
        clips.frame_rate, clips.unit, clips.up = motion.frame_rate, motion.unit, motion.up
        return prepare_clips(clips)

    source = movements("source", "train")
    target = [movements("target", split) for split in ("train", "test")]
    return CrossDomainTask(
        "embedded",
        source,
        target[0],
        target[1],
        shared_skeleton(source.skeleton, target[0].skeleton),
        len(target_classes),
    )


def nw_ucla_cmu_task(
    root_source: Root,
    root_target: Root,
    target_skeleton: Skeleton | str = "smpl24",
    clips_per_class: int = 100,
    num_frames: int = 50,
) -> CrossDomainTask:
    """Creates a task from :class:`~pyg_skeleton.datasets.NWUCLA`, recorded by a Kinect, to
    :class:`~pyg_skeleton.datasets.CMUActions`, recorded by a motion-capture system. This task is
    not from a paper.

    The action "walk around" of NW-UCLA is left out, as CMU has it as well.

    Args:
        root_source (str or PathLike): The folder of NW-UCLA.
        root_target (str or PathLike): The folder of CMU Mocap.
        target_skeleton (Skeleton or str, optional): The layout of the target.
            (default: :obj:`"smpl24"`)
        clips_per_class (int, optional): The maximum number of clips of each action of CMU, in the
            training and the test split. (default: :obj:`100`)
        num_frames (int, optional): The number of frames. (default: :obj:`50`)
    """
    chain = codt_chain("kinect20", num_frames)
    source: ClipDataset = NWUCLA(root_source, "train", chain, repeat=1)
    others = [name for name in source.classes if name != "walk around"]
    source = prepare_clips(select_classes(source, others))
    target = [
        prepare_clips(
            CMUActions(
                root_target,
                split,
                clips_per_class=clips_per_class,
                skeleton=target_skeleton,
                transform=codt_chain(target_skeleton, num_frames),
            )
        )
        for split in ("train", "test")
    ]
    return CrossDomainTask(
        "nw-ucla-cmu",
        source,
        target[0],
        target[1],
        shared_skeleton(source.skeleton, target[0].skeleton),
        target[0].num_classes,
    )


def own_task(
    root_source: Root,
    root_target: Root,
    source_skeleton: Skeleton | str,
    target_skeleton: Skeleton | str,
    num_clusters: int,
    num_frames: int = 50,
    flat: bool = False,
    derive: bool = True,
) -> CrossDomainTask:
    """Creates a task from custom labeled clips to custom unlabeled clips.

    The source is a folder with one folder of ``.npy`` files per class, or a CSV file, see
    :class:`~pyg_skeleton.datasets.ClipTable`. The target is a folder of ``.npy`` files. All of them
    are also the test clips, as there are no labels to evaluate the clusters.

    Args:
        root_source (str or PathLike): The folder or the CSV file of the source.
        root_target (str or PathLike): The folder of the target.
        source_skeleton (Skeleton or str): The layout of the source, its name, or a YAML file.
        target_skeleton (Skeleton or str): The layout of the target.
        num_clusters (int): The number of clusters.
        num_frames (int, optional): The number of frames. (default: :obj:`50`)
        flat (bool, optional): If set to :obj:`True`, clips are 2-D poses in pixels with a score as
            third channel, see :func:`~pyg_skeleton.transforms.codt_chain_2d`; otherwise they are
            3-D positions with y up. (default: :obj:`False`)
        derive (bool, optional): See :func:`~pyg_skeleton.skeleton.shared_skeleton`.
            (default: :obj:`True`)

    Raises:
        ValueError: If there are fewer clips than clusters.
    """
    source_skeleton, target_skeleton = load_layout(source_skeleton), load_layout(target_skeleton)
    shared = shared_skeleton(source_skeleton, target_skeleton, derive=derive)
    chain: Callable[..., Any] = codt_chain_2d if flat else codt_chain
    table = Path(root_source).is_file()
    source = (ClipTable if table else ClipTable.from_folder)(
        root_source, source_skeleton, transform=chain(source_skeleton, num_frames)
    )
    target: ClipDataset = ClipTable.from_unlabeled(
        root_target, target_skeleton, transform=chain(target_skeleton, num_frames)
    )
    target.unit, target.up = ("px", "-y") if flat else (None, "y")
    if not 1 <= num_clusters <= len(target):
        raise ValueError(
            f"num_clusters must be from 1 to {len(target)}, the number of clips in {root_target}, "
            f"got {num_clusters}"
        )
    target = prepare_clips(target)
    return CrossDomainTask("own", prepare_clips(source), target, target, shared, num_clusters)
