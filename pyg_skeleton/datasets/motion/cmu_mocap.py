from __future__ import annotations

from pyg_skeleton.datasets.motion.exp_map_dataset import ExpMapDataset
from pyg_skeleton.datasets.motion.exp_map_files import ExpMapFile


class CMUMocap(ExpMapDataset):
    r"""CMU Mocap as exponential maps, in the form and with the protocol of the motion-prediction
    literature, from the `"Convolutional Sequence to Sequence Model for Human Dynamics"
    <https://arxiv.org/abs/1805.00655>`_ paper.

    Eight actions; five recordings of each to train, one to test. Every other row of a file is taken
    as 25 frames per second, as in the literature; by gait and gravity the files have 120 rows per
    second (see :class:`AnyBody`), so that the milliseconds of its tables are nominal.
    Components that are constant in the training recordings (standard deviation below
    :math:`10^{-4}` over all rows) are set to their mean everywhere.

    The files are ``train/{action}/{action}_{1..5}.txt`` and ``test/{action}/{action}_1.txt`` with
    117 comma-separated columns. They are read directly, with nothing written anywhere: the folder
    may be read-only. Recordings that are missing are named in a warning and left out; a warning
    also names training files that are identical to a test file.

    Training items are all windows of all recordings. Test items are seeded windows, action by
    action, from the start range :math:`[0, T - 50 - T_{\mathrm{out}})`: the number of predicted
    frames decides which windows are drawn.

    The arguments are those of :class:`ExpMapDataset`; the default layout is :obj:`"cmu26"`.
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
    layout = "cmu26"

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
