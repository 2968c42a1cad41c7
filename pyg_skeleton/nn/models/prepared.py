"""Preparations as part of exported networks."""

from collections.abc import Callable
from functools import singledispatch
from typing import Any

import torch
from torch import Tensor

from pyg_skeleton.camera import normalize_body
from pyg_skeleton.nn.models.export import PlainNetwork
from pyg_skeleton.nn.models.lifting.model import LiftingModel
from pyg_skeleton.nn.models.skeleton_model import SkeletonModel
from pyg_skeleton.skeleton import as_tree
from pyg_skeleton.transforms import (
    Center,
    CropResize,
    FirstSeenOrigin,
    FrameDraw,
    MinMaxNormalize,
    SelectPersons,
    Stream,
)
from pyg_skeleton.transforms.stream import ancestors


@singledispatch
def as_function(step: Any) -> Callable[[Tensor], Tensor]:
    r"""Returns a step of a preparation as a function of one clip :math:`(M, T, V, C)` that can be
    exported with any number of frames.

    Raises:
        TypeError: If there is none for this step.
    """
    raise TypeError(f"{step} cannot be part of an exported network")


@as_function.register
def _(step: FirstSeenOrigin) -> Callable[[Tensor], Tensor]:
    def move(x: Tensor) -> Tensor:
        there = _there(x)
        frame = there[:1].int().argmax(dim=1)
        origin = x[0, :, step.joint].index_select(0, frame)  # [1, C]
        return (x - origin) * there[..., None, None]

    return move


@as_function.register
def _(step: Center) -> Callable[[Tensor], Tensor]:
    persons = slice(None) if step.person is None else slice(step.person, step.person + 1)
    frames = {"each": slice(None), "first": slice(0, 1), "last": slice(-1, None)}[step.frame]
    return lambda x: x - x[persons, frames, step.joint].unsqueeze(2)


@as_function.register
def _(step: CropResize) -> Callable[[Tensor], Tensor]:
    if len(step.share) > 1:
        raise TypeError(f"{step} draws a part, which cannot be part of an exported network")

    def resize(x: Tensor) -> Tensor:
        frames = _count_frames(x)
        start = ((1 - step.share[0]) * frames / 2).floor()
        length = frames - 2 * start
        number = torch.arange(step.num_frames, device=x.device)
        ratio = length.float() / step.num_frames
        place = ((number + 0.5) * ratio - 0.5).clamp(min=0)
        before, first = place.floor().long(), start.long()
        after = torch.minimum(before + 1, length.long() - 1)
        share = place - before
        out = _mix(x, first + before, first + after, share.view(1, -1, 1, 1))
        if not step.skip_zeros:
            return out
        there = _mix(_there(x).float(), first + before, first + after, share)
        nearest = torch.minimum(((number + 0.5) * ratio).long(), length.long() - 1)
        mixed = ((there > 0) & (there < 1))[..., None, None]
        return torch.where(mixed, x.index_select(1, first + nearest), out)

    return resize


@as_function.register
def _(step: MinMaxNormalize) -> Callable[[Tensor], Tensor]:
    def scale(x: Tensor) -> Tensor:
        low, high = x.amin((0, 1, 2)), x.amax((0, 1, 2))
        half = (high - low) / 2
        return (x - (low + half)) / torch.where(half == 0, 1.0, half)

    return scale


@as_function.register
def _(step: FrameDraw) -> Callable[[Tensor], Tensor]:
    if step.random:
        raise TypeError(f"{step} draws frames, which cannot be part of an exported network")

    def draw(x: Tensor) -> Tensor:
        last, number = _count_frames(x) - 1, torch.arange(step.num_frames, device=x.device)
        place = number * (last / max(step.num_frames - 1, 1))
        at_end = number == max(step.num_frames - 1, 1)  # no rounding there
        return x.index_select(1, torch.where(at_end, last, place).long())

    return draw


@as_function.register
def _(step: Stream) -> Callable[[Tensor], Tensor]:
    start = torch.tensor(ancestors(step.skeleton, step.order, step.arguments["root"]))
    rootless = start < 0
    start = torch.where(rootless, torch.arange(len(start)), start)
    kept = (rootless & step.keep_rootless).float().unsqueeze(1)

    def stream(x: Tensor) -> Tensor:
        if step.stream.startswith("bone"):
            x = x - x.index_select(2, start.to(x.device)) * (1 - kept.to(x))
        if step.stream.endswith("motion"):
            x = torch.cat([x[:, 1:] - x[:, :-1], torch.zeros_like(x[:, :1])], dim=1)
        return x

    return stream


