"""Chains of transforms that prepare clips as published pipelines do."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from torch_geometric.transforms import BaseTransform, Compose

from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms.align_shoulders import AlignShoulders, TurnSign
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.center import Center
from pyg_skeleton.transforms.center_2d import Center2D
from pyg_skeleton.transforms.crop_resize import CropResize
from pyg_skeleton.transforms.duplicate_person import DuplicatePerson
from pyg_skeleton.transforms.first_seen_origin import FirstSeenOrigin
from pyg_skeleton.transforms.frame_draw import FrameDraw
from pyg_skeleton.transforms.info_gcn_align import InfoGCNAlign
from pyg_skeleton.transforms.min_max_normalize import MinMaxNormalize
from pyg_skeleton.transforms.nw_ucla_view import NWUCLAView
from pyg_skeleton.transforms.pad_frames import PadFrames
from pyg_skeleton.transforms.pre_normalize import AGCNPreNormalize, PreNormalize3D
from pyg_skeleton.transforms.pre_normalize_2d import PreNormalize2D
from pyg_skeleton.transforms.random_move import RandomMove
from pyg_skeleton.transforms.random_rotation import RandomRotation
from pyg_skeleton.transforms.select_persons import SelectPersons
from pyg_skeleton.transforms.stream import Stream, StreamName
from pyg_skeleton.transforms.temporal_crop import TemporalCrop
from pyg_skeleton.transforms.uniform_sample import UniformSample

#: The pipelines with a preparation of NTU RGB+D.
Pipeline = Literal["ctrgcn", "infogcn", "agcn", "stgcn", "pyskl"]
#: The largest angle about each axis in CTR-GCN's chain, 0.3 in radians.
_TURN = math.degrees(0.3)


class Chain(SkeletonTransform, Compose):
    """Composes transforms, and copies the clip once instead of once per transform.

    Args:
        transforms (list): The transforms.
    """

    def __init__(self, transforms: Sequence[BaseTransform]) -> None:
        self.transforms = list(transforms)

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The transforms as they are now."""
        return {"transforms": self.transforms}

    def forward(self, data: Any) -> Any:
        """Applies the transforms in their order."""
        for transform in self.transforms:
            data = transform.forward(data)
        return data

    def __repr__(self) -> str:
        return Compose.__repr__(self)


def ctrgcn_nw_ucla(train: bool, stream: StreamName = "joint", num_frames: int = 52) -> Chain:
    r"""The chain of CTR-GCN's code for NW-UCLA: moves the second joint of the first frame to the
    origin, takes a random view (in training), scales all coordinates to :math:`[-1, 1]`, draws a
    fixed number of frames, and computes the stream.

    Args:
        train (bool): Whether the view and the frames are random.
        stream (str, optional): See :class:`Stream`. (default: :obj:`"joint"`)
        num_frames (int, optional): The number of frames. (default: :obj:`52`)
    """
    steps: list[BaseTransform] = [Center(joint=1, frame="first", person=0)]
    if train:
        steps.append(NWUCLAView())
    steps += [MinMaxNormalize(), FrameDraw(num_frames, random=train)]
    return Chain([*steps, *_stream(stream, "kinect20")])


def ctrgcn_ntu(
    train: bool, stream: StreamName = "joint", num_frames: int = 64, duplicate: bool = False
) -> Chain:
    r"""The chain of CTR-GCN's code for NTU: moves the spine to the origin, crops a random part of
    50 to 100 percent (in the test the middle 95) and resizes it, rotates by up to 0.3 about each
    axis (in training), and computes the stream.

    Args:
        train (bool): Whether the part and the rotation are random.
        stream (str, optional): See :class:`Stream`. (default: :obj:`"joint"`)
        num_frames (int, optional): The number of frames. (default: :obj:`64`)
        duplicate (bool, optional): Whether to duplicate the person of a clip with only one, as on
            NTU 120. (default: :obj:`False`)
    """
    steps: list[BaseTransform] = [FirstSeenOrigin()]
    if duplicate:
        steps.append(DuplicatePerson())
    return Chain([*steps, *_crop_and_turn(train, num_frames), *_stream(stream, "ntu25")])


