"""What to learn from, what to cluster, and what to count it on."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pyg_skeleton.datasets import (
    NWUCLA,
    ClipDataset,
    CMUActions,
    SyntheticMotion,
    select_classes,
)
from pyg_skeleton.skeleton import Skeleton, shared_skeleton
from pyg_skeleton.transforms import codt_chain

Root = str | os.PathLike[str]

_SOURCE_MOVEMENTS = ("walking", "waving", "boxing", "clapping", "sitting_down", "turning")
_TARGET_MOVEMENTS = ("running", "punching", "jumping", "squatting", "kicking", "bowing")


@dataclass(frozen=True)
class CrossDomainTask:
    r"""A task of cross-domain action recognition, from the `"Collaborating Domain-shared and
    Target-specific Feature Clustering for Cross-domain 3D Action Recognition"
    <https://arxiv.org/abs/2207.09767>`_ paper: labelled clips of one domain help to cluster the
    unlabelled clips of another one, whose classes are others.

    The transforms of the data sets are the preparation of the clips, each in its own layout.

    Args:
        name (str): The name of the task.
        source (ClipDataset): The labelled clips to train with.
        target_train (ClipDataset): The clips to cluster, whose labels are not looked at.
        target_test (ClipDataset): The clips whose labels the clusters are compared with.
        shared (Skeleton): The joints that the layouts of source and target share.
        num_clusters (int): The number of clusters.
    """

    name: str
    source: ClipDataset
    target_train: ClipDataset
    target_test: ClipDataset
    shared: Skeleton
    num_clusters: int

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.name!r}, source={len(self.source)}, "
            f"target={len(self.target_train)}/{len(self.target_test)}, "
            f"shared={self.shared.num_joints}, clusters={self.num_clusters})"
        )


def embedded_task(
    source_skeleton: Skeleton | str = "ntu25",
    target_skeleton: Skeleton | str = "smpl24",
    source_classes: Sequence[str] = _SOURCE_MOVEMENTS,
    target_classes: Sequence[str] = _TARGET_MOVEMENTS,
    source_style: str = "default",
    target_style: str = "energetic",
    clips_per_class: int = 50,
    test_clips_per_class: int = 25,
    num_frames: int = 50,
    seed: int = 0,
) -> CrossDomainTask:
    """Two styles of :class:`~pyg_skeleton.datasets.SyntheticMotion`, in two layouts, with different
    movements by different people. The clips to train with and those for the test are by different
    people, too.

    Args:
        source_skeleton (Skeleton or str, optional): The layout of the source.
            (default: :obj:`"ntu25"`)
        target_skeleton (Skeleton or str, optional): The layout of the target.
            (default: :obj:`"smpl24"`)
        source_classes (sequence of str, optional): The movements of the source.
        target_classes (sequence of str, optional): The movements of the target.
        source_style (str, optional): The style of the source. (default: :obj:`"default"`)
        target_style (str, optional): The style of the target. (default: :obj:`"energetic"`)
        clips_per_class (int, optional): The clips of each movement to train with.
            (default: :obj:`50`)
        test_clips_per_class (int, optional): The clips of each movement for the test.
            (default: :obj:`25`)
        num_frames (int, optional): The number of frames. (default: :obj:`50`)
        seed (int, optional): The seed of the people; the target has the next one.
            (default: :obj:`0`)

    Raises:
        ValueError: If a movement is on both sides, or an argument is not known.
    """
    _check_disjoint(source_classes, target_classes)

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
        return ClipDataset(
            [motion.clip(row) for row in rows],
            [row % motion.num_classes for row in rows],
            [f"{side}-{split}-{row:05d}" for row in rows],
            motion.skeleton,
            motion.classes,
            codt_chain(motion.skeleton, num_frames),
        )

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
    """From :class:`~pyg_skeleton.datasets.NWUCLA`, seen by a Kinect, to
    :class:`~pyg_skeleton.datasets.CMUActions`, seen by a motion-capture system. A task of ours: no
    paper has it.

    NW-UCLA's "walk around" is left out, which is also an action of CMU.

    Args:
        root_source (str or PathLike): The folder of NW-UCLA.
        root_target (str or PathLike): The folder of CMU Mocap.
        target_skeleton (Skeleton or str, optional): The layout of the target.
            (default: :obj:`"smpl24"`)
        clips_per_class (int, optional): The largest number of clips of each action of CMU, in
            training and in the test. (default: :obj:`100`)
        num_frames (int, optional): The number of frames. (default: :obj:`50`)
    """
    chain = codt_chain("kinect20", num_frames)
    source: ClipDataset = NWUCLA(root_source, "train", chain, repeat=1)
    source = select_classes(source, [name for name in source.classes if name != "walk around"])
    target = [
        CMUActions(
            root_target,
            split,
            clips_per_class=clips_per_class,
            skeleton=target_skeleton,
            transform=codt_chain(target_skeleton, num_frames),
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


#: The tasks that :func:`load_task` knows, with what loads them.
TASKS: dict[str, Any] = {
    "embedded": embedded_task,
    "nw-ucla-cmu": nw_ucla_cmu_task,
}


def load_task(
    name: str,
    root_source: Root | None = None,
    root_target: Root | None = None,
    **options: Any,
) -> CrossDomainTask:
    """Reads the clips of a task.

    Args:
        name (str): The name of the task, see :obj:`TASKS`.
        root_source (str or PathLike, optional): The files of the source. The task
            :obj:`"embedded"` needs none. (default: :obj:`None`)
        root_target (str or PathLike, optional): The files of the target. (default: :obj:`None`)
        **options (optional): The arguments of what loads the task.

    Raises:
        ValueError: If there is no such task, or it needs a folder that is not given.
    """
    if name not in TASKS:
        raise ValueError(f"unknown task {name!r}, expected one of {', '.join(TASKS)}")
    roots = {"root_source": root_source, "root_target": root_target}
    if name == "embedded":
        roots = {key: root for key, root in roots.items() if root is not None}
        if roots:
            raise ValueError(f"the task 'embedded' reads no files, got {roots}")
    missing = [key for key, root in roots.items() if root is None]
    if missing:
        raise ValueError(f"the task {name!r} needs {' and '.join(missing)}")
    task: CrossDomainTask = TASKS[name](**roots, **options)
    return task


def _check_disjoint(source: Sequence[str], target: Sequence[str]) -> None:
    both = [name for name in target if name in source]
    if both:
        raise ValueError(f"source and target have classes in common: {', '.join(both)}")