@as_function.register
def _(step: SelectPersons) -> Callable[[Tensor], Tensor]:
    return lambda x: x  # the network takes no more persons than are kept


class PreparedClip(PlainNetwork):
    r"""A network as a function of one raw clip, with its preparation.

    Args:
        model (SkeletonModel): The network.
        prepare (bool, optional): Whether the preparation is applied. (default: :obj:`True`)

    Shapes:
        - **input:** a clip as the training data have it, of the persons who are there,
          :math:`(M, T, V, C)`
        - **output:** that of :class:`PlainNetwork`, for one clip

    Raises:
        TypeError: If a step of the preparation cannot be part of an exported network.
    """

    def __init__(self, model: SkeletonModel, prepare: bool = True) -> None:
        super().__init__(model)
        chain = model.preparation.transforms if model.preparation and prepare else []
        self.steps = [as_function(step) for step in chain]

    def example(self, batch_size: int, frames: int) -> Tensor:
        """Returns a clip of random numbers; :obj:`batch_size` is one."""
        return super().example(1, frames).squeeze(0)

    def free_dims(self) -> dict[str, tuple[int, ...]]:
        """Returns the dimensions whose sizes an exported network leaves open: persons, frames."""
        return {"x": (0, 1) if self.num_persons > 1 else (1,)}

    def forward(self, x: Tensor) -> Any:
        """Returns the output of the network for a raw clip."""
        for step in self.steps:
            x = step(x)
        return super().forward(x.unsqueeze(0))


class PreparedPoses(PlainNetwork):
    r"""A network that lifts poses, from pixels to millimeters.

    Args:
        model (LiftingModel): The network.

    Shapes:
        - **input:** keypoints in pixels :math:`(N, V, 2)`, or :math:`(N, F, V, 2)` for :math:`F`
          frames; width and height of the picture :math:`(2)`
        - **output:** poses in millimeters around the root :math:`(N, V, 3)`

    Raises:
        TypeError: If the network reads or predicts something else.
    """

    def __init__(self, model: LiftingModel) -> None:
        super().__init__(model)
        if model.in_channels != 2 or model.target_space != "root-relative":
            raise TypeError(
                f"expected a network from keypoints to 'root-relative' poses, this one reads "
                f"{model.in_channels} channels and predicts {model.target_space!r} poses"
            )
        self.by_image = model.input_space == "image"
        self.root = as_tree(model.skeleton, "PreparedPoses").root

    def example(self, batch_size: int, frames: int) -> Tensor:
        """Returns keypoints of random numbers."""
        return 500 * super().example(batch_size, frames)

    def inputs(self, batch_size: int, frames: int) -> dict[str, Tensor]:
        """Returns random keypoints and the size of a picture, by name."""
        x = self.example(batch_size, frames)
        return {"x": x, "image_size": x.new_tensor([640.0, 480.0])}

    def forward(self, x: Tensor, image_size: Tensor) -> Any:  # type: ignore[override]
        """Returns poses for keypoints."""
        if self.by_image:
            width = image_size[0]
            corner = torch.stack([torch.ones_like(width), image_size[1] / width])
            x = x * (2 / width) - corner
        else:
            x = normalize_body(x)
        pose = super().forward(x)
        return 1000 * (pose - pose[:, self.root : self.root + 1])


def _there(x: Tensor) -> Tensor:
    """The frames in which each person has a joint that is not zero, ``[M, T]``."""
    return (x != 0).flatten(2).any(dim=2)


def _count_frames(x: Tensor) -> Tensor:
    """The number of frames as a tensor, in double precision as Python's numbers."""
    return torch.ones_like(x[0, :, 0, 0], dtype=torch.double).sum()


def _mix(x: Tensor, before: Tensor, after: Tensor, share: Tensor) -> Tensor:
    """Frames between frames."""
    return torch.lerp(x.index_select(1, before), x.index_select(1, after), share.to(x))
