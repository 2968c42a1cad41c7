from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.lifting.dataset import LiftingDataset
from pyg_skeleton.datasets.lifting.render import render_bodies
from pyg_skeleton.datasets.lifting.sequence import PoseSequence
from pyg_skeleton.datasets.lifting.synthetic_lifting import SyntheticLifting
from pyg_skeleton.datasets.options import load_layout
from pyg_skeleton.skeleton import Skeleton


class RenderedPoses(LiftingDataset):
    r"""Pictures of poses, rendered by :func:`~pyg_skeleton.datasets.lifting.render_bodies`, for
    networks with image input.

    A picture is an undistorted square around the root joint with a fixed side length at the
    distance of the root, as is usual for Human3.6M. The 2-D joints, the ground truth of a 2-D
    network, are relative to the picture.

    Args:
        sequences (iterable of PoseSequence): The recordings.
        skeleton (str or Skeleton): The layout of the recordings.
        stride (int, optional): Creates an item for every n-th frame of a recording.
            (default: :obj:`1`)
        image_size (int, optional): The width and height of a picture in pixels.
            (default: :obj:`64`)
        side (float, optional): The width and height of a picture in meters, at the distance of the
            root. (default: :obj:`2.4`)
        noise (float, optional): The standard deviation of the pixel noise, where 1 is white.
            (default: :obj:`0.02`)
        seed (int, optional): The seed of the noise. (default: :obj:`0`)
        transform (callable, optional): Called with each :class:`~pyg_skeleton.data.SkeletonData`
            on access. (default: :obj:`None`)
        actions (sequence of str, optional): The classes, in the order of their labels. If
            :obj:`None`, the actions of the sequences in alphabetical order. (default: :obj:`None`)

    Shapes:
        - **image:** red, green and blue as bytes, :math:`(1, 3, S, S)`
        - **x:** the joints in the picture, from -1 to 1, :math:`(V, 2)`
        - **target:** meters, relative to the root, :math:`(V, 3)`
        - **y:** :math:`(1)`, an index into :attr:`actions`
    """

    def __init__(
        self,
        sequences: Iterable[PoseSequence],
        skeleton: str | Skeleton,
        stride: int = 1,
        image_size: int = 64,
        side: float = 2.4,
        noise: float = 0.02,
        seed: int = 0,
        transform: Callable[[SkeletonData], Any] | None = None,
        actions: Sequence[str] | None = None,
    ) -> None:
        super().__init__(sequences, skeleton, stride=stride, transform=transform, actions=actions)
        positions = torch.cat([sequence.positions.float() for sequence in self.sequences])
        root = positions[:, self.skeleton.root]
        span = side / root[:, 2]
        corner = root[:, :2] / root[:, 2:] - span[:, None] / 2
        places = positions[..., :2] / positions[..., 2:] - corner[:, None]
        self._inputs = 2 * places / span[:, None, None] - 1
        self._visible = None
        chosen = self._center
        drawn = render_bodies(
            positions[chosen], self.skeleton, corner[chosen], span[chosen], image_size
        )
        generator = torch.Generator().manual_seed(seed)
        for picture in drawn:  # one by one, to save memory
            grain = torch.randn(picture.shape, generator=generator) * 255 * noise
            picture.copy_((picture + grain).round().clamp(0, 255))
        #: The pictures, in the order of the original poses.
        self.images: Tensor = drawn
        self._row = torch.zeros(len(positions), dtype=torch.long)
        self._row[chosen] = torch.arange(len(chosen))

    def _fields(self, idx: Tensor) -> dict[str, Tensor]:
        image = self.images[self._row[self._center[idx]]]
        return {**super()._fields(idx), "image": image.unsqueeze(1)}

    @classmethod
    def open(
        cls,
        root: None = None,
        split: str = "train",
        *,
        layout: str | None = None,
        image_size: int = 64,
        clips_per_class: int = 60,
    ) -> RenderedPoses:
        """Opens pictures of synthetic people, five per second.

        Args:
            root (None, optional): Unused, as there are no files. (default: :obj:`None`)
            split (str, optional): :obj:`"train"`, :obj:`"val"` or :obj:`"test"`.
                (default: :obj:`"train"`)
            layout (str, optional): The name or file of the layout; by default :obj:`"h36m16"`.
                (default: :obj:`None`)
            image_size (int, optional): The width and height of a picture in pixels.
                (default: :obj:`64`)
            clips_per_class (int, optional): The number of training clips of each movement; other
                splits have a sixth of it. (default: :obj:`60`)
        """
        poses = SyntheticLifting(
            split,
            load_layout(layout or "h36m16"),
            clips_per_class=clips_per_class if split == "train" else max(1, clips_per_class // 6),
            clip_length=25,
            num_subjects=30,
            num_cameras=2,
        )
        return cls(poses.sequences, poses.skeleton, stride=5, image_size=image_size)