def infogcn_ntu(train: bool, stream: StreamName = "joint", num_frames: int = 64) -> Chain:
    r"""The chain of InfoGCN's code for NTU: :func:`ctrgcn_ntu`, with each person aligned first.
    InfoGCN itself computes bones in the network.

    Args:
        train (bool): Whether the part and the rotation are random.
        stream (str, optional): See :class:`Stream`. (default: :obj:`"joint"`)
        num_frames (int, optional): The number of frames. (default: :obj:`64`)
    """
    steps: list[BaseTransform] = [FirstSeenOrigin(), InfoGCNAlign()]
    return Chain([*steps, *_crop_and_turn(train, num_frames), *_stream(stream, "ntu25")])


def agcn_ntu(stream: StreamName = "joint", num_frames: int = 300) -> Chain:
    r"""The chain of 2s-AGCN's code for NTU: loops clips to a fixed length, pre-normalizes them, and
    computes the stream. It is deterministic.

    Args:
        stream (str, optional): See :class:`Stream`. (default: :obj:`"joint"`)
        num_frames (int, optional): The number of frames. (default: :obj:`300`)
    """
    return Chain([PadFrames(num_frames), AGCNPreNormalize(), *_stream(stream, "ntu25")])


def stgcn_ntu(num_frames: int = 300) -> Chain:
    r"""The chain of ST-GCN's code for NTU: pads clips with empty frames to a fixed length.

    Args:
        num_frames (int, optional): The number of frames. (default: :obj:`300`)
    """
    return Chain([PadFrames(num_frames, mode="zero")])


def stgcn_kinetics(train: bool, num_frames: int | None = None) -> Chain:
    r"""The chain of ST-GCN's code for Kinetics-Skeleton: a random window of 150 frames and a random
    move in training, all 300 frames in the test. Shorter clips are padded with empty frames.

    Args:
        train (bool): Whether window and move are random.
        num_frames (int, optional): The number of frames, 150 in training and 300 in the test if
            :obj:`None`. (default: :obj:`None`)
    """
    if num_frames is None:
        num_frames = 150 if train else 300
    if not train:
        return Chain([PadFrames(num_frames, mode="zero")])
    longest = PadFrames(max(num_frames, 300), mode="zero")
    return Chain([longest, TemporalCrop(num_frames), RandomMove()])


def pyskl_ntu(
    train: bool,
    stream: StreamName = "joint",
    num_frames: int = 100,
    test_clip: int = 0,
    num_clips: int = 1,
) -> Chain:
    r"""The chain of pyskl for skeletons in space: keeps at most two persons, pre-normalizes them,
    computes the stream (before sampling, unlike the other pipelines), and samples frames.

    Args:
        train (bool): Whether the frames are random.
        stream (str, optional): See :class:`Stream`. (default: :obj:`"joint"`)
        num_frames (int, optional): The number of frames. (default: :obj:`100`)
        test_clip (int, optional): The number of the sample in a test, see :class:`UniformSample`.
            (default: :obj:`0`)
        num_clips (int, optional): The number of samples in a test, 10 in pyskl.
            (default: :obj:`1`)
    """
    sample = UniformSample(num_frames, None if train else test_clip, num_clips)
    return Chain([SelectPersons(2), PreNormalize3D(), *_stream(stream, "ntu25"), sample])


