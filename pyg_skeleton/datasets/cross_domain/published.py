"""The five cross-domain tasks of the CoDT paper, with their numbers of clips."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from pyg_skeleton.datasets.cross_domain.task import CrossDomainTask, Root
from pyg_skeleton.datasets.recognition.class_names import NTU120_CLASSES
from pyg_skeleton.datasets.recognition.clip_dataset import ClipDataset
from pyg_skeleton.datasets.recognition.derived import select_classes
from pyg_skeleton.datasets.recognition.kinetics_skeleton import KineticsSkeleton
from pyg_skeleton.datasets.recognition.ntu_rgbd import NTURGBD
from pyg_skeleton.datasets.recognition.pku_mmd import PKUMMD
from pyg_skeleton.datasets.recognition.pose_annotations import PoseAnnotations
from pyg_skeleton.datasets.recognition.skeletics152 import Skeletics152
from pyg_skeleton.skeleton import Skeleton, shared_skeleton
from pyg_skeleton.transforms import TurnUpright, codt_chain, codt_chain_2d
from pyg_skeleton.transforms.chains import Chain

Classes = Sequence[str] | os.PathLike[str] | str | None


def ntu60_skeletics_task(
    root_source: Root,
    root_target: Root,
    classes: Classes = None,
    ignore: Any = (),
    num_frames: int = 50,
    check_counts: bool = True,
) -> CrossDomainTask:
    """NTU-60 (xview, 37,646 training clips) to 30 classes of Skeletics-152 (24,265 training and
    2,341 test clips), on the 15 joints shared by Kinect and VIBE.

    Args:
        root_source (str or PathLike): The folder of :class:`~pyg_skeleton.datasets.NTURGBD`.
        root_target (str or PathLike): The folder of :class:`~pyg_skeleton.datasets.Skeletics152`.
        classes (sequence of str or PathLike): The classes of Skeletics-152, or a file with one
            class per line. The 30 classes of the paper are not published. (default: :obj:`None`)
        ignore (optional): The recordings of NTU to leave out, see
            :class:`~pyg_skeleton.datasets.NTURGBD`; the counts exclude the official list of 302.
            (default: :obj:`()`)
        num_frames (int, optional): The number of frames. (default: :obj:`50`)
        check_counts (bool, optional): If set to :obj:`True`, raises an error if the numbers of
            clips differ from the paper. (default: :obj:`True`)
    """
    target = [_skeletics(root_target, split, classes, num_frames) for split in ("train", "val")]
    source = _ntu(root_source, "xview", 60, ignore, num_frames)
    _check(check_counts, {"NTU-60 xview train": (len(source), 37_646)} | _counts(target))
    return _task("ntu60-skeletics", source, target, Skeleton.get("shared15"), target[0].num_classes)


def skeletics_pkummd_task(
    root_source: Root,
    root_target: Root,
    classes: Classes = None,
    num_frames: int = 50,
    check_counts: bool = True,
) -> CrossDomainTask:
    """30 classes of Skeletics-152 (24,265 training clips) to PKU-MMD (xview, 14,357 training and
    7,188 test clips), on the 15 joints shared by Kinect and VIBE.

    Args:
        root_source (str or PathLike): The folder of :class:`~pyg_skeleton.datasets.Skeletics152`.
        root_target (str or PathLike): The folder of :class:`~pyg_skeleton.datasets.PKUMMD`.
        classes (sequence of str or PathLike): See :func:`ntu60_skeletics_task`.
        num_frames (int, optional): The number of frames. (default: :obj:`50`)
        check_counts (bool, optional): If set to :obj:`True`, raises an error if the numbers of
            clips differ from the paper. (default: :obj:`True`)
    """
    source = _skeletics(root_source, "train", classes, num_frames)
    target = [_pku(root_target, "xview", split, num_frames) for split in ("train", "test")]
    counts = {
        "classes of Skeletics-152": (source.num_classes, 30),
        "Skeletics-152 train": (len(source), 24_265),
        "PKU-MMD xview train": (len(target[0]), 14_357),
        "PKU-MMD xview test": (len(target[1]), 7_188),
    }
    _check(check_counts, counts)
    return _task("skeletics-pkummd", source, target, Skeleton.get("shared15"), 51)


def ntu60plus_pkummd_task(
    root_source: Root,
    root_target: Root,
    ignore: Any = (),
    num_frames: int = 50,
    check_counts: bool = True,
) -> CrossDomainTask:
    """The 60 additional classes of NTU-120 (xsub, 22,935 training clips) to PKU-MMD (xsub, 18,841
    training and 2,704 test clips).

    The paper mentions 41 classes of PKU-MMD in one place, but its counts are those of all 51
    classes, and so is the number of clusters in the authors' configuration.

    Args:
        root_source (str or PathLike): The folder of :class:`~pyg_skeleton.datasets.NTURGBD`.
        root_target (str or PathLike): The folder of :class:`~pyg_skeleton.datasets.PKUMMD`.
        ignore (optional): See :func:`ntu60_skeletics_task`; the official list has 535 recordings.
            (default: :obj:`()`)
        num_frames (int, optional): The number of frames. (default: :obj:`50`)
        check_counts (bool, optional): If set to :obj:`True`, raises an error if the numbers of
            clips differ from the paper. (default: :obj:`True`)
    """
    source = _ntu(root_source, "xsub", 120, ignore, num_frames)
    source = select_classes(source, NTU120_CLASSES[60:])
    target = [_pku(root_target, "xsub", split, num_frames) for split in ("train", "test")]
    counts = {
        "NTU-60+ xsub train": (len(source), 22_935),
        "PKU-MMD xsub train": (len(target[0]), 18_841),
        "PKU-MMD xsub test": (len(target[1]), 2_704),
    }
    _check(check_counts, counts)
    return _task("ntu60plus-pkummd", source, target, source.skeleton, 51)


def finegym_skeletics_task(
    root_source: Root,
    root_target: Root,
    classes: Classes = None,
    source_split: str | None = "train",
    source_skeleton: str = "body25",
    source_y_down: bool = True,
    num_frames: int = 50,
    check_counts: bool = True,
) -> CrossDomainTask:
    """FineGym-99 to 30 classes of Skeletics-152 (24,265 training and 2,341 test clips), both with
    poses by VIBE.

    The number of clips of FineGym is not published, and neither are its VIBE poses; they are read
    from a pickle in the format of pyskl.

    Args:
        root_source (str or PathLike): The pickle, see
            :class:`~pyg_skeleton.datasets.PoseAnnotations`.
        root_target (str or PathLike): The folder of :class:`~pyg_skeleton.datasets.Skeletics152`.
        classes (sequence of str or PathLike): See :func:`ntu60_skeletics_task`.
        source_split (str, optional): The split in the pickle. (default: :obj:`"train"`)
        source_skeleton (str, optional): :obj:`"body25"`, or :obj:`"vibe49"` for all joints of VIBE.
            (default: :obj:`"body25"`)
        source_y_down (bool, optional): If set to :obj:`True`, y points down in the pickle, as in
            the output of VIBE. (default: :obj:`True`)
        num_frames (int, optional): The number of frames. (default: :obj:`50`)
        check_counts (bool, optional): If set to :obj:`True`, raises an error if the numbers of
            clips or classes differ from the paper. (default: :obj:`True`)
    """
    chain = codt_chain(source_skeleton, num_frames)
    if source_y_down:
        chain = Chain([TurnUpright(), *chain.transforms])
    source = PoseAnnotations(root_source, source_split, source_skeleton, transform=chain)
    target = [_skeletics(root_target, split, classes, num_frames) for split in ("train", "val")]
    _check(check_counts, {"classes of FineGym": (source.num_classes, 99)} | _counts(target))
    shared = shared_skeleton(target[0].skeleton, source.skeleton)
    return _task("finegym-skeletics", source, target, shared, target[0].num_classes)


def kinetics_ntu60_task(
    root_source: Root,
    root_target: Root,
    benchmark: str = "xsub",
    num_frames: int = 50,
    check_counts: bool = True,
) -> CrossDomainTask:
    """Kinetics-400 with 2-D poses by OpenPose to NTU-60 with 2-D poses by HRNet.

    The paper specifies neither the benchmark of NTU-60 nor the alignment of the layouts; here, the
    neck of OpenPose is the middle of COCO's shoulders.

    Args:
        root_source (str or PathLike): The folder of
            :class:`~pyg_skeleton.datasets.KineticsSkeleton`.
        root_target (str or PathLike): The pickle ``ntu60_hrnet.pkl``, see
            :class:`~pyg_skeleton.datasets.PoseAnnotations`.
        benchmark (str, optional): :obj:`"xsub"` or :obj:`"xview"`. (default: :obj:`"xsub"`)
        num_frames (int, optional): The number of frames. (default: :obj:`50`)
        check_counts (bool, optional): If set to :obj:`True`, raises an error if the numbers of
            classes differ from the paper. (default: :obj:`True`)
    """
    chain = codt_chain_2d("openpose18", num_frames, "share", (340, 256))
    source = KineticsSkeleton(root_source, "train", chain)
    target: list[ClipDataset] = [
        PoseAnnotations(
            root_target,
            f"{benchmark}_{split}",
            "coco17",
            NTU120_CLASSES[:60],
            codt_chain_2d("coco17", num_frames),
        )
        for split in ("train", "val")
    ]
    _check(check_counts, {"classes of Kinetics": (source.num_classes, 400)})
    shared = shared_skeleton(source.skeleton, target[0].skeleton, derive=True)
    return _task("kinetics-ntu60", source, target, shared, 60)


def _ntu(root: Root, benchmark: str, edition: int, ignore: Any, num_frames: int) -> ClipDataset:
    # The first two bodies of the files are the persons, as in CrosSCLR.
    return NTURGBD(
        root,
        benchmark,
        "train",
        edition,
        persons="stgcn",
        ignore=ignore,
        transform=codt_chain("ntu25", num_frames),
    )


def _pku(root: Root, benchmark: str, split: str, num_frames: int) -> ClipDataset:
    return PKUMMD(root, benchmark, split, transform=codt_chain("ntu25", num_frames))


def _skeletics(root: Root, split: str, classes: Classes, num_frames: int) -> ClipDataset:
    if classes is None:
        raise ValueError(
            "the 30 classes of Skeletics-152 in the paper are not published: pass classes=, a list "
            "or a file with one class per line"
        )
    return Skeletics152(root, split, classes, codt_chain("body25", num_frames))


def _counts(skeletics: Sequence[ClipDataset]) -> dict[str, tuple[int, int]]:
    """Returns the actual and the published number of clips of 30 classes of Skeletics-152."""
    train, val = skeletics
    return {
        "classes of Skeletics-152": (train.num_classes, 30),
        "Skeletics-152 train": (len(train), 24_265),
        "Skeletics-152 val": (len(val), 2_341),
    }


def _check(enabled: bool, counts: dict[str, tuple[int, int]]) -> None:
    """Raises an error if the actual counts differ from the published counts."""
    wrong = [
        f"{what}: {actual:,} instead of {paper:,}"
        for what, (actual, paper) in counts.items()
        if actual != paper
    ]
    if enabled and wrong:
        raise ValueError(
            f"counts differ from the paper: {'; '.join(wrong)}; pass check_counts=False to continue"
        )


def _task(
    name: str,
    source: ClipDataset,
    target: Sequence[ClipDataset],
    shared: Skeleton,
    num_clusters: int,
) -> CrossDomainTask:
    return CrossDomainTask(name, source, target[0], target[1], shared, num_clusters)
