"""The base class of networks that lift 2-D poses to 3-D."""

from abc import abstractmethod
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch_geometric.data import Data

from pyg_skeleton.camera import normalize_keypoints
from pyg_skeleton.nn.models.inputs import warn_if_untrained
from pyg_skeleton.nn.models.lifting.own_keypoints import convert_keypoints, fill_unseen
from pyg_skeleton.nn.models.skeleton_model import SkeletonModel, as_data
from pyg_skeleton.nn.sums.graphs import Edges
from pyg_skeleton.skeleton import Skeleton, SkeletonLike


class LiftedPoses(NamedTuple):
    """The output of :meth:`LiftingModel.predict`."""

    poses: np.ndarray
    """The joints in millimeters around the root, ``[T, V, 3]``, or ``[V, 3]`` for one pose."""
    joints: tuple[str, ...]
    """The names of the joints."""

    def to_frame(self) -> pd.DataFrame:
        """Returns a row per frame and joint: frame, joint, x, y and z."""
        poses = self.poses.reshape(-1, len(self.joints), 3)
        frame = np.repeat(np.arange(len(poses)), len(self.joints))
        columns = {"frame": frame, "joint": list(self.joints) * len(poses)}
        return pd.DataFrame(columns | dict(zip("xyz", poses.reshape(-1, 3).T, strict=True)))


