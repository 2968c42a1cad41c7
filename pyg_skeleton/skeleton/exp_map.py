from __future__ import annotations

import torch
from torch import Tensor

from pyg_skeleton.skeleton.kinematics import forward_kinematics
from pyg_skeleton.skeleton.rotation import axis_angle_to_matrix
from pyg_skeleton.skeleton.skeleton import Skeleton

_Offsets = dict[str, tuple[float, float, float]]

# From each joint to the one before it, in meters, left side only; others are at zero.
# Directions are those of the recordings; lengths are those of an adult of average build.
_CMU: _Offsets = {
    "left_hip": (0.092, -0.102, 0.035),
    # Zero rotation spreads the legs by 20 degrees: the T-pose in row 0 of every file brings them
    # together.
    "left_knee": (0.146, -0.402, 0.0),
    "left_ankle": (0.140, -0.385, 0.0),
    "left_foot": (0.012, -0.033, 0.121),
    "left_toe": (0.0, 0.0, 0.063),
    "spine": (0.0, 0.116, -0.008),
    "chest": (0.0, 0.116, -0.003),
    # The files' own skeleton puts these two at the chest, with the thorax left out of the spine.
    "neck": (0.0, 0.116, 0.0),
    "left_collar": (0.0, 0.116, 0.0),
    "upper_neck": (0.0, 0.088, 0.008),
    "head": (0.0, 0.088, -0.006),
    "head_top": (0.0, 0.092, -0.003),
    "left_shoulder": (0.198, 0.047, -0.014),
    "left_elbow": (0.279, 0.0, 0.0),
    "left_wrist": (0.189, 0.0, 0.0),
    "left_index": (0.039, 0.0, 0.0),
    "left_hand_tip": (0.032, 0.0, 0.0),
    "left_thumb_tip": (0.032, 0.0, 0.032),
}
# The arms start along the spine; the rotation of the collar bone turns them outwards.
_H36M: _Offsets = {
    "left_hip": (0.133, 0.0, 0.0),
    "left_knee": (0.0, -0.443, 0.0),
    "left_ankle": (0.0, -0.454, 0.0),
    "left_foot": (0.0, 0.0, 0.163),
    "left_toe": (0.0, 0.0, 0.075),
    "spine": (0.0, 0.233, 0.0),
    "thorax": (0.0, 0.257, 0.0),
    "head": (0.0, 0.121, 0.0),
    "head_top": (0.0, 0.115, 0.0),
    "left_collar": (0.0, 0.257, 0.0),
    "left_shoulder": (0.0, 0.151, 0.0),
    "left_elbow": (0.0, 0.279, 0.0),
    "left_wrist": (0.0, 0.252, 0.0),
    "left_thumb_tip": (0.0, 0.0, 0.1),
    "left_hand": (0.0, 0.1, 0.0),
}
_BODIES = {"cmu38": _CMU, "h36m32": _H36M}


def exp_map_to_positions(
    x: Tensor, skeleton: str | Skeleton, full: bool = False, root_rotation: bool = False
) -> Tensor:
    r"""Places the joints of the exp-map poses of :class:`CMUMocap` and :class:`Human36MExpMap`, to
    look at them.

    The bones are those of one adult of average build, not of the people who were recorded (the
    files do not say how long those are): good for pictures, not for an error in millimeters. In
    these files a vector :math:`\mathbf{r}` stands for the rotation by :math:`-\mathbf{r}` of
    column vectors. Joints of the body that the layout lacks keep zero rotation.

    Args:
        x (Tensor): The poses, joints first, in radians and not normalized.
        skeleton (str or Skeleton): Their layout: :obj:`"cmu26"`, :obj:`"h36m21"`, or any other
            whose joints are all in ``cmu38`` or all in ``h36m32``.
        full (bool, optional): Returns all joints of ``cmu38`` or ``h36m32`` instead of those of
            **skeleton**. (default: :obj:`False`)
        root_rotation (bool, optional): Turns the whole body by the rotation of the pelvis, if the
            layout has it. By default the person faces forward. (default: :obj:`False`)

    Shapes:
        - **x:** :math:`(V, *, 3)`
        - **output:** :math:`(V, *, 3)` in meters, the pelvis at the origin: x to the person's left,
          y up, z to the front (in the world of the recording if **root_rotation** is set)

    Raises:
        ValueError: If the layout has a joint that neither body has, or **x** does not fit it.
    """
    skeleton = Skeleton.get(skeleton) if isinstance(skeleton, str) else skeleton
    bodies = [Skeleton.get(name) for name in _BODIES]
    body = next((body for body in bodies if set(skeleton.joints) <= set(body.joints)), None)
    if body is None:
        raise ValueError(f"{skeleton.name!r} has joints that are not in {' or '.join(_BODIES)}")
    if x.dim() < 2 or x.size(0) != skeleton.num_joints or x.size(-1) != 3:
        raise ValueError(f"x must be [{skeleton.num_joints}, ..., 3], got {list(x.shape)}")
    joints = torch.tensor([body.joint_id(name) for name in skeleton.joints], device=x.device)
    moving = -x
    if not root_rotation and "pelvis" in skeleton.joints:
        fixed = torch.arange(len(joints), device=x.device) == skeleton.joint_id("pelvis")
        moving = moving.masked_fill(fixed.view(-1, *[1] * (x.dim() - 1)), 0.0)
    rotations = x.new_zeros(body.num_joints, *x.shape[1:]).index_copy(0, joints, moving)
    positions = forward_kinematics(
        axis_angle_to_matrix(rotations.movedim(0, -2)), _offsets(body).to(x), body.parents
    ).movedim(-2, 0)
    return positions if full else positions.index_select(0, joints)


def _offsets(body: Skeleton) -> Tensor:
    rows = []
    for name in body.joints:
        side = -1.0 if name.startswith("right_") else 1.0
        key = name.replace("right_", "left_")
        offset = torch.tensor(_BODIES[body.name].get(key, (0.0, 0.0, 0.0)))
        rows.append(offset * torch.tensor([side, 1.0, 1.0]))
    return torch.stack(rows)
