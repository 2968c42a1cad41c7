import numpy as np
import pytest
import torch
import torch.nn.functional as F

from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import CropResize

NTU = Skeleton.get("ntu25")


def make_clip(frames):
    return NTU.to_data(torch.arange(float(frames)).view(1, -1, 1).expand(25, -1, 3).double())


def half_pixel(values, length):
    """Linear interpolation with half-pixel centers, the ends held."""
    places = (np.arange(length) + 0.5) * len(values) / length - 0.5
    return np.interp(places, np.arange(len(values)), values)


@pytest.mark.parametrize("frames", [1, 5, 64, 103, 300])
def test_test_crop(frames):
    out = CropResize(64, 0.95)(make_clip(frames)).x
    bias = int((1 - 0.95) * frames / 2)
    expected = half_pixel(np.arange(frames)[bias : frames - bias], 64)
    np.testing.assert_allclose(out[3, :, 1], expected, atol=1e-9)
    assert (out == out[0, :, :1]).all()


@pytest.mark.parametrize("frames", [1, 40, 64, 90, 300])
def test_drawn_crop(frames):
    torch.manual_seed(0)
    lengths, starts = set(), set()
    for _ in range(300):
        out = CropResize(1000, (0.5, 1))(make_clip(frames)).x[0, :, 0]
        low, high = round(float(out[0])), round(float(out[-1]))
        lengths.add(high - low + 1)
        starts.add(low)
        np.testing.assert_allclose(out, half_pixel(np.arange(low, high + 1), 1000), atol=1e-9)
    assert max(lengths) <= frames
    assert min(lengths) >= min(frames, max(64, frames // 2))
    assert min(starts) == 0
    if frames > 64:
        assert len(lengths) > 10


def test_as_the_bilinear_interpolation_of_a_picture():
    """The authors lay joints, channels and persons out as the other side of a picture."""
    x = torch.randn(2, 25, 90, 3)
    out = CropResize(64, 1.0)(NTU.to_data(x)).x.view(2, 25, 64, 3)
    picture = x.permute(3, 1, 0, 2).reshape(1, 1, 150, 90)
    resized = F.interpolate(picture, (150, 64), mode="bilinear", align_corners=False)
    expected = resized.view(3, 25, 2, 64).permute(2, 1, 3, 0)
    torch.testing.assert_close(out, expected)
    assert out.is_contiguous()


def test_frames_without_a_person_are_not_mixed_with_others():
    x = torch.ones(2, 25, 12, 3)
    x[0, :, 4:7] = 0.0  # lost in the middle
    x[1, :, 9:] = 0.0  # left before the end
    mixed = CropResize(30, 1.0)(NTU.to_data(x)).x
    assert not ((mixed == 0) | (mixed == 1)).all()
    out = CropResize(30, 1.0, skip_zeros=True)(NTU.to_data(x)).x.view(2, 25, 30, 3)
    assert ((out == 0) | (out == 1)).all()
    nearest = ((torch.arange(30) + 0.5) * 12 / 30).long()
    assert torch.equal(out[:, 0, :, 0], x[:, 0, nearest, 0])
    whole = NTU.to_data(torch.randn(2, 25, 12, 3))
    assert torch.equal(CropResize(30, 0.9, skip_zeros=True)(whole).x, CropResize(30, 0.9)(whole).x)


@pytest.mark.parametrize("share", [0, 1.1, (0.5, 0.4), (), (0.1, 0.2, 0.3)])
def test_shares(share):
    with pytest.raises(ValueError, match="share must be one or two numbers"):
        CropResize(64, share)


def test_errors():
    with pytest.raises(ValueError, match="num_frames and min_frames must be at least 1, got 0, 64"):
        CropResize(0, 1.0)
    assert (
        str(CropResize(64, (0.5, 1)))
        == "CropResize(num_frames=64, share=(0.5, 1), min_frames=64, skip_zeros=False)"
    )


def test_missing_joints_stay_missing():
    clip = make_clip(10)
    x = clip.x.clone()
    x[3, 4] = float("nan")
    out = CropResize(20, 1.0)(NTU.to_data(x, missing="mask"))
    whole = CropResize(20, 1.0)(clip)
    # Frame 4 takes part in the frames 7 to 10 of twice as many.
    assert (~out.visible).nonzero().tolist() == [[3, 7], [3, 8], [3, 9], [3, 10]]
    assert torch.equal(out.x[out.visible], whole.x[out.visible])
    assert (out.x[~out.visible] == 0).all()
