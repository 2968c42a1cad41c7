from __future__ import annotations

from pyg_skeleton.datasets.motion.exp_map_dataset import ExpMapDataset
from pyg_skeleton.datasets.motion.exp_map_files import ExpMapFile


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

    The arguments are those of :class:`ExpMapDataset`; the default layout is :obj:`"h36m21"`.
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
    layout = "h36m21"
    inside = "dataset"
    first_start = 16
    test_margin = 150

    def _expected_files(self, split: str) -> list[ExpMapFile]:
        subjects = (1, 6, 7, 8, 9, 11) if split == "train" else (5,)
        return [
            ExpMapFile(action, f"S{subject}/{action}_{trial}.txt")
            for subject in subjects
            for action in self.actions
            for trial in (1, 2)
        ]
