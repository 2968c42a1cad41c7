"""Lifting data for keypoints of any camera."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from typing import Any, ClassVar

import torch
from torch import Tensor

from pyg_skeleton.camera import normalize_body
from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.lifting.cmu_mocap_lifting import CMUMocapLifting
from pyg_skeleton.datasets.options import load_layout
from pyg_skeleton.skeleton import Skeleton


class AnyCamera(CMUMocapLifting):
    r"""The poses of :class:`~pyg_skeleton.datasets.CMUMocapLifting`, seen by another camera each
    time: for a network that lifts keypoints of cameras, people and detectors that it has not seen.

    The camera of a pose stands anywhere around the person, 2 to 12 meters away, looks down by up to
    40 degrees or up by 20, and is tilted by up to 10. Keypoints are a detector's: each pose has
    errors of its own size, up to 3 percent of the height of the body, and one joint of fifty is far
    off. Keypoints are normalized by the body (:func:`~pyg_skeleton.camera.normalize_body`) and not
    by the image, so that neither focal length nor distance matters; all poses have the same total
    length of bones, as a picture does not show how tall a person is.

    In training, limbs are up to 15 percent longer or shorter, every second pose has the arms of
    another one and is bent at random, and in every third hips and knees are bent as in sitting,
    which the corpus lacks. Test poses are as they were recorded.

    The pelvis is the middle of the hips, as in Human3.6M.

    Args:
        root (str or PathLike): The folder with ``train`` and ``test``, as for
            :class:`~pyg_skeleton.datasets.CMUMocap`.
        split (str, optional): :obj:`"train"` or :obj:`"test"`. (default: :obj:`"train"`)
        skeleton (str or Skeleton, optional): The layout. (default: :obj:`"h36m17"`)
        stride (int, optional): Uses every n-th frame of 30 per second. (default: :obj:`1`)
        seed (int, optional): The seed of the cameras of the test poses. (default: :obj:`0`)
        transform (callable, optional): Called with each :class:`~pyg_skeleton.data.SkeletonData`
            on access. (default: :obj:`None`)

    Shapes:
        - **x:** :math:`(V, 2)`
        - **target:** :math:`(V, 3)` relative to the root in meters
        - **y:** :math:`(1)`, an index into the eight actions of the corpus

    Raises:
        FileNotFoundError: If there is no file of the split.
        ValueError: If an argument is out of range, or a file is damaged.
    """

    input_space: ClassVar[str] = "body"

    def __init__(
        self,
        root: str | os.PathLike[str],
        split: str = "train",
        skeleton: str | Skeleton = "h36m17",
        stride: int = 1,
        seed: int = 0,
        transform: Callable[[SkeletonData], Any] | None = None,
    ) -> None:
        super().__init__(
            root, split, skeleton, stride=stride, num_cameras=1, seed=seed, transform=transform
        )
        body = self.skeleton
        hips = [body.joint_id(f"{side}_hip") for side in ("left", "right")]
        self._hips = hips
        poses = self.positions / 1000
        poses[:, body.root] = poses[:, hips].mean(dim=1)
        self._child, parent = torch.tensor(body.bones).unbind(dim=1)
        # Joints are sums of the bones between them and the root.
        step = torch.eye(body.num_joints)
        step[self._child, parent] = -1
        self._chain = torch.linalg.inv(step)[:, self._child]
        children = self._child.tolist()
        first = torch.minimum(self._child, body.mirror_index[self._child]).tolist()
        #: For each bone the first of its mirror pair, for limbs of equal length.
        self._pair = torch.tensor([children.index(joint) for joint in first])

        def limb(*joints: str) -> list[list[int]]:
            names = [[f"{side}_{joint}" for joint in joints] for side in ("left", "right")]
            return [[children.index(body.joint_id(name)) for name in side] for side in names]

        #: The bones of each arm and leg from the trunk on, and those above the pelvis.
        self._arms, self._legs = limb("elbow", "wrist"), limb("knee", "ankle")
        below = [bone for leg in [*self._legs, *limb("hip")] for bone in leg]
        self._trunk = [bone for bone in range(len(children)) if bone not in below]
        bones = poses[:, self._child] - poses[:, parent]
        across = (poses[:, hips[0]] - poses[:, hips[1]])[:, None]
        yaw = torch.atan2(across[..., 2], across[..., 0])
        bones = _turn(bones, torch.tensor([0.0, 1.0, 0.0]), yaw)  # all face the camera
        self._length = float(bones.norm(dim=-1).sum(dim=1).mean())
        seen, self.targets = self._film(bones, torch.Generator().manual_seed(seed))
        self.positions = 1000 * self.targets
        self._inputs[self._center] = seen
        #: The bones of each pose, in the rows of its keypoints.
        self._bones = self._inputs.new_zeros(len(self._inputs), len(parent), 3)
        self._bones[self._center] = bones

    @classmethod
    def open(  # type: ignore[override]
        cls,
        root: str | os.PathLike[str],
        split: str = "train",
        *,
        layout: str | None = None,
        stride: int = 1,
        test_stride: int = 1,
    ) -> AnyCamera:
        """Opens the poses of a split.

        Args:
            root (str or PathLike): The folder with ``train`` and ``test``.
            split (str, optional): :obj:`"train"` or :obj:`"test"`. (default: :obj:`"train"`)
            layout (str, optional): The name or file of the layout; by default :obj:`"h36m17"`.
                (default: :obj:`None`)
            stride (int, optional): Trains on every n-th frame. (default: :obj:`1`)
            test_stride (int, optional): Tests on every n-th frame. (default: :obj:`1`)
        """
        every = stride if split == "train" else test_stride
        return cls(root, split, load_layout(layout or "h36m17"), every)

    def _fields(self, idx: Tensor) -> dict[str, Tensor]:
        fields = super()._fields(idx)
        if self.split == "train":
            fields["x"], fields["target"] = self._film(self._vary(self._bones[self._center[idx]]))
        return fields

    def _vary(self, bones: Tensor) -> Tensor:
        """Bodies of other proportions in other poses; they face the camera."""
        N, x = len(bones), torch.tensor([1.0, 0.0, 0.0])
        bones = bones * torch.empty(N, bones.size(1), 1).uniform_(0.85, 1.15)[:, self._pair]
        other, mixed = bones[torch.randperm(N)], torch.rand(N, 1, 1) < 0.5
        for arm in self._arms:
            bones[:, arm] = torch.where(mixed, other[:, arm], bones[:, arm])
        bent = (torch.rand(N, 1) < 0.5).float()
        bones[:, self._trunk] = _turn(bones[:, self._trunk], x, -0.3 * bent * torch.randn(N, 1))
        for limb in (*self._arms, *self._legs):
            axis = torch.nn.functional.normalize(torch.randn(N, 1, 3), dim=-1)
            bones[:, limb] = _turn(bones[:, limb], axis, 0.3 * bent * torch.randn(N, 1))
        sits = (torch.rand(N, 1) < 1 / 3).float()
        for thigh, shank in self._legs:
            hip, knee = sits * torch.empty(2, N, 1).uniform_(-0.1, 1.9)
            bones[:, [thigh]] = _turn(bones[:, [thigh]], x, -hip)
            bones[:, [shank]] = _turn(bones[:, [shank]], x, knee - hip)
        return bones

    def _film(
        self, bones: Tensor, generator: torch.Generator | None = None
    ) -> tuple[Tensor, Tensor]:
        """The keypoints of poses and the poses, as a random camera sees them."""
        N = len(bones)

        def draw(low: float, high: float, *shape: int) -> Tensor:
            return low + (high - low) * torch.rand(N, *shape, generator=generator)

        degree = math.pi / 180
        yaw, roll = draw(-math.pi, math.pi), draw(-10 * degree, 10 * degree)
        pitch = draw(-20 * degree, 40 * degree)
        x, y, z = torch.eye(3)
        bones = bones * (self._length / bones.norm(dim=-1).sum(dim=1).view(-1, 1, 1))
        poses = self._chain @ bones
        for axis, angle in ((y, yaw), (x, pitch), (z, roll)):
            poses = _turn(poses, axis, angle.unsqueeze(1))
        distance = draw(2.0, 12.0)
        place = torch.stack([draw(-0.3, 0.3) * distance, draw(-0.2, 0.2) * distance, distance], 1)
        seen = poses + place.unsqueeze(1)
        keypoints = seen[..., :2] / seen[..., 2:].clamp(min=0.5)
        size = (keypoints[..., 1].amax(1) - keypoints[..., 1].amin(1)).view(-1, 1, 1)
        error = torch.randn(keypoints.shape, generator=generator)
        far = torch.rand(keypoints.shape[:2], generator=generator).unsqueeze(-1) < 0.02
        spread = draw(0.0, 0.03).view(-1, 1, 1) + 0.15 * far
        return normalize_body(keypoints + spread * size * error), poses


def _turn(vectors: Tensor, axis: Tensor, angle: Tensor) -> Tensor:
    """Rotates vectors ``[*, 3]`` around unit vectors by angles ``[*]`` (Rodrigues)."""
    axis = axis.expand_as(vectors)
    cos, sin = angle.cos().unsqueeze(-1), angle.sin().unsqueeze(-1)
    along = (axis * vectors).sum(dim=-1, keepdim=True) * axis
    return cos * vectors + sin * torch.linalg.cross(axis, vectors) + (1 - cos) * along
