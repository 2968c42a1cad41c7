"""Sequences that are quick to make."""

from collections.abc import Callable

import pytest
import torch

from pyg_skeleton.camera import Camera
from pyg_skeleton.datasets import PoseSequence


@pytest.fixture(scope="session")
def make_sequence() -> Callable[..., PoseSequence]:
    """Makes a sequence of random poses that a camera sees: ``make_sequence(frames=5)``."""

    def make(frames=5, joints=17, action="walking", subject="A", width=1000, seed=0, **kwargs):
        generator = torch.Generator().manual_seed(seed)
        camera = Camera(width, 800, [1100.0, 1090.0], [width / 2 + 5, 390], name=f"camera {seed}")
        root = torch.tensor([0.1, 0.2, 5.0])
        positions = root + 0.8 * torch.rand(frames, joints, 3, generator=generator) - 0.4
        fields = {
            "keypoints": camera.project(positions),
            "positions": positions,
            "fps": 25.0,
            "take": f"{action} 1",
        }
        return PoseSequence(subject, action, camera=camera, **{**fields, **kwargs})

    return make