class LiftingModel(SkeletonModel):
    r"""The base class of networks that lift 2-D poses to 3-D.

    A subclass defines :meth:`forward_poses`, from keypoints to poses in the space that the network
    was trained for, :attr:`target_space`.

    Args:
        skeleton (Skeleton or str): The layout.
        in_channels (int, optional): Size of a joint's input, 2 without image features.
            (default: :obj:`2`)
        num_frames (int, optional): The number of frames that it reads to lift the middle one.
            (default: :obj:`1`)

    Shapes:
        - **input:** :obj:`x` of shape :math:`(B \cdot V, C)`, or :math:`(B \cdot V, F, C)` for
          :math:`F > 1` frames; the first two channels are keypoints in :math:`[-1, 1]` of the
          image's width
        - **output:** :math:`(B \cdot V, 3)`
    """

    kept: ClassVar[tuple[str, ...]] = ("classes", "target_space", "bone_length")
    head_layers: ClassVar[tuple[str, ...]] = ("output",)
    class_layers: ClassVar[tuple[str, ...]] = ()

    def __init__(self, skeleton: SkeletonLike, in_channels: int = 2, num_frames: int = 1) -> None:
        super().__init__(skeleton, in_channels)
        if in_channels < 2:
            raise ValueError(f"expected in_channels >= 2, got {in_channels}")
        if num_frames < 1 or num_frames % 2 == 0:
            raise ValueError(f"expected an odd num_frames, got {num_frames}")
        self.num_frames = num_frames
        #: The space of the poses that the network was trained to predict.
        self.target_space = "root-relative"
        #: The mean length of all bones of a training pose in millimeters, where it is known.
        self.bone_length: float | None = None

    @abstractmethod
    def forward_poses(self, x: Tensor, edges: Edges | None = None) -> Tensor:
        r"""The forward pass on a plain tensor :math:`(B \cdot V, *, C)`."""

    def forward(self, data: Any, edge_index: Tensor | None = None, **fields: Any) -> Tensor:
        """Returns the pose of the middle frame.

        Args:
            data (SkeletonData or torch.Tensor): Poses, or their features :obj:`x`.
            edge_index (torch.Tensor, optional): The edges beside :obj:`x`. (default: :obj:`None`)
            **fields (optional): Further fields of the data beside :obj:`x`.
        """
        data = as_data(data, edge_index, fields)
        self.check_bodies(data)
        edges = self.edges_of(data)
        return self.forward_poses(data.x) if edges is None else self.forward_poses(data.x, edges)

    def forward_plain(self, x: Tensor) -> Tensor:
        r"""The forward pass on poses, for export.

        Shapes:
            - **input:** :math:`(N, V, C)`, or :math:`(N, F, V, C)` for :math:`F > 1` frames
            - **output:** :math:`(N, V, 3)`
        """
        nodes = (x if x.dim() == 3 else x.transpose(1, 2)).flatten(0, 1)
        return self.forward_poses(nodes).view(x.size(0), -1, 3)

    def plain_example(self, batch_size: int = 1, num_frames: int | None = None) -> Tensor:
        """Returns random numbers that :meth:`forward_plain` takes; :obj:`num_frames` is the
        network's own.
        """
        frames = (self.num_frames,) if self.num_frames > 1 else ()
        x = torch.rand(batch_size, *frames, self.skeleton.num_joints, self.in_channels)
        return x.to(self.device, self.dtype)

    def _to_data(self, x: Tensor) -> Data:
        return self.skeleton.to_data(x if x.dim() == 2 else x.transpose(0, 1))

    def check_bodies(self, data: Any) -> None:
        """Refuses data of another layout or shape, and pixels.

        Raises:
            ValueError: With what came and what was expected.
        """
        super().check_bodies(data)
        self._check_nodes(data.x)

    def _check_nodes(self, x: Tensor) -> None:
        frames = (self.num_frames,) if self.num_frames > 1 else ()
        if x.shape[1:] != (*frames, self.in_channels):
            expected = ", ".join(str(n) for n in ("B * V", *frames, self.in_channels))
            raise ValueError(f"expected x of shape [{expected}], got {list(x.shape)}")
        # On other devices, reading the numbers would make the CPU wait.
        if x.device.type == "cpu" and not torch.compiler.is_compiling():
            check_normalized(x)

    @torch.no_grad()
    def lift(self, x: Tensor, flip: bool = False, batch_size: int = 1024) -> Tensor:
        r"""Lifts poses, in evaluation mode.

        Args:
            x (torch.Tensor): The normalized keypoints.
            flip (bool, optional): Whether to average with what the mirrored pose gives.
                (default: :obj:`False`)
            batch_size (int, optional): Poses at a time. (default: :obj:`1024`)

        Shapes:
            - **x:** :math:`(N, V, C)`, or :math:`(N, V, F, C)`
            - **output:** :math:`(N, V, 3)` in the network's :attr:`target_space`, on the CPU

        Raises:
            ValueError: If poses with image features are to be mirrored.
        """
        if flip and self.in_channels != 2:
            raise ValueError("image features cannot be mirrored; lift with flip=False")
        training = self.training
        self.eval()
        try:
            out = []
            for poses in torch.split(x.cpu(), batch_size):
                pose = self._lift(poses)
                if flip:
                    mirrored = self._lift(mirror_poses(poses, self.skeleton))
                    pose = 0.5 * (pose + mirror_poses(mirrored, self.skeleton))
                out.append(pose)
        finally:
            self.train(training)
        return torch.cat(out)

    def _lift(self, poses: Tensor) -> Tensor:
        x = poses.flatten(0, 1).to(self.device)
        self._check_nodes(x)
        return self.forward_poses(x).view(-1, self.skeleton.num_joints, 3).float().cpu()

    def predict(
        self,
        keypoints: np.ndarray,
        image_size: tuple[int, int],
        joints: SkeletonLike | None = None,
        confidence: np.ndarray | None = None,
        flip: bool = False,
    ) -> LiftedPoses:
        r"""Lifts detections of the user.

        A joint that was not seen (a confidence of zero, NaN, or both coordinates zero) is put where
        it is between the frames in which it was; joints that the detector does not know are
        derived from others, see :mod:`pyg_skeleton.nn.models.lifting.own_keypoints`. Networks that
        read several frames expect them at the frame rate of their training.

        Args:
            keypoints (numpy.ndarray): The keypoints of one person in pixels, x to the right and y
                downwards: a pose or, frame by frame, a video.
            image_size (tuple[int, int]): Width and height of the image in pixels.
            joints (Skeleton or str, optional): The layout of the keypoints: :obj:`"coco17"`,
                :obj:`"openpose18"`, :obj:`"mpii16"`, any other name of
                :func:`~pyg_skeleton.list_skeletons`, or a user's own.
                (default: that of the network)
            confidence (numpy.ndarray, optional): How sure the detector is of each joint;
                :obj:`scores > 0.3` leaves out what it is less sure of. (default: :obj:`None`)
            flip (bool, optional): Whether to average with what the mirrored pose gives.
                (default: :obj:`False`)

        Shapes:
            - **keypoints:** :math:`(T, V', 2)`, or :math:`(V', 2)`
            - **confidence:** :math:`(T, V')`, or :math:`(V')`
            - **output:** :class:`LiftedPoses`, :math:`(T, V, 3)`, or :math:`(V, 3)`: the joints of
              the network's layout
              in millimeters, seen from the camera (x to the right, y downwards, z away from it),
              with the root joint at zero

        Raises:
            ValueError: If the keypoints are not in pixels, a shape does not fit, a joint is
                missing, or the network predicts what needs a camera.
        """
        if self.target_space != "root-relative":
            raise ValueError(
                f"this network predicts in {self.target_space!r} space, which needs a camera to "
                f"become millimeters; expected one trained for 'root-relative'"
            )
        if self.in_channels != 2:
            raise ValueError(
                f"this network reads {self.in_channels} channels per joint, image features among "
                f"them; keypoints alone are not enough"
            )
        warn_if_untrained(self)
        source = self.skeleton if joints is None else Skeleton.of(joints)
        read = _read(keypoints, confidence, source)
        seen = fill_unseen(convert_keypoints(read, source, self.skeleton), self.skeleton.joints)
        width, height = _checked_size(image_size, seen)
        x = normalize_keypoints(torch.from_numpy(seen), width, height).to(self.dtype)
        if self.num_frames > 1:
            around = torch.arange(self.num_frames) - self.num_frames // 2
            frames = (torch.arange(len(x)).unsqueeze(1) + around).clamp(0, len(x) - 1)
            x = x[frames].transpose(1, 2)  # [T, V, F, 2]
        pose = self.lift(x, flip)
        pose = 1000 * (pose - pose[:, self.skeleton.root].unsqueeze(1))
        poses = pose.numpy().reshape(*np.shape(keypoints)[:-2], -1, 3)
        return LiftedPoses(poses, self.skeleton.joints)


