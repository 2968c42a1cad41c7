"""Lifting data from synthetic motion and virtual cameras."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.actor.synthetic_motion import SyntheticMotion
from pyg_skeleton.datasets.lifting.dataset import LiftingDataset, TargetSpaceName
from pyg_skeleton.datasets.lifting.sequence import PoseSequence
from pyg_skeleton.datasets.lifting.virtual import view
from pyg_skeleton.datasets.options import load_layout
from pyg_skeleton.skeleton import Skeleton


class SyntheticLifting(LiftingDataset):
    r"""The people of :class:`~pyg_skeleton.datasets.SyntheticMotion`, projected to virtual cameras:
    lifting data without any files.

    The splits are by person. Each clip has its own ring of cameras, see
    :func:`~pyg_skeleton.camera.camera_ring`, which depends only on the clip and the seed.

    Args:
        split (str, optional): :obj:`"train"`, :obj:`"val"` or :obj:`"test"`: about 60, 20 and 20
            percent of the people. (default: :obj:`"train"`)
        skeleton (str or Skeleton, optional): Any layout. (default: :obj:`"h36m17"`)
        num_frames (int, optional): The odd number of frames of the input. (default: :obj:`1`)
        stride (int, optional): Creates an item for every n-th frame; windows still contain all
            frames. (default: :obj:`1`)
        target_space (str, optional): :obj:`"root-relative"` or :obj:`"pixel-depth"`.
            (default: :obj:`"root-relative"`)
        clips_per_class (int, optional): The number of clips of each movement in this split.
            (default: :obj:`10`)
        clip_length (int, optional): The number of frames of a clip, at 25 per second.
            (default: :obj:`50`)
        num_subjects (int, optional): The number of people in all splits together, at least 3.
            (default: :obj:`20`)
        classes (sequence of str, optional): The movements, in the order of their labels;
            if :obj:`None`, all twelve. (default: :obj:`None`)
        num_cameras (int, optional): The number of cameras around each clip. (default: :obj:`4`)
        noise (float, optional): The standard deviation of the 2-D joints, in pixels.
            (default: :obj:`0`)
        jumps (float, optional): The fraction of 2-D joints that are outliers, about 50 pixels off.
            (default: :obj:`0`)
        seed (int, optional): The seed of people, clips, cameras and detections.
            (default: :obj:`0`)
        transform (callable, optional): Called with each :class:`~pyg_skeleton.data.SkeletonData`
            on access. (default: :obj:`None`)

    Shapes:
        - **x:** :math:`(V, 2)`, or :math:`(V, F, 2)` with more than one frame
        - **target:** :math:`(V, 3)` in **target_space**
        - **y:** :math:`(1)`, an index into the movements

    Raises:
        ValueError: If an argument is out of range.
    """

    def __init__(
        self,
        split: str = "train",
        skeleton: str | Skeleton = "h36m17",
        num_frames: int = 1,
        stride: int = 1,
        target_space: str = "root-relative",
        clips_per_class: int = 10,
        clip_length: int = 50,
        num_subjects: int = 20,
        classes: Sequence[str] | None = None,
        num_cameras: int = 4,
        noise: float = 0.0,
        jumps: float = 0.0,
        seed: int = 0,
        transform: Callable[[SkeletonData], Any] | None = None,
    ) -> None:
        self.split = split
        clips = SyntheticMotion(
            skeleton,
            split,
            clip_length,
            num_future=0,
            clips_per_class=clips_per_class,
            num_subjects=num_subjects,
            classes=classes,
            noise=0.0,
            seed=seed,
        )
        sequences: list[PoseSequence] = []
        for idx in range(len(clips)):
            motion = clips.clip(idx)[0].transpose(0, 1).double()
            action, subject = clips.classes[idx % clips.num_classes], f"{clips.subject(idx)}"
            take = f"{split}/{action}_{idx // clips.num_classes}"
            sequences += view(
                motion, subject, action, take, clips.fps, num_cameras, noise, jumps, seed
            )
        super().__init__(
            sequences, clips.skeleton, num_frames, stride, target_space, transform, clips.classes
        )

    @classmethod
    def open(
        cls,
        root: None = None,
        split: str = "train",
        *,
        layout: str | None = None,
        num_frames: int = 1,
        target_space: TargetSpaceName = "root-relative",
        stride: int = 1,
        test_stride: int = 1,
        noise: float = 0.0,
    ) -> SyntheticLifting:
        """Opens the poses of a split.

        Args:
            root (None, optional): Unused, as there are no files. (default: :obj:`None`)
            split (str, optional): :obj:`"train"`, :obj:`"val"` or :obj:`"test"`.
                (default: :obj:`"train"`)
            layout (str, optional): The name or file of the layout; by default :obj:`"h36m17"`.
                (default: :obj:`None`)
            num_frames (int, optional): The odd number of frames of the input.
                (default: :obj:`1`)
            target_space (str, optional): :obj:`"root-relative"` or :obj:`"pixel-depth"`.
                (default: :obj:`"root-relative"`)
            stride (int, optional): Trains on every n-th frame. (default: :obj:`1`)
            test_stride (int, optional): Tests on every n-th frame. (default: :obj:`1`)
            noise (float, optional): The standard deviation of the 2-D joints, in pixels.
                (default: :obj:`0`)
        """
        every = stride if split == "train" else test_stride
        return cls(
            split, load_layout(layout or "h36m17"), num_frames, every, target_space, noise=noise
        )
