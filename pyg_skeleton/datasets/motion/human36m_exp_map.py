from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.motion.exp_map_dataset import ExpMapDataset
from pyg_skeleton.datasets.motion.exp_map_files import ExpMapFile
from pyg_skeleton.skeleton import Skeleton


class Human36MExpMap(ExpMapDataset):
    r"""Human3.6M as exponential maps, in the form and with the protocol of the motion-prediction
    literature, from the `"On Human Motion Prediction Using Recurrent Neural Networks"
    <https://arxiv.org/abs/1705.02445>`_ paper.

    Fifteen actions, two recordings of each by seven people: subject 5 to test, the others to train,
    at 25 frames per second (every other row of a file). Components that are constant in the
    training recordings (standard deviation below :math:`10^{-4}` over all rows) are set to their
    mean everywhere.

    The files are ``S{subject}/{action}_{1|2}.txt``, in **root** or in its folder ``dataset``, with
    99 comma-separated columns. They are read directly, with nothing written anywhere. Recordings
    that are missing are named in a warning and left out; a warning also names training files that
    are identical to a test file: a copy of this data circulates in which eight of them are.

    Training items are all windows of all recordings from frame 16 on. Test items are seeded
    windows, action by action, from the start ranges :math:`[16, T - 150)` of its two recordings in
    turn; an action of which one is missing is left out, since its windows could not be those of
    the literature.

    Args:
        root (str or PathLike): The folder with ``S1``, ``S5`` and so on.
        split (str, optional): :obj:`"train"` or :obj:`"test"`. (default: :obj:`"train"`)
        num_observed (int, optional): The number of observed frames. With fewer than 50, test items
            keep the last of the literature's 50. (default: :obj:`50`)
        num_future (int, optional): The number of frames to predict; with 0, items have no
            **target**. (default: :obj:`25`)
        skeleton (str or Skeleton, optional): Which joints to take: a layout whose joints are all in
            ``h36m32``; :obj:`"h36m20"` leaves out the root. (default: :obj:`"h36m21"`)
        protocol (str, optional): :obj:`"literature"`: the eight test windows per action of all
            published tables. :obj:`"sturdy"`: :obj:`num_windows` windows, drawn in the same way;
            not comparable with published numbers. (default: :obj:`"literature"`)
        num_windows (int, optional): The number of test windows per action: 8 in
            :obj:`"literature"`, 256 by default in :obj:`"sturdy"`. (default: :obj:`None`)
        statistics_from (Human36MExpMap, optional): A data set whose statistics to use. Without it,
            the training recordings are read for the test split, too. (default: :obj:`None`)
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
        "eating",
        "smoking",
        "discussion",
        "directions",
        "greeting",
        "phoning",
        "posing",
        "purchases",
        "sitting",
        "sittingdown",
        "takingphoto",
        "waiting",
        "walkingdog",
        "walkingtogether",
    )
    file_layout = "h36m32"
    inside = "dataset"
    first_start = 16
    test_margin = 150

    def __init__(
        self,
        root: str | os.PathLike[str],
        split: str = "train",
        num_observed: int = 50,
        num_future: int = 25,
        skeleton: str | Skeleton = "h36m21",
        protocol: str = "literature",
        num_windows: int | None = None,
        statistics_from: Human36MExpMap | None = None,
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
        subjects = (1, 6, 7, 8, 9, 11) if split == "train" else (5,)
        return [
            ExpMapFile(action, f"S{subject}/{action}_{trial}.txt")
            for subject in subjects
            for action in self.actions
            for trial in (1, 2)
        ]
