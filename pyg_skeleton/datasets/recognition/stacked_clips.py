"""Clips in one array, as ST-GCN, 2s-AGCN and CTR-GCN have them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.options import load_layout
from pyg_skeleton.datasets.recognition.clip_dataset import ClipDataset
from pyg_skeleton.io import count_stacked_classes, read_stacked_clips
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.plausible import check_coordinates


class StackedClips(ClipDataset):
    r"""Clips that are stacked in one array, padded with zeros: ``train_data.npy`` with
    ``train_label.pkl`` of ST-GCN and 2s-AGCN, or ``NTU60_CS.npz`` of CTR-GCN, see
    :func:`~pyg_skeleton.io.read_stacked_clips`.

    Frames at the end and persons that are zero are left out. An array of ``.npy`` stays on the
    disk, one of ``.npz`` is read into memory.

    Args:
        root (str or PathLike): The folder, or the file.
        split (str, optional): :obj:`"train"` or :obj:`"test"`. (default: :obj:`"train"`)
        skeleton (Skeleton or str, optional): The layout. (default: :obj:`"ntu25"`)
        classes (sequence of str, optional): The names of the classes. (default: their numbers, of
            both splits)
        transform (callable, optional): Called with each :class:`~pyg_skeleton.data.SkeletonData`
            on access. (default: :obj:`None`)
        repeat (int, optional): The number of items of each clip. (default: :obj:`1`)

    Shapes:
        - **x:** :math:`(M \cdot V, T, C)`
        - **y:** :math:`(1)`, a position in :attr:`classes`
        - **sample:** the number of the item, :math:`(1)`

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If a shape does not fit the layout, or a number is no coordinate.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        split: str = "train",
        skeleton: Skeleton | str = "ntu25",
        classes: Sequence[str] | None = None,
        transform: Callable[[SkeletonData], Any] | None = None,
        repeat: int = 1,
    ) -> None:
        if split not in ("train", "test"):
            raise ValueError(f"split must be 'train' or 'test', got {split!r}")
        body = load_layout(skeleton)
        joints, labels, names = read_stacked_clips(root, split, body.num_joints)
        if classes is None:
            classes = [str(number) for number in range(count_stacked_classes(root))]
        there = [bool(clip.any()) for clip in joints]
        self._leave_out(root, [n for n, t in zip(names, there, strict=True) if not t], len(names))
        rows = np.flatnonzero(there)
        super().__init__(
            _Unpadded(joints, rows, names),
            labels[rows],
            [names[row] for row in rows],
            body,
            classes,
            transform,
            repeat,
        )
        self._check_order()

    @classmethod
    def open(
        cls, root: str | os.PathLike[str], split: str = "train", *, layout: str = "ntu25"
    ) -> StackedClips:
        """The clips of a split without a transform.

        Args:
            root (str or PathLike): The folder, or the file.
            split (str, optional): :obj:`"train"` or :obj:`"test"`. (default: :obj:`"train"`)
            layout (str, optional): The name or the YAML file of the layout.
                (default: :obj:`"ntu25"`)
        """
        return cls(root, split, layout)


class _Unpadded(Sequence[Tensor]):
    """Clips without the zeros around them."""

    def __init__(self, joints: NDArray[Any], rows: NDArray[np.int64], names: list[str]) -> None:
        self.joints, self.rows, self.names = joints, rows, names

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, idx: Any) -> Any:
        row = self.rows[idx]
        clip = torch.from_numpy(np.array(self.joints[row], np.float32))  # [M, T, V, C]
        check_coordinates(clip, f"clip {self.names[row]!r}")
        seen = clip.flatten(2).any(dim=2)
        last = int(seen.any(dim=0).nonzero().max())
        return clip[seen.any(dim=1), : last + 1].transpose(1, 2).contiguous()
