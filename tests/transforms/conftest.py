"""Clips like NTU's, with persons who come and go."""

import pytest
import torch

from pyg_skeleton.skeleton import Skeleton


@pytest.fixture
def ntu_clip():
    """Makes a clip of 25 joints whose persons are there in some frames, `[M, T]` of 0 and 1."""

    def make(*there, seed=0, dtype=torch.double):
        generator = torch.Generator().manual_seed(seed)
        mask = torch.tensor(there, dtype=torch.bool)
        x = torch.randn(*mask.shape, 25, 3, generator=generator, dtype=dtype) + 2
        x = x * mask[..., None, None]
        return Skeleton.get("ntu25").to_data(x.transpose(1, 2))

    return make