def pyskl_2d(
    train: bool,
    stream: StreamName = "joint",
    num_frames: int = 100,
    test_clip: int = 0,
    num_clips: int = 1,
    skeleton: Skeleton | str = "coco17",
) -> Chain:
    r"""The chain of pyskl for skeletons in pictures: :func:`pyskl_ntu`, with pixels scaled by the
    size of the picture.

    Args:
        train (bool): Whether the frames are random.
        stream (str, optional): See :class:`Stream`. (default: :obj:`"joint"`)
        num_frames (int, optional): The number of frames. (default: :obj:`100`)
        test_clip (int, optional): The number of the sample in a test, see :class:`UniformSample`.
            (default: :obj:`0`)
        num_clips (int, optional): The number of samples in a test, 10 in pyskl.
            (default: :obj:`1`)
        skeleton (Skeleton or str, optional): The layout. (default: :obj:`"coco17"`)
    """
    sample = UniformSample(num_frames, None if train else test_clip, num_clips)
    return Chain([SelectPersons(2), PreNormalize2D(), *_stream(stream, skeleton), sample])


def ntu_chain(
    train: bool,
    stream: StreamName = "joint",
    num_frames: int = 64,
    pipeline: Pipeline = "ctrgcn",
    duplicate: bool = False,
) -> Chain:
    r"""The chain of a pipeline for NTU, by its name.

    Args:
        train (bool): Whether clips are augmented at random.
        stream (str, optional): See :class:`Stream`. ST-GCN itself uses joints only.
            (default: :obj:`"joint"`)
        num_frames (int, optional): The number of frames. (default: :obj:`64`)
        pipeline (str, optional): :obj:`"ctrgcn"`, :obj:`"infogcn"`, :obj:`"agcn"`, :obj:`"stgcn"`
            or :obj:`"pyskl"`. (default: :obj:`"ctrgcn"`)
        duplicate (bool, optional): See :func:`ctrgcn_ntu`. (default: :obj:`False`)

    Raises:
        ValueError: If the pipeline is unknown.
    """
    if pipeline == "ctrgcn":
        return ctrgcn_ntu(train, stream, num_frames, duplicate)
    if pipeline == "infogcn":
        return infogcn_ntu(train, stream, num_frames)
    if pipeline == "agcn":
        return agcn_ntu(stream, num_frames)
    if pipeline == "stgcn":
        return Chain([*stgcn_ntu(num_frames).transforms, *_stream(stream, "ntu25")])
    if pipeline == "pyskl":
        return pyskl_ntu(train, stream, num_frames)
    raise ValueError(f"pipeline must be one of {', '.join(get_args(Pipeline))}, got {pipeline!r}")


def kinetics_chain(train: bool, stream: StreamName = "joint", num_frames: int = 150) -> Chain:
    r"""The chain :func:`stgcn_kinetics` and the stream; a test sees all 300 frames.

    Args:
        train (bool): Whether window and move are random.
        stream (str, optional): See :class:`Stream`. (default: :obj:`"joint"`)
        num_frames (int, optional): The number of frames of a training clip. (default: :obj:`150`)
    """
    steps = stgcn_kinetics(train, num_frames if train else max(num_frames, 300)).transforms
    return Chain([*steps, *_stream(stream, "openpose18")])


def any_layout(
    skeleton: Skeleton,
    train: bool,
    stream: StreamName = "joint",
    num_frames: int = 64,
    channels: int = 3,
    num_persons: int | None = None,
    align: bool = False,
) -> Chain:
    r"""CTR-GCN's chain for NTU, for any layout: moves the root to the origin, crops a part of the
    clip and resizes it, rotates by up to 17 degrees (in training, for joints in space), and
    computes the stream.

    Unlike on NTU, whose clips are longer, a random part may be as short as 16 frames, and frames
    without a person are not mixed with others.

    Args:
        skeleton (Skeleton): The layout.
        train (bool): Whether the part and the rotation are random.
        stream (str, optional): See :class:`Stream`. (default: :obj:`"joint"`)
        num_frames (int, optional): The number of frames. (default: :obj:`64`)
        channels (int, optional): The number of channels; with 3 a joint is in space.
            (default: :obj:`3`)
        num_persons (int, optional): The largest number of persons; of more, those who move most
            are kept. (default: all)
        align (bool, optional): Whether to turn each person about the vertical axis, such that all
            face the same way in the first frame. (default: :obj:`False`)
    """
    steps: list[BaseTransform] = []
    if num_persons is not None:
        steps.append(SelectPersons(num_persons, by="motion"))
    steps.append(FirstSeenOrigin(skeleton.root))
    share = (0.5, 1.0) if train else 0.95
    steps.append(CropResize(num_frames, share, min_frames=16, skip_zeros=True))
    if align:
        left, right = (skeleton.joint_id(f"{side}_shoulder") for side in ("left", "right"))
        steps.append(AlignShoulders(left, right, frame="first"))
    if train and channels == 3:
        steps.append(RandomRotation(17))
    return Chain([*steps, *_stream(stream, skeleton)])


