from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.motion.exp_map_dataset import ExpMapDataset
from pyg_skeleton.datasets.motion.exp_map_files import ExpMapFile
from pyg_skeleton.skeleton import Skeleton


class CMUMocap(ExpMapDataset):
    r"""CMU Mocap as exponential maps, in the form and with the protocol of the motion-prediction
    literature, from the `"Convolutional Sequence to Sequence Model for Human Dynamics"
    <https://arxiv.org/abs/1805.00655>`_ paper.

    Eight actions; five recordings of each to train, one to test, at a nominal 25 frames per second
    (every other row of a file; the author of the files puts them at some 30 Hz before that).
    Components that are constant in the training recordings (standard deviation below
    :math:`10^{-4}` over all rows) are set to their mean everywhere.

    The files are ``train/{action}/{action}_{1..5}.txt`` and ``test/{action}/{action}_1.txt`` with
    117 comma-separated columns. They are read directly, with nothing written anywhere: the folder
    may be read-only. Recordings that are missing are named in a warning and left out; a warning
    also names training files that are identical to a test file.

    Training items are all windows of all recordings. Test items are seeded windows, action by
    action, from the start range :math:`[0, T - 50 - T_{\mathrm{out}})`: the number of predicted
    frames decides which windows are drawn.

    Args:
        root (str or PathLike): The folder with ``train`` and ``test``.
        split (str, optional): :obj:`"train"` or :obj:`"test"`. (default: :obj:`"train"`)
        num_observed (int, optional): The number of observed frames. With fewer than 50, test items
            keep the last of the literature's 50. (default: :obj:`50`)
        num_future (int, optional): The number of frames to predict; with 0, items have no
            **target**. (default: :obj:`25`)
        skeleton (str or Skeleton, optional): Which joints to take: a layout whose joints are all in
            ``cmu38``. (default: :obj:`"cmu26"`)
        protocol (str, optional): :obj:`"literature"`: the eight test windows per action of all
            published tables. :obj:`"sturdy"`: :obj:`num_windows` windows, drawn in the same way;
            not comparable with published numbers. (default: :obj:`"literature"`)
        num_windows (int, optional): The number of test windows per action: 8 in
            :obj:`"literature"`, 256 by default in :obj:`"sturdy"`. (default: :obj:`None`)
        statistics_from (CMUMocap, optional): A data set whose statistics to use. Without it, the
            training recordings are read for the test split, too. (default: :obj:`None`)
        transform (callable, optional): Called with each :class:`~pyg_skeleton.data.SkeletonData`
            on access. (default: :obj:`None`)

    Shapes:
        - **x:** :math:`(V, T_{\mathrm{in}}, 3)` axis-angle vectors in radians, not normalized
        - **target:** :math:`(V, T_{\mathrm{out}}, 3)`
        - **y:** :math:`(1)`, a position in :attr:`classes`

    Raises:
        FileNotFoundError: If the files are not below **root**.
        ValueError: If an argument is out of range or a file is damaged; for a file, the message
            names the line.
    """

    actions = (
        "walking",
        "running",
        "directing_traffic",
        "soccer",
        "basketball",
        "washwindow",
        "jumping",
        "basketball_signal",
    )
    file_layout = "cmu38"

    def __init__(
        self,
        root: str | os.PathLike[str],
        split: str = "train",
        num_observed: int = 50,
        num_future: int = 25,
        skeleton: str | Skeleton = "cmu26",
        protocol: str = "literature",
        num_windows: int | None = None,
        statistics_from: CMUMocap | None = None,
        transform: Callable[[SkeletonData], Any] | None = None,
    ) -> None:
        super().__init__(
            root,
            split,
            num_observed,
            num_future,
            skeleton,
            protocol,
            num_windows,
            statistics_from,
            transform,
        )

    def _expected_files(self, split: str) -> list[ExpMapFile]:
        return cmu_files(split)


def cmu_files(split: str) -> list[ExpMapFile]:
    """The files that a split should have."""
    trials = range(1, 6) if split == "train" else range(1, 2)
    return [
        ExpMapFile(action, f"{split}/{action}/{action}_{trial}.txt")
        for action in CMUMocap.actions
        for trial in trials
    ]
