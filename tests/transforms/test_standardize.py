import numpy as np
import pytest
import torch

from pyg_skeleton.data import SkeletonLoader, to_data
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import Standardize

NTU = Skeleton.get("ntu25")


def make_transform():
    return Standardize(torch.randn(25, 3), torch.rand(25, 3) + 0.5)


def test_standardize():
    transform = make_transform()
    assert str(transform) == "Standardize(mean=tensor[25, 3], std=tensor[25, 3])"
    x, target = torch.randn(2, 25, 4, 3), torch.randn(2, 25, 2, 3)
    data = to_data(NTU, x, target=target)
    out = transform(data)
    mean, std = transform.mean.view(1, 25, 1, 3), transform.std.view(1, 25, 1, 3)
    torch.testing.assert_close(out.x.view_as(x), (x - mean) / std)
    torch.testing.assert_close(out.target.view_as(target), (target - mean) / std)
    assert torch.equal(data.x.view_as(x), x)
    pose = transform(to_data(NTU, x[0, :, 0]))
    torch.testing.assert_close(pose.x, out.x[:25, 0])


def test_inverse():
    transform = make_transform()
    data = to_data(NTU, torch.randn(2, 25, 4, 3), target=torch.randn(2, 25, 2, 3))
    out = transform(data)
    back = transform.inverse(out)
    torch.testing.assert_close(back.x, data.x)
    torch.testing.assert_close(back.target, data.target)
    assert back is not out
    assert not torch.allclose(out.x, data.x)
    torch.testing.assert_close(transform.inverse(out.x), data.x)
    static = out.x.view(2, 25, 4, 3).transpose(0, 1)
    torch.testing.assert_close(transform.inverse(static), data.x.view(2, 25, 4, 3).transpose(0, 1))
    batch = transform(next(iter(SkeletonLoader([data, data], batch_size=2))))
    torch.testing.assert_close(batch.x, torch.cat([out.x, out.x]))
    torch.testing.assert_close(transform.inverse(batch).x, torch.cat([data.x, data.x]))


def test_identity_dtype_and_missing_joints():
    transform = Standardize(np.zeros((25, 3)), np.ones((25, 3)))
    x = torch.randn(25, 2, 3)
    assert torch.equal(transform(to_data(NTU, x)).x, x)
    assert transform(to_data(NTU, x)).x.dtype == torch.float
    x[3, 1] = float("nan")
    transform = make_transform()
    out = transform(to_data(NTU, x, missing="mask"))
    assert not out.x[3, 1].any()
    assert not transform.inverse(out).x[3, 1].any()


def test_fit():
    clips = [to_data(NTU, torch.randn(p, 25, t, 3) * 2 + 1000) for p, t in [(1, 5), (2, 9), (1, 3)]]
    transform = Standardize.fit(clips)
    x = torch.cat(
        [clip.x.view(-1, 25, clip.num_frames, 3).transpose(1, 2).flatten(0, 1) for clip in clips]
    ).double()
    torch.testing.assert_close(transform.mean, x.mean(0).float())
    torch.testing.assert_close(transform.std, x.std(0, correction=0).float())
    assert transform.mean.dtype == torch.float

    for clip in clips:
        clip.x = clip.x.clone()
        clip.x[:, :, 0] = 7.0
    assert Standardize.fit(clips).std[:, 0].tolist() == [1.0] * 25
    poses = [to_data(NTU, torch.randn(25, 3)) for _ in range(5)]
    torch.testing.assert_close(
        Standardize.fit(poses).mean, torch.stack([pose.x for pose in poses]).mean(0)
    )
    with pytest.raises(ValueError, match="no clips to fit"):
        Standardize.fit([])


def test_fit_leaves_out_missing_joints():
    x = torch.randn(25, 6, 3)
    x[3, 2] = float("nan")
    x[4] = float("nan")
    transform = Standardize.fit([to_data(NTU, x, missing="mask")])
    torch.testing.assert_close(transform.mean[3], x[3].nanmean(0))
    torch.testing.assert_close(transform.std[3], x[3][[0, 1, 3, 4, 5]].std(0, correction=0))
    assert transform.mean[4].tolist() == [0, 0, 0]
    assert transform.std[4].tolist() == [1, 1, 1]


def test_errors():
    mean, std = torch.zeros(25, 3), torch.ones(25, 3)
    std[4, 2] = 0
    with pytest.raises(ValueError, match=r"std must be above 0 .* 0.0 for channel 2 of joint 4"):
        Standardize(mean, std)
    with pytest.raises(ValueError, match=r"must be \[V, C\], got \[25, 3\] and \[25, 2\]"):
        Standardize(mean, torch.ones(25, 2))
    with pytest.raises(ValueError, match="mean must be finite"):
        Standardize(mean + float("nan"), torch.ones(25, 3))
    transform = make_transform()
    with pytest.raises(ValueError, match=r"got 2 channels, in \[25, 4, 2\]"):
        transform(to_data(NTU, torch.zeros(25, 4, 2)))
    with pytest.raises(ValueError, match="Standardize is for 25 joints, got 18 nodes"):
        transform(to_data(Skeleton.get("openpose18"), torch.zeros(18, 4, 3)))
