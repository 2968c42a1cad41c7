import io

import matplotlib
import pytest
import torch

from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.rest_pose import rest_pose

matplotlib.use("Agg")  # else the first look at rcParams chooses a backend


@pytest.fixture
def skeleton():
    return Skeleton.get("ntu25")


@pytest.fixture
def pose(skeleton):
    return rest_pose(skeleton, spread=20)


@pytest.fixture
def clip(pose):
    """Ten frames of a body that moves to the side."""
    return pose + torch.linspace(0, 0.5, 10)[:, None, None] * torch.tensor([1.0, 0.0, 0.0])


@pytest.fixture
def draws():
    """Checks that a figure can be saved and that nothing global was changed."""
    before = matplotlib.rcParams.copy()

    def check(figure) -> bytes:
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png")
        image = buffer.getvalue()
        assert image.startswith(b"\x89PNG")
        assert len(image) > 4000
        return image

    yield check
    assert matplotlib.rcParams == before
