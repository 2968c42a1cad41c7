import pytest
import torch

from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import Center2D, codt_chain_2d

COCO, OPENPOSE = Skeleton.get("coco17"), Skeleton.get("openpose18")
SHOULDERS = (5, 6)


def make_clip(persons=2, frames=4):
    x = torch.rand(persons, 17, frames, 3) * torch.tensor([640.0, 480.0, 1.0])
    x[..., 2].clamp_(min=0.1)
    return COCO.to_data(x, image_size=torch.tensor([[640, 480]]))


def test_pixels():
    data = make_clip()
    before = data.x.clone()
    out = Center2D(SHOULDERS)(data)
    assert torch.equal(data.x, before)
    x, y = before.view(2, 17, 4, 3), out.x.view(2, 17, 4, 3)
    torch.testing.assert_close(y[:, 5, :, :2], -y[:, 6, :, :2])
    torch.testing.assert_close(
        y[:, 0][..., :2] - y[:, 9][..., :2],
        (x[:, 0] - x[:, 9])[..., :2] / 480 * torch.tensor([1.0, -1.0]),
    )
    assert torch.equal(y[..., 2], x[..., 2])


def test_joints_that_are_not_seen():
    data = make_clip(persons=1)
    body = data.x.view(1, 17, 4, 3)
    body[0, 3, 1] = 0.0
    body[0, 5, 2] = 0.0
    body[0, :, 3] = 0.0
    out = Center2D(SHOULDERS)(data).x
    assert (out[3, 1] == 0).all()
    # Without a shoulder, the origin is the mean of what is seen.
    seen = [joint for joint in range(17) if joint != 5]
    assert out[seen, 2, :2].mean(0).abs().max() < 1e-5
    assert (out[5, 2] == 0).all()
    # Nobody is there.
    assert (out[:, 3] == 0).all()


def test_shares_and_pixels_are_the_same():
    """Kinetics-Skeleton and pyskl describe the same picture."""
    pixels = make_clip(persons=1)
    shares = pixels.clone()
    u, v, score = pixels.x.unbind(-1)
    shares.x = torch.stack([u / 640 - 0.5, 0.5 - v / 480, score], dim=-1)
    del shares.image_size
    first = Center2D(SHOULDERS)(pixels).x
    second = Center2D(SHOULDERS, "share", (640, 480))(shares).x
    torch.testing.assert_close(first, second)


def test_refusals():
    assert str(Center2D([1])) == "Center2D(joints=[1], unit='pixel', image_size=(1920, 1080))"
    with pytest.raises(ValueError, match=r"'pixel' or 'share', got 'meter'"):
        Center2D([1], "meter")
    with pytest.raises(ValueError, match=r"expected joints and a size, got \[\]"):
        Center2D([])
    with pytest.raises(ValueError, match=r"got 17 joints with 2 channels"):
        Center2D([1])(COCO.to_data(torch.rand(17, 4, 2)))
    with pytest.raises(ValueError, match=r"got 17 joints with 3 channels"):
        Center2D([17])(make_clip())
    with pytest.raises(ValueError, match=r"needs clips"):
        Center2D([1])(COCO.to_data(torch.rand(17, 3)))


def test_chain():
    out = codt_chain_2d("coco17", 20)(make_clip()).x.view(2, 17, 20, 3)
    torch.testing.assert_close(out[:, 5, :, :2], -out[:, 6, :, :2])
    x = torch.rand(1, 18, 9, 3) + 0.1
    out = codt_chain_2d(OPENPOSE, 20, unit="share")(OPENPOSE.to_data(x)).x
    assert out.shape == (18, 20, 3)
    assert (out[1, :, :2] == 0).all()
    worm = Skeleton("worm", ["a"], [], "a")
    with pytest.raises(ValueError, match=r"'worm' has neither a neck nor both shoulders"):
        codt_chain_2d(worm)
