"""2-D detections of a user as the joints of a network."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch_geometric.data import Data

from pyg_skeleton.data.clip import Clip
from pyg_skeleton.nn.models.inputs import layout_of
from pyg_skeleton.skeleton import BodyGraph, Skeleton
from pyg_skeleton.skeleton.joint_names import common_names
from pyg_skeleton.skeleton.plausible import check_image_size

# Joints near the middle of the skull, best first; detectors have no top of the head.
_SKULL = (("left_ear", "right_ear"), ("left_eye", "right_eye"), ("nose",))


def convert_keypoints(
    keypoints: NDArray[np.float64], source: Skeleton, target: Skeleton
) -> NDArray[np.float64]:
    r"""Converts 2-D keypoints to the joints of another layout, by name.

    Common joints are copied. Of the others, the pelvis is the middle of the hips, the neck and the
    thorax are the middle of the shoulders, the spine is the middle of pelvis and thorax (see
    :class:`~pyg_skeleton.skeleton.JointConverter`). The top of the head lies half as far again
    beyond the middle of the ears as that lies from the neck; an ear that was not seen is assumed
    at the other one; without ears the eyes serve, then the nose. Human3.6M's Neck/Nose
    (:obj:`head` beside :obj:`head_top`) is the middle of thorax and top of the head.

    Args:
        keypoints (numpy.ndarray): The keypoints; NaN where a joint was not seen.
        source (Skeleton): Their layout.
        target (Skeleton): The layout to convert to.

    Shapes:
        - **keypoints:** :math:`(T, V, 2)`
        - **output:** :math:`(T, V', 2)`

    Raises:
        ValueError: If a joint can be neither copied nor derived; the message has their names.
    """
    rules = {}
    graph: BodyGraph = source
    if "head_top" in target.joints and "head_top" not in source.joints:
        keypoints, graph = _with_head_top(keypoints, source)
    if {"head", "head_top"} <= set(target.joints):
        rules["head"] = [["thorax", "head_top"]]
    converter = target.converter_from(graph, rules)
    if converter.missing:
        raise ValueError(
            f"{source.name!r} keypoints lack what {target.name!r} needs: "
            f"{', '.join(converter.missing)} (neither there nor derivable from "
            f"{', '.join(source.joints)})"
        )
    converted: NDArray[np.float64] = converter(keypoints, dim=1)
    return converted


def _with_head_top(
    keypoints: NDArray[np.float64], source: Skeleton
) -> tuple[NDArray[np.float64], BodyGraph]:
    """Adds the top of the head, where it can be derived."""
    base = Skeleton.get("h36m17").converter_from(source)
    own = common_names(source.joints)
    known = [[n for n in names if n in own] for names in _SKULL]
    known = [names for names in known if names]
    if "thorax" in base.missing or not known:
        return keypoints, source
    skull = np.full_like(keypoints[:, 0], np.nan)
    for names in known:
        points = [keypoints[:, own.index(name)] for name in names]
        for point in (sum(points) / len(points), *points):
            skull = np.where(np.isnan(skull), point, skull)
    thorax = base(keypoints, dim=1, fill=np.nan)[:, Skeleton.get("h36m17").joint_id("thorax")]
    top = skull + 0.5 * (skull - thorax)
    edge = (source.num_joints, own.index(known[0][0]))
    graph = BodyGraph(source.name, (*source.joints, "head_top"), (*source.edges, edge))
    return np.concatenate([keypoints, top[:, None]], axis=1), graph


def read_keypoints(
    value: Any, source: Skeleton, confidence: Any, said: Mapping[str, Any]
) -> tuple[Clip, tuple[int, ...]]:
    """Returns the keypoints of a user as a clip in which joints that were not seen are missing, and
    the leading dimensions of the output.

    Args:
        value (numpy.ndarray, SkeletonData or Clip): The keypoints.
        source (Skeleton): The layout of an array.
        confidence (numpy.ndarray, optional): How sure the detector is of each joint of an array.
        said (dict): Image size, unit and frame rate, where the clip does not say.

    Raises:
        ValueError: If a shape does not fit, or a value is infinite.
    """
    said = dict(said)
    if isinstance(value, Clip):
        said = {name: getattr(value, name) or other for name, other in said.items()}
        said |= {"up": value.up}
        array, shape = value.joints.double().numpy(), tuple(value.joints.shape[:2])
        confidence, source = value.confidence, value.skeleton
        if value.unit not in (None, "px", "normalized") or array.shape[-1] != 2:
            raise ValueError(
                f"expected keypoints in pixels, got joints in {value.unit!r} with "
                f"{array.shape[-1]} channels"
            )
    else:
        array, shape, source = _array(value, source)
    if array.shape[-1] == 3 and confidence is None:
        confidence = array[..., 2]
    array = array[..., :2]
    unseen = np.isnan(array).any(-1) | (array == 0).all(-1)
    if confidence is not None:
        scores = np.asarray(confidence)
        if scores.shape != array.shape[:-1]:
            raise ValueError(f"expected confidence of shape {array.shape[:-1]}, got {scores.shape}")
        unseen |= ~(scores > 0)
    if np.isinf(array).any():
        raise ValueError("expected finite keypoints, got an infinite one")
    lead = (1, 1, *shape)[-2:]
    joints = torch.from_numpy(np.where(unseen[..., None], np.nan, array).reshape(*lead, -1, 2))
    return Clip(joints, source, **said), shape


def _array(value: Any, source: Skeleton) -> tuple[NDArray[np.float64], tuple[int, ...], Skeleton]:
    """The keypoints of an array or a data object, their leading dimensions and their layout."""
    if isinstance(value, Data):
        source, V = layout_of(value, source), source.num_joints
        x = value.x.detach().cpu().double()
        value = x.unflatten(0, (-1, V)).transpose(1, 2) if x.dim() == 3 else x
        value = value[0] if value.dim() == 4 and len(value) == 1 else value
    if isinstance(value, Tensor):
        value = value.detach().cpu().double().numpy()
    array, V = np.array(value, dtype=np.float64), source.num_joints
    scored = array.ndim > 0 and array.shape[-1] == 3 and _is_score(array[..., 2])
    expected = (V, 3 if scored else 2)
    if array.ndim not in (2, 3, 4) or array.shape[-2:] != expected or array.size == 0:
        raise ValueError(
            f"expected keypoints of shape (T, {V}, 2) or ({V}, 2) in the order of {source.name!r} "
            f"(another order: layout=...), got {array.shape}"
        )
    return array, array.shape[:-2], source


def _is_score(channel: NDArray[np.float64]) -> bool:
    return bool(((channel >= 0) & (channel <= 1)).all())


def checked_size(image_size: Any) -> list[float]:
    """Returns width and height.

    Raises:
        ValueError: If they are none.
    """
    size = np.asarray(image_size, dtype=np.float64)
    if size.shape != (2,) or not np.isfinite(size).all() or (size < 1).any():
        raise ValueError(f"expected image_size=(width, height) in pixels, got {image_size!r}")
    out: list[float] = size.tolist()
    return out


def check_pixels(poses: NDArray[np.float64], size: Sequence[float]) -> None:
    """Refuses poses that cannot be in an image of this size.

    Raises:
        ValueError: With what came and what was expected.
    """
    largest = np.abs(poses).max()
    if largest <= 1.5:
        raise ValueError(
            f"expected keypoints in pixels, got values up to {largest:.3g}: they seem to be "
            f"normalized already"
        )
    if np.abs(poses / np.asarray(size) - 0.5).mean() > 1:
        x, y = poses.reshape(-1, 2).max(0)
        raise ValueError(
            f"expected keypoints in an image of {size[0]:g} x {size[1]:g} pixels, got x up to "
            f"{x:.6g} and y up to {y:.6g}"
        )
    check_image_size(poses, *size)
