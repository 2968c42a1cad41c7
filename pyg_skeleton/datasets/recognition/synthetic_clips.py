"""The embedded people as clips to recognize."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.actor.synthetic_motion import SyntheticMotion
from pyg_skeleton.datasets.options import load_layout
from pyg_skeleton.datasets.recognition.clip_dataset import ClipDataset
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms.chains import Chain, Pipeline, any_layout
from pyg_skeleton.transforms.stream import StreamName


class SyntheticClips(ClipDataset):
    r"""The clips of :class:`~pyg_skeleton.datasets.SyntheticMotion` in memory, to recognize: twelve
    movements, and nothing to download.

    Args:
        split (str, optional): :obj:`"train"`, :obj:`"val"` or :obj:`"test"`: about 60, 20 and 20
            percent of the people. (default: :obj:`"train"`)
        skeleton (Skeleton or str, optional): The layout. (default: :obj:`"ntu25"`)
        num_frames (int, optional): The number of frames, at 25 per second. (default: :obj:`50`)
        align (bool, optional): Whether the preparation turns persons to face the same way.
            (default: :obj:`False`)
        transform (callable, optional): Called with each :class:`~pyg_skeleton.data.SkeletonData`
            on access. (default: :obj:`None`)
        **kwargs (optional): Further arguments of :class:`~pyg_skeleton.datasets.SyntheticMotion`.

    Shapes:
        - **x:** :math:`(M \cdot V, T, 3)` in meters, y up, the floor at :math:`y = 0`
        - **y:** :math:`(1)`, a position in :attr:`classes`
        - **sample:** the number of the item, :math:`(1)`
    """

    frame_rate, unit, up = SyntheticMotion.fps, "m", "y"

    def __init__(
        self,
        split: str = "train",
        skeleton: Skeleton | str = "ntu25",
        num_frames: int = 50,
        align: bool = False,
        transform: Callable[[SkeletonData], Any] | None = None,
        **kwargs: Any,
    ) -> None:
        motion = SyntheticMotion(skeleton, split, num_frames, num_future=0, **kwargs)
        rows = range(len(motion))
        self.split, self.align = split, align
        super().__init__(
            [motion.clip(row) for row in rows],
            [row % motion.num_classes for row in rows],
            [f"{split} {row}" for row in rows],
            motion.skeleton,
            motion.classes,
            transform,
        )

    @classmethod
    def open(
        cls,
        root: None = None,
        split: str = "train",
        *,
        layout: str = "ntu25",
        clips_per_class: int | None = None,
        align: bool = False,
    ) -> SyntheticClips:
        """The clips of a split without a transform.

        Args:
            root (None, optional): Nothing: there are no files. (default: :obj:`None`)
            split (str, optional): :obj:`"train"`, :obj:`"val"` or :obj:`"test"`.
                (default: :obj:`"train"`)
            layout (str, optional): The name or the YAML file of the layout.
                (default: :obj:`"ntu25"`)
            clips_per_class (int, optional): The number of clips of each movement; by default 100
                to train with and 20 for the test. (default: :obj:`None`)
            align (bool, optional): Turn persons to face the same way, so that the direction of the
                camera does not matter. (default: :obj:`False`)
        """
        count = clips_per_class or (100 if split == "train" else 20)
        return cls(split, load_layout(layout), align=align, clips_per_class=count, noise=0.02)

    def preparation(
        self,
        train: bool = False,
        stream: StreamName = "joint",
        num_frames: int = 64,
        pipeline: Pipeline = "ctrgcn",
    ) -> Chain:
        """The chain for any layout, which may turn persons to face the same way."""
        persons = self.num_persons
        return any_layout(
            self.skeleton, train, stream, num_frames, num_persons=persons, align=self.align
        )
