import math

import numpy as np
import pytest
import torch

from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import NWUCLAView

UCLA = Skeleton.get("kinect20")


def make_clip(frames=6):
    x = torch.randn(20, frames, 3, dtype=torch.double)
    return UCLA.to_data(x)


def test_matrices_of_the_pipeline():
    """X (R_y (R_x s I)) of row vectors, with the matrices as the authors write them."""
    data = make_clip()
    torch.manual_seed(3)
    out = NWUCLAView()(data).x.numpy()
    torch.manual_seed(3)
    agx, agy = (math.radians(a) for a in torch.randint(-60, 61, (2,)).tolist())
    s = 0.5 + float(torch.rand(()))
    c, n = math.cos(agx), math.sin(agx)
    rx = np.array([[1, 0, 0], [0, c, n], [0, -n, c]])
    c, n = math.cos(agy), math.sin(agy)
    ry = np.array([[c, 0, -n], [0, 1, 0], [n, 0, c]])
    expected = data.x.numpy() @ (ry @ (rx @ (s * np.eye(3))))
    np.testing.assert_allclose(out, expected, atol=1e-6)


def test_all_whole_degrees_in_reach():
    transform = NWUCLAView(degrees=2, scale=(1.0, 1.0))
    clip = UCLA.to_data(torch.eye(3, dtype=torch.double)[1].expand(20, 1, 3))
    torch.manual_seed(0)
    # e_y becomes (0, cos, sin) of the angle about x after a turn about y, which leaves it.
    found = {round(math.degrees(float(torch.asin(transform(clip).x[0, 0, 2])))) for _ in range(200)}
    assert found == {-2, -1, 0, 1, 2}


def test_errors():
    with pytest.raises(ValueError, match="degrees must be from 0 to 180, got 190"):
        NWUCLAView(degrees=190)
    with pytest.raises(ValueError, match="the smaller first, got"):
        NWUCLAView(scale=(2, 1))
    with pytest.raises(ValueError, match=r"needs 3 channels, got \[20, 4, 2\]"):
        NWUCLAView()(UCLA.to_data(torch.zeros(20, 4, 2)))
