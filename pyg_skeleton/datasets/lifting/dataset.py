"""A data set of 2-D poses with their 3-D poses."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Dataset

from pyg_skeleton.camera import PixelDepthTarget, get_target_space, normalize_keypoints
from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.lifting.sequence import PoseSequence
from pyg_skeleton.skeleton import Skeleton

TargetSpaceName = Literal["root-relative", "pixel-depth"]
_PER_POSE = (
    "sequence_ids",
    "frame_ids",
    "action_ids",
    "positions",
    "root_depths",
    "targets",
    "_low",
    "_high",
    "_center",
)


class LiftingDataset(Dataset):
    r"""2-D poses with the 3-D poses to estimate from them.

    An item is one frame of one camera: the 2-D joints of this frame, or of a window around it,
    normalized by the image size (:func:`~pyg_skeleton.camera.normalize_keypoints`). Windows that
    exceed the recording repeat its first or last frame. With the target in pixels and depth, the
    2-D joints are undistorted, as in LCN; ground-truth joints then equal the first two channels of
    the target. All data are kept in memory.

    Args:
        sequences (iterable of PoseSequence): The recordings.
        skeleton (str or Skeleton): The layout of the recordings.
        num_frames (int, optional): The odd number of frames of the window. (default: :obj:`1`)
        stride (int, optional): Creates an item for every n-th frame of a recording, starting with
            the first; windows still contain all frames. (default: :obj:`1`)
        target_space (str, optional): The space of the target: :obj:`"root-relative"` meters
            (:class:`~pyg_skeleton.camera.RootRelativeTarget`) or :obj:`"pixel-depth"`
            (:class:`~pyg_skeleton.camera.PixelDepthTarget`). (default: :obj:`"root-relative"`)
        transform (callable, optional): Called with each :class:`~pyg_skeleton.data.SkeletonData`
            on access. (default: :obj:`None`)
        actions (sequence of str, optional): The classes, in the order of their labels. If
            :obj:`None`, the actions of the sequences in alphabetical order. (default: :obj:`None`)

    Shapes:
        - **x:** :math:`(V, 2)`, or :math:`(V, F, 2)` with more than one frame; undetected joints
          are zero, and data sets with such joints have the field **visible**
        - **target:** :math:`(V, 3)` in **target_space**
        - **y:** :math:`(1)`, an index into :attr:`actions`

    Raises:
        ValueError: If there are no sequences, a sequence does not fit the layout or has an action
            that is not in **actions**, or an argument is out of range.
    """

    #: Opens the poses of a split, ``open(root, split, **options)``; used by the command line.
    open: ClassVar[Callable[..., Any]]
    #: Whether networks use the joints of the corpus instead of those of their preset.
    own_layout: ClassVar[bool] = False
    #: Whether published tables have a row for each action of each subject.
    by_subject: ClassVar[bool] = False
    #: Whether keypoints are normalized by the size of the :obj:`"image"` or of the :obj:`"body"`.
    input_space: ClassVar[str] = "image"
    #: Keypoints are in pixels before they are normalized, y downwards.
    unit: ClassVar[str] = "px"
    up: ClassVar[str] = "-y"

    def __init__(
        self,
        sequences: Iterable[PoseSequence],
        skeleton: str | Skeleton,
        num_frames: int = 1,
        stride: int = 1,
        target_space: str = "root-relative",
        transform: Callable[[SkeletonData], Any] | None = None,
        actions: Sequence[str] | None = None,
    ) -> None:
        super().__init__(transform=transform)
        if num_frames < 1 or num_frames % 2 == 0:
            raise ValueError(f"num_frames must be odd, got {num_frames}")
        if stride < 1:
            raise ValueError(f"stride must be at least 1, got {stride}")
        #: The recordings.
        self.sequences: tuple[PoseSequence, ...] = tuple(sequences)
        self.skeleton = Skeleton.get(skeleton) if isinstance(skeleton, str) else skeleton
        self.num_frames, self.stride, self.target_space = num_frames, stride, target_space
        self._check_joints()
        #: The classes, in the order of their labels.
        self.actions: tuple[str, ...] = self._name_actions(actions)
        #: The subjects of the sequences, in alphabetical order.
        self.subjects: tuple[str, ...] = tuple(sorted({s.subject for s in self.sequences}))

        lengths = torch.tensor([s.num_frames for s in self.sequences])
        frames = [torch.arange(0, s.num_frames, stride) for s in self.sequences]
        counts = torch.tensor([len(ids) for ids in frames])
        #: The sequence of each pose, ``[N]``.
        self.sequence_ids: Tensor = torch.arange(len(counts)).repeat_interleave(counts)
        #: The frame of each pose in its sequence, ``[N]``.
        self.frame_ids: Tensor = torch.cat(frames)
        labels = torch.tensor([self.actions.index(s.action) for s in self.sequences])
        #: The action of each pose, ``[N]``.
        self.action_ids: Tensor = labels[self.sequence_ids]
        # Indices into the concatenated frames: the first and last of the recording, and the pose.
        self._low = (lengths.cumsum(0) - lengths)[self.sequence_ids]
        self._high = (lengths.cumsum(0) - 1)[self.sequence_ids]
        self._center = self._low + self.frame_ids
        self._offsets = torch.arange(num_frames) - num_frames // 2
        self._inputs = torch.cat([self._normalize(s) for s in self.sequences])
        gone = self._inputs.isnan().any(-1)
        self._visible = ~gone if bool(gone.any()) else None
        self._inputs[gone] = 0.0

        root, space = self.skeleton.root, get_target_space(target_space, self.skeleton.root)
        self._space = space
        poses = [
            (s.camera, s.positions[ids].float())
            for s, ids in zip(self.sequences, frames, strict=True)
        ]
        #: The targets of the poses in :attr:`target_space`, ``[N, V, 3]``.
        self.targets: Tensor = torch.cat([space.encode(x, camera) for camera, x in poses])
        #: The true positions, relative to the root, in millimeters, ``[N, V, 3]``.
        self.positions: Tensor = torch.cat([(x - x[:, root, None]) * 1000 for _, x in poses])
        #: The true distance of the root along the view of the camera, in meters, ``[N]``.
        self.root_depths: Tensor = torch.cat([x[:, root, 2] for _, x in poses])
        self._blank = self.skeleton.to_data(self.inputs(torch.tensor([0]))[0])

    def _check_joints(self) -> None:
        if not self.sequences:
            raise ValueError("there are no sequences")
        for sequence in self.sequences:
            if sequence.keypoints.size(1) != self.skeleton.num_joints:
                raise ValueError(
                    f"{sequence} has {sequence.keypoints.size(1)} joints, expected the "
                    f"{self.skeleton.num_joints} of {self.skeleton.name!r}"
                )

    def _name_actions(self, actions: Sequence[str] | None) -> tuple[str, ...]:
        found = sorted({sequence.action for sequence in self.sequences})
        known = tuple(found if actions is None else actions)
        for name in found:
            if name not in known:
                raise ValueError(f"unknown action {name!r}, expected one of {', '.join(known)}")
        return known

    def _normalize(self, sequence: PoseSequence) -> Tensor:
        camera, keypoints = sequence.camera, sequence.keypoints.float()
        if self.target_space == PixelDepthTarget.name:
            keypoints = camera.undistort(keypoints)
        return normalize_keypoints(keypoints, camera.width, camera.height)

    @property
    def frame_rate(self) -> float | None:
        """Frames per second, if all recordings have the same."""
        rates = {sequence.fps for sequence in self.sequences}
        return rates.pop() if len(rates) == 1 else None

    @property
    def num_classes(self) -> int:
        """The number of actions, also of those without a sequence."""
        return len(self.actions)

    @property
    def keypoints(self) -> Tensor:
        """The normalized 2-D joints of each pose, ``[N, V, 2]``; 0 if not detected."""
        return self._inputs[self._center]

    @property
    def image_size(self) -> Tensor:
        """The width and height of the image of each pose, in pixels, ``[N, 2]``."""
        sizes = [[s.camera.width, s.camera.height] for s in self.sequences]
        return torch.tensor(sizes)[self.sequence_ids]

    @property
    def statistics(self) -> tuple[Tensor, Tensor]:
        """Mean 0 and deviation 1, ``[V, 2]``, as inputs are only normalized by the image size."""
        shape = (self.skeleton.num_joints, 2)
        return torch.zeros(shape), torch.ones(shape)

    def len(self) -> int:
        """The number of poses."""
        return len(self._center)

    def get(self, idx: int) -> SkeletonData:
        """Returns a pose before the transform."""
        return self._items(torch.tensor([idx]))[0]

    def __getitems__(self, ids: list[int]) -> list[Any]:
        """Returns several items at once, which is faster for loaders than one by one."""
        items = self._items(torch.tensor(ids))
        return items if self.transform is None else [self.transform(item) for item in items]

    def inputs(self, idx: Tensor) -> Tensor:
        """Returns `x` of some poses before the transform, ``[N, V, 2]`` or ``[N, V, F, 2]``."""
        return self._windows(self._inputs, idx)

    def _windows(self, frames: Tensor, idx: Tensor) -> Tensor:
        if self.num_frames == 1:
            return frames[self._center[idx]]
        window = self._center[idx, None] + self._offsets
        window = window.clamp(self._low[idx, None], self._high[idx, None])
        return frames[window].transpose(1, 2).contiguous()

    def _fields(self, idx: Tensor) -> dict[str, Tensor]:
        fields = {
            "x": self.inputs(idx),
            "y": self.action_ids[idx, None],
            "target": self.targets[idx],
        }
        if self._visible is not None:
            fields["visible"] = self._windows(self._visible, idx)
        return fields

    def _items(self, idx: Tensor) -> list[SkeletonData]:
        """Creates items by copying a template, which is much faster than building each."""
        fields = self._fields(idx)
        items = []
        for row in zip(*(value.unbind() for value in fields.values()), strict=True):
            item = copy.copy(self._blank)
            item.update(dict(zip(fields, row, strict=True)))
            items.append(item)
        return items

    def index_select(self, idx: Any) -> LiftingDataset:
        """Returns the data set of some of the poses, also for slices, masks and :meth:`shuffle`."""
        if isinstance(idx, (Tensor, np.ndarray)):  # for which PyG would call this method again
            flat = torch.as_tensor(idx).flatten()
            idx = (flat.nonzero().flatten() if flat.dtype == torch.bool else flat).tolist()
        out: LiftingDataset = super().index_select(idx)
        chosen = torch.tensor(list(out.indices()), dtype=torch.long)
        for name in _PER_POSE:
            setattr(out, name, getattr(self, name)[chosen])
        out._indices = None
        return out

    def to_millimeters(self, pred: Tensor, idx: Tensor | None = None) -> Tensor:
        """Converts predictions from the target space to millimeters relative to the root.

        Args:
            pred (Tensor): The predictions.
            idx (Tensor, optional): The indices of the predicted poses. If :obj:`None`, all poses in
                order. (default: :obj:`None`)

        Shapes:
            - **pred:** :math:`(N, V, 3)`
            - **idx:** :math:`(N)`
            - **output:** :math:`(N, V, 3)`

        Raises:
            ValueError: If the numbers of predictions and poses differ.
        """
        poses = torch.arange(self.len()) if idx is None else idx.cpu()
        expected = (len(poses), self.skeleton.num_joints, 3)
        if tuple(pred.shape) != expected:
            raise ValueError(f"pred must be {list(expected)}, got {list(pred.shape)}")
        out = torch.empty_like(pred)
        owner = self.sequence_ids[poses]
        for number in sorted(set(owner.tolist())):
            mine = (owner == number).nonzero().squeeze(1)
            depth = self.root_depths[poses[mine]].to(pred)
            here = mine.to(pred.device)
            out[here] = self._space.decode(pred[here], self.sequences[number].camera, depth)
        return out

    #: An alias of :meth:`to_millimeters`.
    to_millimetres = to_millimeters

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.skeleton.name!r}, poses={len(self)}, "
            f"sequences={len(self.sequences)}, actions={len(self.actions)}, "
            f"target_space={self.target_space!r})"
        )
