"""Projection of motion to virtual cameras."""

from __future__ import annotations

import zlib

import torch
from torch import Tensor

from pyg_skeleton.camera import camera_ring
from pyg_skeleton.datasets.lifting.sequence import PoseSequence

_JUMP = 50.0
"""The standard deviation of outliers, in pixels."""


def view(
    motion: Tensor,
    subject: str,
    action: str,
    take: str,
    fps: float,
    num_cameras: int,
    noise: float,
    jumps: float,
    seed: int,
) -> list[PoseSequence]:
    """Projects a motion to each camera of a ring, with optional errors of a detector.

    Args:
        motion (Tensor): ``[T, V, 3]`` in meters, y up, the floor at zero.
        subject (str): The name of the subject.
        action (str): The name of the action.
        take (str): The name of the recording, which determines cameras and errors with the seed.
        fps (float): Frames per second.
        num_cameras (int): The number of cameras.
        noise (float): The standard deviation of the 2-D joints, in pixels.
        jumps (float): The probability that a 2-D joint is an outlier.
        seed (int): The seed.
    """
    if not 0 <= noise < float("inf"):
        raise ValueError(f"noise must be a number of pixels, at least 0, got {noise}")
    if not 0 <= jumps <= 1:
        raise ValueError(f"jumps must be a probability, got {jumps}")
    if seed < 0:
        raise ValueError(f"seed must be at least 0, got {seed}")
    # PyTorch's generator on the CPU only uses 32 bits of the seed.
    name = f"{seed}/{subject}/{take}".encode()
    generator = torch.Generator().manual_seed(zlib.crc32(name))
    sequences = []
    for camera in camera_ring(motion, num_cameras, generator):
        positions = camera.world_to_camera(motion)
        keypoints = camera.project(positions).float()
        if noise:
            keypoints += noise * torch.randn(keypoints.shape, generator=generator)
        if jumps:
            wrong = torch.rand(keypoints.shape[:2], generator=generator) < jumps
            far = _JUMP * torch.randn(keypoints.shape, generator=generator)
            keypoints += far * wrong.unsqueeze(-1)
        sequences.append(
            PoseSequence(subject, action, take, camera, keypoints, positions.float(), fps)
        )
    return sequences
