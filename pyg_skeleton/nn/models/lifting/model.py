"""The base class of networks that lift 2-D poses to 3-D."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch_geometric.data import Data

from pyg_skeleton.camera import normalize_body, normalize_keypoints
from pyg_skeleton.data import Clip
from pyg_skeleton.nn.models.inputs import (
    as_list,
    check_answer,
    fill_unseen,
    is_several,
    pose_table,
    resample,
    tell,
    warn_if_untrained,
)
from pyg_skeleton.nn.models.lifting.own_keypoints import (
    check_pixels,
    checked_size,
    convert_keypoints,
    read_keypoints,
)
from pyg_skeleton.nn.models.skeleton_model import SkeletonModel, as_data
from pyg_skeleton.nn.sums.graphs import Edges
from pyg_skeleton.skeleton import BodyGraph, GraphLike, Skeleton, SkeletonLike, as_tree


class LiftedPoses(NamedTuple):
    """The output of :meth:`LiftingModel.predict`."""

    poses: Any
    """The joints in millimeters around the root, ``[T, V, 3]``, ``[M, T, V, 3]`` for several
    persons, or ``[V, 3]`` for one pose; for a list of clips a list of them."""
    joints: tuple[str, ...]
    """The names of the joints."""
    skeleton: Any = None
    """The layout."""
    frame_rates: tuple[float | None, ...] = ()
    """Frames per second of each clip, where it is known."""

    def to_clip(self, clip: int = 0) -> Clip:
        """Returns the poses as a clip in millimeters, to save or to look at.

        Args:
            clip (int, optional): The number of the clip, of a list. (default: :obj:`0`)
        """
        poses = self.poses[clip] if isinstance(self.poses, list) else self.poses
        x = torch.from_numpy(poses).reshape((1, 1, *poses.shape[:-2])[-2:] + poses.shape[-2:])
        rate = self.frame_rates[clip] if self.frame_rates else None
        return Clip(x, self.skeleton, rate, unit="mm", up="-y")

    def to_frame(self) -> pd.DataFrame:
        """Returns a row for each clip, person, frame and joint: clip, person, frame, joint, x, y
        and z.
        """
        return pose_table(self.poses, self.joints)


class LiftingModel(SkeletonModel):
    r"""The base class of networks that lift 2-D poses to 3-D.

    A subclass defines :meth:`forward_poses`, from keypoints to poses in the space that the network
    was trained for, :attr:`target_space`.

    Args:
        skeleton (BodyGraph or str): The layout, or any graph.
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

    kept: ClassVar[tuple[str, ...]] = (
        *SkeletonModel.kept,
        "target_space",
        "input_space",
        "bone_length",
    )
    head_layers: ClassVar[tuple[str, ...]] = ("output",)
    class_layers: ClassVar[tuple[str, ...]] = ()

    def __init__(self, skeleton: GraphLike, in_channels: int = 2, num_frames: int = 1) -> None:
        super().__init__(skeleton, in_channels)
        if in_channels < 2:
            raise ValueError(f"expected in_channels >= 2, got {in_channels}")
        if num_frames < 1 or num_frames % 2 == 0:
            raise ValueError(f"expected an odd num_frames, got {num_frames}")
        self.num_frames = num_frames
        #: The space of the poses that the network was trained to predict.
        self.target_space = "root-relative"
        #: Whether keypoints are normalized by the size of the :obj:`"image"` or of the
        #: :obj:`"body"`.
        self.input_space = "image"
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
        keypoints: Any,
        image_size: tuple[int, int] | None = None,
        layout: SkeletonLike | None = None,
        confidence: np.ndarray | None = None,
        flip: bool = False,
        unit: str | None = None,
        frame_rate: float | None = None,
        joints: SkeletonLike | None = None,
    ) -> LiftedPoses:
        r"""Lifts detections of the user.

        A joint that was not seen (a confidence of zero, NaN, or both coordinates zero) is put where
        it is between the frames in which it was; joints that the detector does not know are
        derived from others, see :mod:`pyg_skeleton.nn.models.lifting.own_keypoints`. Networks that
        read several frames resample clips of another frame rate than that of their training.

        Args:
            keypoints (numpy.ndarray, SkeletonData, Clip or list of them): The keypoints in pixels,
                x to the right and y downwards: a pose, the frames of a video, or those of several
                persons; or a list of them.
            image_size (tuple[int, int], optional): Width and height of the image in pixels, where
                a clip does not say. (default: :obj:`None`)
            layout (Skeleton or str, optional): The layout of arrays: :obj:`"coco17"`,
                :obj:`"openpose18"`, :obj:`"mpii16"`, any other name of
                :func:`~pyg_skeleton.list_skeletons`, or a user's own.
                (default: that of the network)
            confidence (numpy.ndarray, optional): How sure the detector is of each joint of an
                array; :obj:`scores > 0.3` leaves out what it is less sure of.
                (default: :obj:`None`)
            flip (bool, optional): Whether to average with what the mirrored pose gives.
                (default: :obj:`False`)
            unit (str, optional): :obj:`"px"`, or :obj:`"normalized"` for shares of the width and
                the height, where a clip does not say. (default: :obj:`"px"`)
            frame_rate (float, optional): Frames per second, where a clip does not say.
                (default: that of the training data)
            joints (Skeleton or str, optional): The former name of :obj:`layout`.
                (default: :obj:`None`)

        Shapes:
            - **keypoints:** :math:`(M, T, V', C)`, :math:`(T, V', C)`, or :math:`(V', C)`; with
              :math:`C = 3` the third channel is the confidence, from 0 to 1
            - **confidence:** the same without the last dimension
            - **output:** :class:`LiftedPoses`, :math:`(M, T, V, 3)`, :math:`(T, V, 3)`, or
              :math:`(V, 3)`: the joints of the network's layout
              in millimeters, seen from the camera (x to the right, y downwards, z away from it),
              with the root joint at zero

        Raises:
            ValueError: If the keypoints are not in pixels, a shape does not fit, a joint is
                missing, or the network predicts what needs a camera.
        """
        self.check_target_space()
        source = joints or layout
        clips = self.read_clips(keypoints, source, image_size, unit, frame_rate, confidence)
        lifted = self.lift(torch.cat([clip.x for clip in clips]), flip)
        parts = torch.split(self.to_millimeters(lifted), [len(clip.x) for clip in clips])
        poses = [
            part.numpy().reshape(*clip.shape, -1, 3)
            for part, clip in zip(parts, clips, strict=True)
        ]
        rates = tuple(clip.frame_rate for clip in clips)
        several = is_several(keypoints)
        return LiftedPoses(poses if several else poses[0], self._body.joints, self._body, rates)

    def check_target_space(self) -> None:
        """Refuses to predict without a camera in a space that needs one.

        Raises:
            ValueError: If :attr:`target_space` is not :obj:`"root-relative"`.
        """
        if self.target_space != "root-relative":
            raise ValueError(
                f"this network predicts in {self.target_space!r} space, which needs a camera to "
                f"become millimeters; expected one trained for 'root-relative'"
            )

    def to_millimeters(self, lifted: Tensor) -> Tensor:
        r"""Returns the output of :meth:`lift`, :math:`(N, V, 3)`, with the root at zero and in
        millimeters.
        """
        check_answer(lifted, self)
        return 1000 * (lifted - lifted[:, self._body.root].unsqueeze(1))

    @torch.no_grad()
    def embed(
        self,
        keypoints: Any,
        image_size: tuple[int, int] | None = None,
        layout: SkeletonLike | None = None,
        confidence: np.ndarray | None = None,
        unit: str | None = None,
        frame_rate: float | None = None,
    ) -> np.ndarray:
        r"""Returns the features of clips that the last layer reads, their mean over joints, frames
        and persons, :math:`(N, C')`; see :meth:`predict` for the arguments.
        """
        clips = self.read_clips(keypoints, layout, image_size, unit, frame_rate, confidence)
        features: list[Tensor] = []
        output: Any = self.output
        handle = output.register_forward_pre_hook(lambda module, args: features.append(args[0]))
        try:
            means = []
            for data in clips:
                features.clear()
                self.lift(data.x)
                means.append(torch.cat([h.flatten(0, -2).float() for h in features]).mean(dim=0))
        finally:
            handle.remove()
        return torch.stack(means).cpu().numpy()

    @property
    def _body(self) -> Skeleton:
        return as_tree(self.skeleton, "predict")

    def stream(self, **kwargs: Any) -> Any:
        """Returns a stream that lifts poses while they come.

        Args:
            **kwargs (optional): See :class:`~pyg_skeleton.nn.stream.LiftingStream`.
        """
        from pyg_skeleton.nn.stream.window_stream import LiftingStream

        return LiftingStream(self, **kwargs)

    def read_clips(
        self,
        clips: Any,
        layout: SkeletonLike | None = None,
        image_size: tuple[int, int] | None = None,
        unit: str | None = None,
        frame_rate: float | None = None,
        confidence: np.ndarray | None = None,
    ) -> list["Keypoints"]:
        """Returns the input of the network for keypoints, see :meth:`predict`."""
        if self.in_channels != 2:
            raise ValueError(
                f"this network reads {self.in_channels} channels per joint, image features among "
                f"them; keypoints alone are not enough"
            )
        warn_if_untrained(self)
        source = self._body if layout is None else Skeleton.of(layout)
        said = {"image_size": image_size, "unit": unit, "frame_rate": frame_rate}
        return [self._read(clip, source, confidence, said) for clip in as_list(clips)]

    def _read(
        self, value: Any, source: Skeleton, confidence: Any, said: Mapping[str, Any]
    ) -> "Keypoints":
        clip, shape = read_keypoints(value, source, confidence, said)
        by_image = self.input_space == "image"
        if by_image and clip.image_size is None:
            raise ValueError("keypoints are in pixels, expected image_size=(width, height)")
        if clip.unit not in (None, "px"):
            clip = clip.to_unit("px")
        if clip.up not in (None, "-y"):
            clip = clip.to_up("-y")
        if self.num_frames > 1 and len(clip) > 1:
            clip = resample(clip, self)
            shape = shape if len(shape) < 1 else (*shape[:-1], len(clip))
        persons = [
            convert_keypoints(person, clip.skeleton, self._body)
            for person in clip.joints.double().numpy()
        ]
        whole = [p for p in persons if not np.isnan(p).any(axis=2).all(axis=0).any()]
        if isinstance(value, Clip) and 0 < len(whole) < len(persons):
            tell(self, f"only {len(whole)} of {len(persons)} persons have all joints in some frame")
            persons, shape = whole, (len(whole), *shape[1:])
        seen = np.stack([fill_unseen(person, self.skeleton.joints) for person in persons])
        x = torch.from_numpy(seen).float()  # the arithmetic of data sets, in single precision
        if by_image:
            size = checked_size(clip.image_size)
            check_pixels(seen, size)
            x = normalize_keypoints(x, *size)
        else:
            x = normalize_body(x)
        x = x.to(self.dtype)
        if self.num_frames > 1:
            around = torch.arange(self.num_frames) - self.num_frames // 2
            frames = torch.arange(x.size(1)).unsqueeze(1) + around
            x = x[:, frames.clamp(0, x.size(1) - 1)].transpose(2, 3)  # [M, T, V, F, 2]
        return Keypoints(x.flatten(0, 1), shape, clip.frame_rate)


class Keypoints(NamedTuple):
    """The input of a network for a clip."""

    x: Tensor
    """The normalized poses of all persons, ``[M * T, V, 2]`` or ``[M * T, V, F, 2]``."""
    shape: tuple[int, ...]
    """The leading dimensions of the output: ``(M, T)``, ``(T,)``, or none for one pose."""
    frame_rate: float | None
    """Frames per second, where it is known."""


def mirror_poses(poses: Tensor, skeleton: BodyGraph) -> Tensor:
    r"""Mirrors poses :math:`(N, V, *, C)`: the first channel changes its sign, left and right
    joints change places.
    """
    mirrored = poses[:, as_tree(skeleton, "mirroring poses").mirror_index]
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
