from itertools import pairwise

import numpy as np
import pytest
import torch

from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import UniformSample

NTU = Skeleton.get("ntu25")


def frames_of(frames, *args, **kwargs):
    clip = NTU.to_data(torch.arange(float(frames)).view(1, -1, 1).expand(25, -1, 3))
    return UniformSample(*args, **kwargs)(clip).x[7, :, 1].long().tolist()


def reference(frames, length, num_clips):
    """pyskl's test samples: NumPy's global generator is seeded anew for each clip."""
    np.random.seed(255)
    out = []
    for i in range(num_clips):
        if frames < length:
            chosen = np.arange(length) + i * frames // num_clips
        elif frames < 2 * length:
            basic = np.arange(length)
            places = np.random.choice(length + 1, frames - length, replace=False)
            offset = np.zeros(length + 1, dtype=np.int64)
            offset[places] = 1
            chosen = basic + np.cumsum(offset)[:-1]
        else:
            bids = np.array([i * frames // length for i in range(length + 1)])
            chosen = bids[:length] + np.random.randint(np.diff(bids))
        out.append((chosen % frames).tolist())
    return out


@pytest.mark.parametrize("frames", [1, 7, 20, 29, 39, 40, 300])
def test_test_samples(frames):
    state = np.random.get_state()[1].tolist()
    out = [frames_of(frames, 20, test_clip=i) for i in range(10)]
    assert np.random.get_state()[1].tolist() == state  # not touched, unlike pyskl's
    assert out == reference(frames, 20, 10)


@pytest.mark.parametrize("frames", [20, 29, 40, 300])
def test_drawn_samples_are_in_order(frames):
    torch.manual_seed(0)
    many = [frames_of(frames, 20) for _ in range(50)]
    assert all(len(chosen) == 20 and sorted(set(chosen)) == chosen for chosen in many)
    assert all(chosen[0] >= 0 and chosen[-1] < frames for chosen in many)
    assert (len({tuple(chosen) for chosen in many}) > 40) == (frames > 20)
    if frames == 300:
        assert all(chosen[i] // 15 == i for chosen in many for i in range(20))


def test_short_clips_wrap_around():
    torch.manual_seed(0)
    many = [frames_of(6, 20) for _ in range(50)]
    assert {chosen[0] for chosen in many} == set(range(6))
    assert all((b - a) % 6 == 1 for chosen in many for a, b in pairwise(chosen))


def test_the_seed_is_that_of_pytorch():
    torch.manual_seed(0)
    first = frames_of(100, 20)
    torch.manual_seed(0)
    assert frames_of(100, 20) == first


def test_errors():
    with pytest.raises(ValueError, match="num_frames must be at least 1, got 0"):
        UniformSample(0)
    with pytest.raises(ValueError, match="test_clip must be from 0 to 9, got 10"):
        UniformSample(20, test_clip=10)
    assert str(UniformSample(20)) == (
        "UniformSample(num_frames=20, test_clip=None, num_clips=10, seed=255)"
    )
