"""From what users give to :meth:`predict` to clips as a network was trained on."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch_geometric.data import Data

from pyg_skeleton.data.clip import METERS, Clip
from pyg_skeleton.skeleton import BodyGraph, Skeleton, SkeletonLike, list_skeletons
from pyg_skeleton.skeleton.plausible import LARGEST, warn_if_disordered
from pyg_skeleton.transforms.select_persons import SelectPersons

#: The units of joints in pictures, which have a score as third channel.
PLANAR = ("px", "normalized")


def prepare(
    value: Any,
    model: Any,
    layout: SkeletonLike | None = None,
    image_size: Any = None,
    unit: Any = None,
    frame_rate: float | None = None,
    num_persons: int | None = None,
) -> Data:
    r"""Returns the input of a network for a clip of the user.

    Persons who are zero throughout are left out, and so are the frames at the end in which
    everybody is. The clip is brought to the layout, unit, upward axis and frame rate of the
    training data, each with one line that says so; then the network's preparation is applied.

    A data object is taken as a data set has it: nothing is left out.

    Args:
        value (numpy.ndarray, torch.Tensor, SkeletonData or Clip): See :func:`read_clip`.
        model (SkeletonModel): The network.
        layout (Skeleton or str, optional): The layout of an array. (default: the network's)
        image_size (tuple[int, int], optional): Width and height of the picture in pixels, where the
            clip does not say. (default: :obj:`None`)
        unit (str, optional): The unit, where the clip does not say. (default: the network's)
        frame_rate (float, optional): Frames per second, where the clip does not say.
            (default: the network's)
        num_persons (int, optional): The largest number of persons. (default: :obj:`None`)

    Raises:
        ValueError: With what came and what was expected.
    """
    data = standardize(value, model, layout, image_size, unit, frame_rate, num_persons)
    if model.preparation is not None:
        data = model.preparation(data)
    data.x = data.x.to(model.dtype)
    return data


def standardize(
    value: Any,
    model: Any,
    layout: SkeletonLike | None = None,
    image_size: Any = None,
    unit: Any = None,
    frame_rate: float | None = None,
    num_persons: int | None = None,
) -> Data:
    """Returns a clip of the user as the training data are before the network's preparation, see
    :func:`prepare`.
    """
    source = joints_as_layout(model.skeleton) if layout is None else Skeleton.of(layout)
    channels = None if model.preparation or model.unit in PLANAR else model.in_channels
    given = read_clip(value, source, image_size, unit, frame_rate, channels)
    is_data = isinstance(value, Data)
    kept = given if is_data else select_persons(trim(given), model, num_persons)
    clip = convert(kept, model)
    if is_data and clip is given:
        data, x = value.clone(), given.joints
    else:
        if model.unit == "px" and clip.image_size is None:
            raise ValueError("joints are in 'px', expected image_size=(width, height)")
        x = joints_of(clip, model, fill=isinstance(value, Clip))
        data = model.skeleton.to_data(x.transpose(1, 2))
        if clip.image_size is not None:
            data.image_size = torch.tensor([clip.image_size])
    if x.size(1) < 2:
        raise ValueError(f"expected a clip of 2 frames or more, got {x.size(1)}")
    check_size(x, model.body_size)
    if model.unit in METERS and isinstance(model.skeleton, Skeleton):
        check_order(x, model)
    return data


def is_several(clips: Any) -> bool:
    """Returns :obj:`True` for a list of clips; nested lists of numbers are one clip."""
    return isinstance(clips, (list, tuple)) and not (clips and isinstance(clips[0], (list, tuple)))


def as_list(clips: Any) -> list[Any]:
    """Returns several clips as a list, one clip as the only one of a list.

    Raises:
        ValueError: If there is none.
    """
    items = list(clips) if is_several(clips) else [clips]
    if not items:
        raise ValueError("expected at least one clip, got an empty list")
    return items


def read_clip(
    value: Any,
    skeleton: Skeleton,
    image_size: Any = None,
    unit: Any = None,
    frame_rate: float | None = None,
    channels: int | None = None,
) -> Clip:
    r"""Returns what a user gives as a clip.

    Args:
        value (numpy.ndarray, torch.Tensor, SkeletonData or Clip): An array is :math:`(T, V, C)`, or
            :math:`(M, T, V, C)` for :math:`M` persons.
        skeleton (Skeleton): The layout of an array.
        image_size (tuple[int, int], optional): The size of the picture, where the clip does not
            say. (default: :obj:`None`)
        unit (str, optional): The unit, where the clip does not say. (default: :obj:`None`)
        frame_rate (float, optional): Frames per second, where the clip does not say.
            (default: :obj:`None`)
        channels (int, optional): The number of channels, where it is fixed.
            (default: :obj:`None`)

    Raises:
        ValueError: If the shape is another, or a value of an array is not finite.
    """
    if isinstance(value, Clip):
        return value.replace(
            unit=value.unit or unit,
            frame_rate=value.frame_rate or frame_rate,
            image_size=value.image_size or image_size,
        )
    if isinstance(value, Data):
        skeleton = layout_of(value, skeleton)
        x, size = value.x.detach().cpu(), getattr(value, "image_size", None)
        if x.dim() != 3 or x.size(0) % skeleton.num_joints:
            raise ValueError(
                f"expected x of shape [M * {skeleton.num_joints}, T, C], got {list(x.shape)}"
            )
        x = x.view(-1, skeleton.num_joints, *x.shape[1:]).transpose(1, 2)
        image_size = image_size if size is None else tuple(size.view(-1).tolist())
    else:
        x = value.detach().cpu() if isinstance(value, Tensor) else torch.as_tensor(_numbers(value))
        V, C = skeleton.num_joints, "C" if channels is None else channels
        wrong = x.dim() not in (3, 4) or x.size(-2) != V or x.numel() == 0
        if wrong or (channels is not None and x.size(-1) != channels):
            raise ValueError(
                f"expected frames of shape (T, {V}, {C}) or (M, T, {V}, {C}) for skeleton "
                f"{skeleton.name!r}, got {tuple(x.shape)}"
            )
    finite = x.abs() <= LARGEST
    if not bool(finite.all()):
        place = tuple((~finite).nonzero()[0].tolist())
        raise ValueError(f"expected finite joints, got {float(x[place])} at {list(place)}")
    x = x.reshape(-1, *x.shape[-3:]).float()
    return Clip(x, skeleton, frame_rate, unit=unit, image_size=image_size)


def trim(clip: Clip) -> Clip:
    """Leaves out the persons who are never there, and the frames at the end without a person. A
    person is not there in a frame if all joints are zero or missing; they are missing then.

    Raises:
        ValueError: If no person is ever there.
    """
    there = (clip.joints.nan_to_num() != 0).flatten(2).any(dim=2)  # [M, T]
    if not bool(there.any()):
        raise ValueError("expected joints, all are zero or missing")
    joints = clip.joints.masked_fill(~there[..., None, None], torch.nan)
    names = [name for name, seen in zip(clip.persons, there.any(1).tolist(), strict=True) if seen]
    last = int(there.any(dim=0).nonzero().max())
    return clip.replace(joints=joints).select_persons(names)[: last + 1]


def select_persons(clip: Clip, model: Any, num_persons: int | None) -> Clip:
    """Leaves out persons if there are more than a network takes, and says so: those that the
    detector is least sure of, or those who move least, unless the preparation selects persons.
    """
    steps = [] if model.preparation is None else model.preparation.transforms
    selects = any(isinstance(step, SelectPersons) for step in steps)
    if num_persons is None or clip.num_persons <= num_persons:
        return clip
    if clip.confidence is not None:
        rank, kind = clip.confidence.sum((1, 2)), "whom the detector is most sure of"
    elif selects:
        return clip
    else:
        deviation = clip.joints - clip.joints.nanmean(1, keepdim=True)
        rank, kind = deviation.square().nanmean(1).nansum((1, 2)), "who move most"
    best = rank.argsort(descending=True, stable=True)[:num_persons].sort().values
    tell(model, f"of {clip.num_persons} persons, only the {num_persons} {kind} are taken")
    return clip.select_persons([clip.persons[row] for row in best.tolist()])


def convert(clip: Clip, model: Any) -> Clip:
    """Brings a clip to the layout, unit, upward axis and frame rate of the training data, as far as
    both are known; each change is told once.

    Raises:
        ValueError: If there is no way to do so.
    """
    before, after = clip.skeleton, model.skeleton
    if before.joints != after.joints:
        converter = after.converter_from(before)
        if converter.missing:
            raise ValueError(
                f"clips of {before.name!r} lack joints of {after.name!r}: "
                f"{', '.join(converter.missing)}"
            )
        made = ", ".join(f"{name} = {rule}" for name, rule in converter.derived.items())
        clip = clip.to_layout(joints_as_layout(after))
        tell(
            model,
            f"joints of {before.name!r} taken as those of {after.name!r} by name"
            + (f"; {made}" if made else ""),
        )
    if clip.unit and model.unit and clip.unit != model.unit:
        if model.unit == "rad":
            raise ValueError(f"expected axis-angle vectors, got positions in {clip.unit!r}")
        if clip.unit in PLANAR and clip.image_size is None:
            raise ValueError(f"joints are in {clip.unit!r}, expected image_size=(width, height)")
        unit, clip = clip.unit, clip.to_unit(model.unit)
        tell(model, f"joints converted from {unit!r} to {model.unit!r}, as in training")
    if clip.up and model.up and clip.up != model.up:
        up, clip = clip.up, clip.to_up(model.up)
        tell(model, f"joints turned from {up!r} upwards to {model.up!r}, as in training")
    return resample(clip, model)


def resample(clip: Clip, model: Any) -> Clip:
    """Brings a clip to the frame rate of the training data, if both are known and differ by more
    than one percent.
    """
    own, wanted = clip.frame_rate, model.frame_rate
    if not own or not wanted or abs(own / wanted - 1) <= 0.01:
        return clip
    tell(model, f"frames resampled from {own:g} to {wanted:g} per second, as in training")
    absent = (clip.joints == 0).flatten(2).all(dim=2)
    joints = clip.joints.masked_fill(absent[..., None, None], torch.nan)
    return clip.replace(joints=joints).resample(wanted)


def joints_of(clip: Clip, model: Any, fill: bool = False) -> Tensor:
    r"""Returns the joints as data sets have them, :math:`(M, T, V, C)`: persons who are not there
    are zero; a joint that is missing is put where it is between the frames that have it. Joints in
    pictures have a score as third channel, and are zero where they are missing.

    Args:
        clip (Clip): The clip, with the layout of the network.
        model (SkeletonModel): The network.
        fill (bool, optional): Whether frames without any person are filled, too.
            (default: :obj:`False`)

    Raises:
        ValueError: If no frame has a joint.
    """
    x, visible = clip.joints, clip.visible
    if model.unit in PLANAR:
        if model.unit == clip.unit == "normalized":  # from the middle, as in Kinetics-Skeleton
            x = torch.cat([x[..., :2] - 0.5, x[..., 2:]], dim=-1)
        if x.size(-1) == 2:
            score = visible.float() if clip.confidence is None else clip.confidence
            x = torch.cat([x, score.unsqueeze(-1)], dim=-1)
        return x.masked_fill(~visible.unsqueeze(-1), 0.0)
    there = visible.any(dim=2)
    there = there | ~there.any(dim=0) if fill else there
    persons = []
    for joints, seen in zip(x, there, strict=True):
        if bool(joints[seen].isnan().any()):
            joints = torch.from_numpy(fill_unseen(joints.numpy(), clip.skeleton.joints))
        persons.append(joints)
    return torch.stack(persons).masked_fill(~there[..., None, None], 0.0)


def fill_unseen(joints: NDArray[Any], names: tuple[str, ...]) -> NDArray[Any]:
    r"""Interpolates joints that were not seen in a frame (NaN) over time; before the first frame
    with a joint, and after the last one, it stays where it is in that.

    Args:
        joints (numpy.ndarray): The joints of one person, :math:`(T, V, C)`.
        names (tuple of str): The names of the joints.

    Raises:
        ValueError: If a joint was seen in no frame.
    """
    gone = np.logical_or.reduce(np.isnan(joints), axis=-1)
    never = [name for joint, name in enumerate(names) if gone[:, joint].all()]
    if never:
        frames = f"any of {len(joints)} frames" if len(joints) > 1 else "the pose"
        raise ValueError(f"not seen in {frames}: {', '.join(never)}")
    out = joints.copy()
    time = np.arange(len(joints))
    for joint in np.flatnonzero(gone.any(0)):
        seen = ~gone[:, joint]
        for axis in range(joints.shape[-1]):
            out[:, joint, axis] = np.interp(time, time[seen], joints[seen, joint, axis])
    return out


def pose_table(poses: Any, joints: tuple[str, ...]) -> pd.DataFrame:
    """Returns a row for each clip, person, frame and joint: clip, person, frame, joint, x, y, z.

    Args:
        poses (numpy.ndarray or list of them): :math:`(T, V, 3)`, or :math:`(M, T, V, 3)` of several
            persons.
        joints (tuple of str): The names of the joints.
    """
    names, tables = ["clip", "person", "frame", "joint"], []
    for clip, array in enumerate(poses if isinstance(poses, list) else [poses]):
        persons = array.reshape(-1, *array.shape[-3:]) if array.ndim > 2 else array[None, None]
        rows = [[clip], range(len(persons)), range(persons.shape[1]), joints]
        index = pd.MultiIndex.from_product(rows, names=names)
        tables.append(pd.DataFrame(persons.reshape(-1, 3), index, ["x", "y", "z"]).reset_index())
    return pd.concat(tables, ignore_index=True)


def body_size(x: Tensor) -> float:
    r"""The median over persons and frames of the length from corner to corner of the box around a
    body, of joints :math:`(M, T, V, C)`; frames without joints do not count.
    """
    seen = (x != 0).flatten(2).any(dim=2)
    box = (x.amax(dim=2) - x.amin(dim=2)).norm(dim=-1)[seen]
    return float(box.median()) if box.numel() else 0.0


def check_size(x: Tensor, expected: float | None) -> None:
    """Refuses joints in other units than those of the training data.

    Args:
        x (torch.Tensor): The joints, :math:`(M, T, V, C)`.
        expected (float, optional): The :func:`body_size` of the training data, where it is known.

    Raises:
        ValueError: If bodies are 30 times larger or smaller.
    """
    size = body_size(x)
    if expected and not expected / 30 < size < expected * 30:
        raise ValueError(
            f"expected bodies of about {expected:.3g} units from corner to corner, as in training, "
            f"got {size:,.4g}; are these other units, such as millimeters instead of meters? "
            f"unit=... names them"
        )


def check_order(x: Tensor, model: Any) -> None:
    r"""Warns once per network if joints seem to be in another order than the layout has them, see
    :func:`~pyg_skeleton.skeleton.plausible.warn_if_disordered`.

    Args:
        x (torch.Tensor): The joints, :math:`(M, T, V, C)`.
        model (SkeletonModel): The network.
    """
    told: set[str] = model.__dict__.setdefault("_told", set())
    if "order" not in told and warn_if_disordered(x.transpose(1, 2), model.skeleton):
        told.add("order")


def tell(model: Any, text: str) -> None:
    """Warns, but once per network and text."""
    told: set[str] = model.__dict__.setdefault("_told", set())
    if text not in told:
        told.add(text)
        warnings.warn(text, stacklevel=3)


def check_answer(output: Any, model: torch.nn.Module) -> None:
    """Refuses an answer that holds NaN or infinity, as half precision may yield.

    Args:
        output (torch.Tensor or tuple): The output of a network.
        model (SkeletonModel): The network.

    Raises:
        ValueError: If a tensor of the output is not finite.
    """
    parts = [output] if isinstance(output, Tensor) else output
    if not all(bool(part.isfinite().all()) for part in parts if isinstance(part, Tensor)):
        dtype = str(next(model.parameters()).dtype).removeprefix("torch.")
        raise ValueError(
            f"the output of this {type(model).__name__} in {dtype} is not finite"
            + ("; try model.float()" if dtype in ("float16", "bfloat16") else "")
        )


def warn_if_untrained(model: torch.nn.Module) -> None:
    """Warns once per network if its weights seem to be random: no norm has seen a batch."""
    norms = [m for m in model.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
    fresh = all(not n.running_mean.any() and bool((n.running_var == 1).all()) for n in norms)  # type: ignore[union-attr]
    if norms and fresh:
        name = type(model).__name__
        tell(model, f"this {name} has random weights; load trained ones with {name}.load(path)")


def joints_as_layout(graph: BodyGraph) -> Skeleton:
    """A layout with the joints of any graph, as clips have one; nothing reads its bones."""
    if isinstance(graph, Skeleton):
        return graph
    V = graph.num_joints
    bones = [(joint, 0) for joint in range(1, V)]
    return Skeleton(graph.name, graph.joints, bones=bones, root=0, parts={"all": range(V)})


def layout_of(data: Data, skeleton: Skeleton) -> Skeleton:
    """The layout that a data object names, or a given one."""
    name = getattr(data, "skeleton", None)
    if not isinstance(name, str) or name == skeleton.name:
        return skeleton
    if name not in list_skeletons():
        raise ValueError(
            f"expected data of skeleton {skeleton.name!r}, got {name!r}, which is no known layout; "
            f"layout=... names it"
        )
    return Skeleton.get(name)


def _numbers(value: Any) -> NDArray[np.float64]:
    try:
        return np.array(value, dtype=np.float64)  # a copy, as PyTorch needs one to write into
    except (TypeError, ValueError):
        raise ValueError(
            f"expected an array, SkeletonData or Clip, got {type(value).__name__}"
        ) from None