def mirror_poses(poses: Tensor, skeleton: Skeleton) -> Tensor:
    r"""Mirrors poses :math:`(N, V, *, C)`: the first channel changes its sign, left and right
    joints change places.
    """
    mirrored = poses[:, skeleton.mirror_index]
    return torch.cat([-mirrored[..., :1], mirrored[..., 1:]], dim=-1)


def check_normalized(x: Tensor) -> None:
    r"""Refuses keypoints :math:`(*, \geq 2)` that cannot be normalized by the size of an image.

    Raises:
        ValueError: If they are far outside of the image on average.
    """
    size = float(x[..., :2].detach().abs().mean())
    if size > 1.5:
        raise ValueError(
            f"expected keypoints normalized to [-1, 1] by the image's width, got values of "
            f"{size:.4g} on average; pixels need normalize_keypoints(x, width, height)"
        )


def _read(keypoints: Any, confidence: Any, source: Skeleton) -> np.ndarray:
    """The keypoints as [T, V, 2], NaN where they were not seen."""
    array = np.array(keypoints, dtype=np.float64)
    V = source.num_joints
    if array.ndim not in (2, 3) or array.shape[-2:] != (V, 2) or array.size == 0:
        raise ValueError(
            f"expected keypoints of shape (T, {V}, 2) or ({V}, 2) in the order of {source.name!r} "
            f"(another order: joints=...), got {array.shape}"
        )
    unseen = np.isnan(array).any(-1) | (array == 0).all(-1)
    if confidence is not None:
        scores = np.asarray(confidence)
        if scores.shape != array.shape[:-1]:
            raise ValueError(f"expected confidence of shape {array.shape[:-1]}, got {scores.shape}")
        unseen |= ~(scores > 0)
    if np.isinf(array).any():
        raise ValueError("expected finite keypoints, got an infinite one")
    array[unseen] = np.nan
    return array.reshape(-1, V, 2)


def _checked_size(image_size: Any, poses: np.ndarray) -> list[float]:
    """Width and height, if the poses are in an image of that size."""
    size = np.asarray(image_size, dtype=np.float64)
    if size.shape != (2,) or not np.isfinite(size).all() or (size < 1).any():
        raise ValueError(f"expected image_size=(width, height) in pixels, got {image_size!r}")
    largest = np.abs(poses).max()
    if largest <= 1.5:
        raise ValueError(
            f"expected keypoints in pixels, got values up to {largest:.3g}: they seem to be "
            f"normalized already"
        )
    if np.abs(poses / size - 0.5).mean() > 1:
        x, y = poses.reshape(-1, 2).max(0)
        raise ValueError(
            f"expected keypoints in an image of {size[0]:g} x {size[1]:g} pixels, got x up to "
            f"{x:.0f} and y up to {y:.0f}"
        )
    return size.tolist()
