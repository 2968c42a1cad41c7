import pytest
import torch
from torch.testing import assert_close

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import PreNormalize2D

COCO = Skeleton.get("coco17")


def make_clip(**fields):
    x = torch.rand(17, 4, 3)
    x[:, 0] = torch.tensor([0.0, 0.0, 0.5])
    x[:, 1] = torch.tensor([640.0, 240.0, 0.7])
    return COCO.to_data(x, **fields)


def test_the_size_of_the_picture():
    data = make_clip(image_size=torch.tensor([[640, 480]]))
    out = PreNormalize2D()(data).x
    assert_close(out[3, 0], torch.tensor([-1.0, -1.0, 0.5]))
    assert_close(out[3, 1], torch.tensor([1.0, 0.0, 0.7]))
    assert_close(out[..., 2], data.x[..., 2])
    assert_close(data.x[3, 1, 0], torch.tensor(640.0))


def test_a_size_by_default():
    out = PreNormalize2D((1280, 480))(make_clip()).x
    assert_close(out[3, 1], torch.tensor([0.0, 0.0, 0.7]))
    out = PreNormalize2D()(make_clip()).x
    assert_close(out[3, 1, :2], torch.tensor([640 / 960 - 1, 240 / 540 - 1]))


def test_errors():
    with pytest.raises(ValueError, match="takes clips, not batches"):
        PreNormalize2D()(next(iter(SkeletonLoader([make_clip()], 1))))
    assert str(PreNormalize2D()) == "PreNormalize2D(image_size=(1920, 1080))"


def test_swapped_sizes_are_refused():
    clip = make_clip(image_size=torch.tensor([[480, 640]]))
    clip.x[:, 2:] = torch.tensor([630.0, 100.0, 0.9])
    with pytest.raises(ValueError, match=r"got \(480, 640\) .* are width and height swapped"):
        PreNormalize2D()(clip)