def codt_chain(skeleton: Skeleton | str, num_frames: int = 50, sign: TurnSign = "frame") -> Chain:
    r"""The chain of CoDT, which is that of CrosSCLR: moves the base of the neck of every person to
    the origin in every frame, resizes to a fixed number of frames, and turns all persons to face
    the same way. It is deterministic.

    The base of the neck is the first of `spine_shoulder`, `neck` and `thorax` in the layout.

    Args:
        skeleton (Skeleton or str): The layout of the clips, in three dimensions with y up.
        num_frames (int, optional): The number of frames. (default: :obj:`50`)
        sign (str, optional): See :class:`AlignShoulders`; :obj:`"clip"` in the authors' code.
            (default: :obj:`"frame"`)

    Raises:
        ValueError: If the layout has no such joint, or lacks a shoulder.
    """
    skeleton = Skeleton.get(skeleton) if isinstance(skeleton, str) else skeleton
    bases = [name for name in ("spine_shoulder", "neck", "thorax") if name in skeleton.joints]
    if not bases:
        raise ValueError(f"{skeleton.name!r} has none of spine_shoulder, neck and thorax")
    left, right = (skeleton.joint_id(f"{side}_shoulder") for side in ("left", "right"))
    return Chain(
        [
            Center(skeleton.joint_id(bases[0])),
            CropResize(num_frames, 1.0),
            AlignShoulders(left, right, sign),
        ]
    )


def codt_chain_2d(
    skeleton: Skeleton | str,
    num_frames: int = 50,
    unit: str = "pixel",
    image_size: tuple[int, int] = (1920, 1080),
) -> Chain:
    r"""The counterpart of :func:`codt_chain` for poses in pictures: moves the neck, or the middle
    of the shoulders, of every person to the origin in every frame, measures in heights of the
    picture, and resizes to a fixed number of frames. CoDT's own preparation of such poses is not
    published.

    Args:
        skeleton (Skeleton or str): The layout of the clips.
        num_frames (int, optional): The number of frames. (default: :obj:`50`)
        unit (str, optional): See :class:`Center2D`. (default: :obj:`"pixel"`)
        image_size (tuple of int, optional): See :class:`Center2D`. (default: :obj:`(1920, 1080)`)

    Raises:
        ValueError: If the layout has neither a neck nor both shoulders.
    """
    skeleton = Skeleton.get(skeleton) if isinstance(skeleton, str) else skeleton
    for names in (["neck"], ["left_shoulder", "right_shoulder"]):
        if set(names) <= set(skeleton.joints):
            joints = [skeleton.joint_id(name) for name in names]
            return Chain([Center2D(joints, unit, image_size), CropResize(num_frames, 1.0)])
    raise ValueError(f"{skeleton.name!r} has neither a neck nor both shoulders")


def _crop_and_turn(train: bool, num_frames: int) -> list[BaseTransform]:
    if not train:
        return [CropResize(num_frames, 0.95)]
    return [CropResize(num_frames, (0.5, 1.0)), RandomRotation(_TURN)]


def _stream(stream: StreamName, skeleton: Skeleton | str) -> list[BaseTransform]:
    return [] if stream == "joint" else [Stream(stream, skeleton)]
