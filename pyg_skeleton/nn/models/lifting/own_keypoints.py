"""Conversion of 2-D detections to the joints of a network."""

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.skeleton import BodyGraph, Skeleton

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
    known = [[n for n in names if n in source.joints] for names in _SKULL]
    known = [names for names in known if names]
    if "thorax" in base.missing or not known:
        return keypoints, source
    skull = np.full_like(keypoints[:, 0], np.nan)
    for names in known:
        points = [keypoints[:, source.joint_id(name)] for name in names]
        for point in (sum(points) / len(points), *points):
            skull = np.where(np.isnan(skull), point, skull)
    thorax = base(keypoints, dim=1, fill=np.nan)[:, Skeleton.get("h36m17").joint_id("thorax")]
    top = skull + 0.5 * (skull - thorax)
    edge = (source.num_joints, source.joint_id(known[0][0]))
    graph = BodyGraph(source.name, (*source.joints, "head_top"), (*source.edges, edge))
    return np.concatenate([keypoints, top[:, None]], axis=1), graph


def fill_unseen(keypoints: NDArray[np.float64], names: tuple[str, ...]) -> NDArray[np.float64]:
    r"""Interpolates joints that were not seen in a frame (NaN) over time; before the first frame
    with a joint, and after the last one, it stays where it is in that.

    Args:
        keypoints (numpy.ndarray): The keypoints, :math:`(T, V, 2)`.
        names (tuple of str): The names of the joints.

    Raises:
        ValueError: If a joint was seen in no frame.
    """
    gone = np.logical_or.reduce(np.isnan(keypoints), axis=-1)
    never = [name for joint, name in enumerate(names) if gone[:, joint].all()]
    if never:
        frames = f"any of {len(keypoints)} frames" if len(keypoints) > 1 else "the pose"
        raise ValueError(f"not seen in {frames}: {', '.join(never)}")
    out = keypoints.copy()
    time = np.arange(len(keypoints))
    for joint in np.flatnonzero(gone.any(0)):
        seen = ~gone[:, joint]
        for axis in range(keypoints.shape[-1]):
            out[:, joint, axis] = np.interp(time, time[seen], keypoints[seen, joint, axis])
    return out
