import math

import pytest
import torch

from pyg_skeleton.training import nearest_clips


def test_nearest_directions_first():
    degrees = torch.tensor([0.0, 10, 50, 90, 100, 130])
    x = torch.stack([torch.cos(degrees * math.pi / 180), torch.sin(degrees * math.pi / 180)], 1)
    x = x * torch.tensor([5.0, 0.1, 1, 7, 2, 0.3])[:, None]  # lengths do not matter
    clusters = torch.tensor([0, 0, 0, 4, 4, 4])  # 1 to 3 have no clip
    # The mean directions are 19.6 and 106.2 degrees.
    assert nearest_clips(x, clusters) == {0: [1, 0, 2], 4: [4, 3, 5]}
    assert nearest_clips(x, clusters, 1) == {0: [1], 4: [4]}


def test_wrong_input():
    with pytest.raises(ValueError, match=r"got \[4, 2\] and \[3\]"):
        nearest_clips(torch.rand(4, 2), torch.zeros(3).long())
    x = torch.rand(4, 2)
    x[1, 0] = torch.inf
    with pytest.raises(ValueError, match="expected finite features, those of clip 1 are not"):
        nearest_clips(x, torch.zeros(4).long())
