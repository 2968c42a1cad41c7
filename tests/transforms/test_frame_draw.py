from collections import Counter
from itertools import combinations
from math import comb

import numpy as np
import pytest
import torch

from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import FrameDraw

UCLA = Skeleton.get("kinect20")


def make_clip(frames):
    return UCLA.to_data(torch.arange(float(frames)).view(1, -1, 1).expand(20, -1, 3))


@pytest.mark.parametrize("frames", [1, 2, 39, 52, 201])
def test_evenly_as_numpy_does_it(frames):
    out = FrameDraw(52, random=False)(make_clip(frames))
    assert out.x[3, :, 1].tolist() == [int(t) for t in np.linspace(0, frames - 1, 52)]


@pytest.mark.parametrize("frames", [1, 2, 39, 52, 201])
def test_drawn_frames_are_sorted_frames_of_the_clip(frames):
    out = FrameDraw(52)(make_clip(frames)).x
    assert out.shape == (20, 52, 3)
    assert (out == out[0, :, :1]).all()
    assert (out[0, :, 0].diff() >= 0).all()
    assert out.min() >= 0
    assert out.max() < frames


def test_the_distribution_is_that_of_an_urn_without_replacement():
    """Two of 200 balls, a hundred of each frame: (99, 200 * 100 / 99, 99) to 199 + 200."""
    torch.manual_seed(0)
    transform, clip, n = FrameDraw(2), make_clip(2), 4000
    found = Counter(tuple(transform(clip).x[0, :, 0].tolist()) for _ in range(n))
    same, total = comb(100, 2), comb(200, 2)
    for key, share in {(0, 0): same, (0, 1): total - 2 * same, (1, 1): same}.items():
        p = share / total
        assert abs(found[key] / n - p) < 4 * (p * (1 - p) / n) ** 0.5
    assert set(found) == {*combinations((0, 1), 2), (0, 0), (1, 1)}


def test_a_clip_of_one_frame_uses_up_to_all_copies():
    assert FrameDraw(100)(make_clip(1)).x.shape == (20, 100, 3)


def test_errors():
    with pytest.raises(ValueError, match="from 1 to 100, got 101"):
        FrameDraw(101)
    with pytest.raises(ValueError, match="FrameDraw needs clips"):
        FrameDraw(2)(UCLA.to_data(torch.zeros(20, 3)))
    assert str(FrameDraw(52)) == "FrameDraw(num_frames=52, random=True)"
