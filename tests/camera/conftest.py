"""Cameras of Human3.6M."""

import json

import pytest
import torch

from pyg_skeleton.camera import Camera
from pyg_skeleton.skeleton import quaternion_to_matrix


@pytest.fixture(scope="session")
def h36m_camera(shared_dir):
    """Makes a camera of Human3.6M: ``h36m_camera("S1", 0)``."""
    table = json.loads((shared_dir / "facts" / "h36m_cameras.json").read_text())

    def make(subject: str, number: int, **kwargs) -> Camera:
        inner, outer = table["intrinsics"][number], table["extrinsics"][subject][number]
        to_world = quaternion_to_matrix(torch.tensor(outer["orientation"], dtype=torch.double))
        return Camera(
            inner["res_w"],
            inner["res_h"],
            inner["focal_length"],
            inner["center"],
            inner["radial_distortion"],
            inner["tangential_distortion"],
            to_world.T,
            torch.tensor(outer["translation"], dtype=torch.double) / 1000,
            inner["id"],
            **kwargs,
        )

    return make


@pytest.fixture
def camera() -> Camera:
    """A camera with all there is, whose two focal lengths and so on differ."""
    return Camera(
        1000,
        1002,
        [1145.0, 1143.5],
        [512.5, 515.25],
        [-0.207, 0.248, -0.003],
        [-0.001, -0.0014],
        quaternion_to_matrix(torch.tensor([0.14, -0.15, -0.76, 0.62], dtype=torch.double)).T,
        [1.8, 4.9, 1.6],
        "left",
    )
