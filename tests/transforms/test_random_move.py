import math

import numpy as np
import pytest
import torch

from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import RandomMove

POSE = Skeleton.get("openpose18")


def make_clip(frames=30):
    return POSE.to_data(torch.randn(2, 18, frames, 3, dtype=torch.double))


def test_from_one_view_to_another():
    data = make_clip()
    torch.manual_seed(5)
    out = RandomMove()(data).x.view(2, 18, 30, 3).numpy()
    torch.manual_seed(5)
    lists = [(-10, -5, 0, 5, 10), (0.9, 1.0, 1.1), *[(-0.2, -0.1, 0.0, 0.1, 0.2)] * 2]
    ends = [[values[i] for i in torch.randint(len(values), (2,))] for values in lists]
    angle, scale, dx, dy = (np.linspace(*end, 30) for end in ends)
    x = data.x.view(2, 18, 30, 3).numpy()
    for t in range(30):
        a, s = math.radians(angle[t]), scale[t]
        turn = np.array([[s * math.cos(a), -s * math.sin(a)], [s * math.sin(a), s * math.cos(a)]])
        expected = x[:, :, t, :2] @ turn.T + [dx[t], dy[t]]
        np.testing.assert_allclose(out[:, :, t, :2], expected)
    np.testing.assert_array_equal(out[..., 2], x[..., 2])


def test_one_view():
    data = make_clip(1)
    assert RandomMove()(data).x.shape == data.x.shape
    out = RandomMove([0], [2.0], [1.0])(make_clip())
    assert (
        str(RandomMove([0], [2.0], [1.0])) == "RandomMove(degrees=[0], scales=[2.0], shifts=[1.0])"
    )
    assert out.x.shape == (36, 30, 3)


def test_errors():
    with pytest.raises(ValueError, match="scales must not be empty"):
        RandomMove(scales=())
    with pytest.raises(ValueError, match="RandomMove needs clips"):
        RandomMove()(POSE.to_data(torch.zeros(18, 3)))
