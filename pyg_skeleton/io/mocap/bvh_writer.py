"""Writes the hierarchical motion files of Biovision."""

from __future__ import annotations

import math
import os

import torch
from torch import Tensor

from pyg_skeleton.io.recording import Recording
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.rest_pose import rest_pose
from pyg_skeleton.skeleton.rotation import axis_angle_to_matrix, matrix_to_euler
from pyg_skeleton.whole_file import whole_file

#: A bone is rigid if its end moves by less than this share of the largest coordinate.
_RIGID = 2e-6


def write_bvh(path: str | os.PathLike[str], recording: Recording) -> None:
    r"""Writes a recording of one person as a BVH file, whole or not at all.

    Rotations are not known and are derived from positions. The hierarchy is the layout in a T-pose.
    A joint with one child gets the smallest rotation that points the bone to it, without any twist
    around the bone; a joint with several children gets the rotation that fits all of them best (the
    `Kabsch algorithm <https://doi.org/10.1107/S0567739476001873>`_); one without children is not
    rotated. Where a bone keeps its length, its joint has three channels, and otherwise six with its
    position relative to its parent, so that :func:`read_bvh` returns the same positions. Programs
    that pass over position channels show bones of constant length.

    Numbers are in the unit of the recording, which the file does not name. The order of rotations
    is ``Zrotation Yrotation Xrotation``.

    Args:
        path (str or PathLike): The file.
        recording (Recording): The recording, with y upwards if it says so.

    Raises:
        ValueError: If it has several persons, missing joints, other than three channels, no frame
            rate, or another axis upwards.
    """
    skeleton = recording.skeleton
    joints = torch.from_numpy(recording.joints).double()
    if joints.size(0) != 1:
        raise ValueError(
            f"a BVH file has one person, got {joints.size(0)}; choose one with select_persons"
        )
    if joints.size(3) != 3:
        raise ValueError(f"a BVH file has joints of x, y and z, got {joints.size(3)} channels")
    if not bool(joints.isfinite().all()):
        raise ValueError("a BVH file has no missing joints; fill or drop them, see fill_gaps")
    if recording.frame_rate is None:
        raise ValueError("a BVH file has a frame rate, say it: clip.replace(frame_rate=...)")
    if recording.up not in (None, "y"):
        raise ValueError(f"in a BVH file y points upwards, got {recording.up!r}; see to_up")
    if bad := [name for name in skeleton.joints if set("{}") & set(name) or not name.strip()]:
        raise ValueError(f"a BVH file has no joint of the name {bad[0]!r}")
    turns, steps = _local_pose(joints[0], skeleton)
    offsets = steps.mean(0)
    moves = (steps - offsets).abs().amax((0, 2)) > _RIGID * joints.abs().max()
    moves[skeleton.root] = True
    lines, order = _hierarchy(skeleton, offsets, moves.tolist())
    columns: list[Tensor] = []
    for joint, has_position in order:
        if has_position:
            columns += steps[:, joint].unbind(1)
        columns += matrix_to_euler(turns[:, joint].mT, "exact").rad2deg().flip(1).unbind(1)
    lines += ["MOTION", f"Frames: {len(steps)}", f"Frame Time: {1 / recording.frame_rate:.12g}"]
    lines += [" ".join(f"{x:.10g}" for x in row) for row in torch.stack(columns, 1).tolist()]
    with whole_file(path) as partial:
        partial.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _local_pose(positions: Tensor, skeleton: Skeleton) -> tuple[Tensor, Tensor]:
    """The rotation of each joint relative to its parent, and its position in the frame of its
    parent (that of the root in space).
    """
    parents = skeleton.parents
    children = [[v for v, p in enumerate(parents) if p == joint] for joint in range(len(parents))]
    rest = rest_pose(skeleton, spread=90).double()
    turns = torch.eye(3, dtype=positions.dtype).repeat(*positions.shape[:2], 1, 1)
    world, steps = turns.clone(), positions.clone()
    queue = [skeleton.root]
    for joint in queue:
        below = children[joint]
        queue += below
        if parents[joint] >= 0:
            above = world[:, parents[joint]]
            step = positions[:, joint] - positions[:, parents[joint]]
            steps[:, joint] = (above.mT @ step.unsqueeze(2)).squeeze(2)
            world[:, joint] = above
        if below:
            bones = positions[:, below] - positions[:, joint].unsqueeze(1)
            local = bones @ world[:, joint]  # rows of R^T b
            turns[:, joint] = _rotation(rest[below] - rest[joint], local)
            world[:, joint] = world[:, joint] @ turns[:, joint]
    return turns, steps


