"""The corpora by the names that the command uses.

A new corpus is one file, with a class that has a class method :obj:`open(root, split, **options)`,
and one line here. The options of the command for a corpus are the keyword arguments of that method.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from inspect import Parameter
from typing import Any

from pyg_skeleton.datasets.actor.synthetic_motion import SyntheticMotion
from pyg_skeleton.datasets.cross_domain.load_task import TASKS
from pyg_skeleton.datasets.lifting import (
    AnyCamera,
    CMUMocapLifting,
    LiftingDataset,
    RenderedPoses,
    SyntheticLifting,
)
from pyg_skeleton.datasets.lifting.human36m import Human36M
from pyg_skeleton.datasets.lifting.human_eva import HumanEva
from pyg_skeleton.datasets.lifting.mpi_inf_3dhp import MPIINF3DHP
from pyg_skeleton.datasets.motion.any_body import AnyBody
from pyg_skeleton.datasets.motion.clip_motion import KineticsMotion, NTUMotion
from pyg_skeleton.datasets.motion.cmu_mocap import CMUMocap
from pyg_skeleton.datasets.motion.human36m_exp_map import Human36MExpMap
from pyg_skeleton.datasets.options import check_options, choices, is_required, parameters
from pyg_skeleton.datasets.recognition.clip_dataset import ClipDataset
from pyg_skeleton.datasets.recognition.clip_table import ClipTable
from pyg_skeleton.datasets.recognition.kinetics_skeleton import KineticsSkeleton
from pyg_skeleton.datasets.recognition.msr_action3d import MSRAction3D
from pyg_skeleton.datasets.recognition.ntu_rgbd import NTU60, NTU120
from pyg_skeleton.datasets.recognition.nw_ucla import NWUCLA
from pyg_skeleton.datasets.recognition.pose_annotations import PoseAnnotations
from pyg_skeleton.datasets.recognition.stacked_clips import StackedClips
from pyg_skeleton.datasets.recognition.synthetic_clips import SyntheticClips
from pyg_skeleton.datasets.recognition.utd_mhad import UTDMHAD
from pyg_skeleton.datasets.recognition.utkinect import UTKinect

#: Clips with an action each.
RECOGNITION: dict[str, type[ClipDataset]] = {
    "embedded": SyntheticClips,
    "nw-ucla": NWUCLA,
    "ntu60": NTU60,
    "ntu120": NTU120,
    "kinetics": KineticsSkeleton,
    "pose-annotations": PoseAnnotations,
    "utd-mhad": UTDMHAD,
    "msr-action3d": MSRAction3D,
    "utkinect": UTKinect,
    "clips": ClipTable,
    "stacked": StackedClips,
}
#: 2-D poses and the 3-D poses behind them.
LIFTING: dict[str, type[LiftingDataset]] = {
    "embedded": SyntheticLifting,
    "cmu": CMUMocapLifting,
    "any-camera": AnyCamera,
    "h36m": Human36M,
    "3dhp": MPIINF3DHP,
    "human-eva": HumanEva,
    "rendered": RenderedPoses,
}
#: Observed frames and those that follow.
MOTION: dict[str, type[Any]] = {
    "embedded": SyntheticMotion,
    "cmu": CMUMocap,
    "any-body": AnyBody,
    "h36m": Human36MExpMap,
    "ntu": NTUMotion,
    "kinetics": KineticsMotion,
}
#: Labeled clips of one domain and clips of another; opened by
#: :func:`~pyg_skeleton.datasets.load_task`, which takes a root for each of the two.
CROSS_DOMAIN = TASKS

#: Arguments of :obj:`open` that are no options: the network and its recipe determine them.
_SUPPLIED = ("pipeline", "num_frames", "num_observed", "statistics_from")


def find_corpus(corpora: Mapping[str, Any], name: str) -> Any:
    """Returns the corpus of a name.

    Args:
        corpora (dict): :obj:`RECOGNITION`, :obj:`LIFTING` or :obj:`MOTION`.
        name (str): The name.

    Raises:
        ValueError: If there is none of that name; the message suggests the closest one.
    """
    if name not in corpora:
        raise ValueError(f"unknown data set {name!r}, expected {choices(name, corpora)}")
    return corpora[name]


def corpus_options(corpus: Any) -> dict[str, Parameter]:
    """Returns the options of a corpus, with annotation and default.

    Args:
        corpus (type): A class of a registry.
    """
    return parameters(corpus.open, "root", "split", *_SUPPLIED)


def open_corpus(
    corpora: Mapping[str, Any],
    name: str,
    root: str | os.PathLike[str] | None,
    split: str,
    supplied: Mapping[str, Any] | None = None,
    **options: Any,
) -> Any:
    """Opens a split of a corpus.

    Args:
        corpora (dict): :obj:`RECOGNITION`, :obj:`LIFTING` or :obj:`MOTION`.
        name (str): The name of the corpus.
        root (str or PathLike, optional): Where its files are; :obj:`None` for embedded data.
        split (str): :obj:`"train"` or :obj:`"test"`.
        supplied (dict, optional): What network and recipe determine: :obj:`pipeline`,
            :obj:`num_frames`, :obj:`num_observed` and :obj:`statistics_from`. Corpora take of it
            what concerns them. (default: :obj:`None`)
        **options (optional): The options of the corpus, see :func:`corpus_options`.

    Raises:
        ValueError: If the corpus is unknown, needs a root or an option, or has no such option.
    """
    corpus = find_corpus(corpora, name)
    known = parameters(corpus.open)
    if root is None and is_required(known["root"]):
        raise ValueError(f"the data set {name!r} needs root, the place of its files")
    check_options(f"the data set {name!r}", corpus_options(corpus), options)
    given = {key: value for key, value in (supplied or {}).items() if key in known}
    return corpus.open(root, split, **given, **options)
