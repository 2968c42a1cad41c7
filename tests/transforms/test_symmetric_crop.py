import numpy as np
import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import SymmetricCrop
from pyg_skeleton.transforms.symmetric_crop import window_frames

BODY = Skeleton.get("shared15")


def make_clip(frames=50):
    return BODY.to_data(torch.arange(float(frames)).view(1, -1, 1).expand(15, -1, 3).clone())


@pytest.mark.parametrize(("ratio", "num_starts"), [(6, 17), (3, 33)])
def test_starts(ratio, num_starts):
    """The oracle of the facts: 17 starts in the weak augmentation, 33 in the strong one."""
    loader = SkeletonLoader([make_clip()] * 2000, batch_size=2000)
    torch.manual_seed(0)
    frames = SymmetricCrop(ratio)(next(iter(loader))).x.view(2000, 15, 50, 3)
    assert torch.equal(frames, frames[:, :1, :, :1].expand_as(frames))
    rows = frames[:, 0, :, 0]
    kinds, counts = rows.unique(dim=0, return_counts=True)
    assert len(kinds) == num_starts
    assert counts.min() > 2000 / num_starts / 2
    padded = np.pad(np.arange(50), 50 // ratio, mode="symmetric")
    windows = {tuple(padded[start : start + 50]) for start in range(num_starts)}
    assert {tuple(row) for row in kinds.int().tolist()} == windows


@pytest.mark.parametrize("num_frames", [1, 2, 3, 7, 50])
@pytest.mark.parametrize("ratio", [1, 2, 3, 6])
def test_as_numpy_pads(num_frames, ratio):
    pad = num_frames // ratio
    padded = np.pad(np.arange(num_frames), pad, mode="symmetric")
    out = window_frames(torch.arange(2 * pad + 1), num_frames, ratio)
    expected = np.stack([padded[start : start + num_frames] for start in range(2 * pad + 1)])
    assert np.array_equal(out, expected)


def test_clip_with_missing_joints():
    x = torch.randn(2, 15, 12, 3)
    x[0, 3, 4] = float("nan")
    data = BODY.to_data(x, missing="mask")
    out = SymmetricCrop(3)(data)
    assert torch.equal(out.x.eq(0).all(-1), ~out.visible)
    assert out.x.shape == data.x.shape


def test_refusals():
    with pytest.raises(ValueError, match=r"at least 1, got 0"):
        SymmetricCrop(0)
    with pytest.raises(ValueError, match=r"needs clips"):
        SymmetricCrop()(BODY.to_data(torch.randn(15, 3)))
    with pytest.raises(ValueError, match=r"without a target"):
        SymmetricCrop()(BODY.to_data(torch.randn(15, 4, 3), target=torch.randn(15, 2, 3)))
    assert str(SymmetricCrop()) == "SymmetricCrop(ratio=6)"