def _rotation(rest: Tensor, bones: Tensor) -> Tensor:
    """The rotations that turn the bones of the rest pose ``[K, 3]`` into those of each frame
    ``[T, K, 3]``.
    """
    if len(rest) > 1:
        u, s, vt = torch.linalg.svd(bones.mT @ rest)
        if bool((s[:, 1] > 1e-6 * s[:, 0]).all()):
            sign = torch.ones_like(s)
            sign[:, 2] = torch.linalg.det(u @ vt).sign()
            return u @ (sign.unsqueeze(2) * vt)
    start, end = rest.sum(0).expand(len(bones), 3), bones.sum(1)
    cross = torch.linalg.cross(start, end)
    length, along = cross.norm(dim=1, keepdim=True), (start * end).sum(1, keepdim=True)
    # A bone that points the other way turns around any axis that stands on it.
    other = torch.linalg.cross(
        start, torch.eye(3).to(start)[start[0].abs().argmin()].expand_as(start)
    )
    opposite = (length <= 1e-12 * along.abs()) & (along < 0)
    axis = torch.where(opposite, other, cross)
    angle = torch.where(opposite, torch.full_like(length, math.pi), torch.atan2(length, along))
    return axis_angle_to_matrix(axis / axis.norm(dim=1, keepdim=True).clamp(min=1e-300) * angle)


def _hierarchy(
    skeleton: Skeleton, offsets: Tensor, moves: list[bool]
) -> tuple[list[str], list[tuple[int, bool]]]:
    """The lines of the hierarchy, and the joints with channels in their order."""
    lines, order = ["HIERARCHY"], []
    parents, names = skeleton.parents, skeleton.joints
    children = [[v for v, p in enumerate(parents) if p == joint] for joint in range(len(parents))]
    stack: list[tuple[int, int] | str] = [(skeleton.root, 0)]
    while stack:
        entry = stack.pop()
        if isinstance(entry, str):
            lines.append(entry)
            continue
        joint, depth = entry
        tab = "\t" * depth
        offset = " ".join(f"{x:.9g}" for x in offsets[joint].tolist())
        if depth == 0:
            offset = "0 0 0"
        parent = names[parents[joint]] if depth else ""
        if not children[joint] and names[joint] == f"{parent}_end" and not moves[joint]:
            lines += [f"{tab}End Site", f"{tab}{{", f"{tab}\tOFFSET {offset}", f"{tab}}}"]
            continue
        order.append((joint, moves[joint]))
        position = "Xposition Yposition Zposition " if moves[joint] else ""
        lines += [
            f"{tab}{'JOINT' if depth else 'ROOT'} {names[joint]}",
            f"{tab}{{",
            f"{tab}\tOFFSET {offset}",
            f"{tab}\tCHANNELS {6 if moves[joint] else 3} {position}Zrotation Yrotation Xrotation",
        ]
        if not children[joint]:
            end = [f"{tab}\tEnd Site", f"{tab}\t{{", f"{tab}\t\tOFFSET 0 0 0", f"{tab}\t}}"]
            lines += end
        stack.append(f"{tab}}}")
        stack += [(child, depth + 1) for child in reversed(children[joint])]
    return lines, order
