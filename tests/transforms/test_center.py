import pytest
import torch

from pyg_skeleton.data import SkeletonLoader, to_data
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import Center

NTU = Skeleton.get("ntu25")
X = torch.randn(2, 25, 4, 3)
TARGET = torch.randn(2, 25, 2, 3)


def make_clip(**kwargs):
    return to_data(NTU, X, target=TARGET, **kwargs)


def check(transform, origin, target_origin):
    data = make_clip()
    out = transform(data)
    torch.testing.assert_close(out.x.view_as(X), X - origin)
    torch.testing.assert_close(out.target.view_as(TARGET), TARGET - target_origin)
    assert torch.equal(data.x.view_as(X), X)


def test_center():
    assert str(Center()) == "Center(joint=0, frame='each', person=None)"
    check(Center(), X[:, :1], TARGET[:, :1])
    check(Center(3), X[:, 3:4], TARGET[:, 3:4])
    check(Center(3, frame="first"), X[:, 3:4, :1], X[:, 3:4, :1])
    check(Center(3, frame="last"), X[:, 3:4, 3:], X[:, 3:4, 3:])
    check(Center(person=1), X[1:, :1], TARGET[1:, :1])
    check(Center(2, frame="first", person=0), X[:1, 2:3, :1], X[:1, 2:3, :1])


def test_poses_and_batches():
    pose = to_data(NTU, X[0, :, 0])
    torch.testing.assert_close(Center(2, frame="first")(pose).x, X[0, :, 0] - X[0, 2, 0])
    clips = [make_clip(), to_data(NTU, X[0], target=TARGET[0]), make_clip()]
    for transform in (Center(1), Center(2, frame="first", person=0)):
        batch = transform(next(iter(SkeletonLoader(clips, batch_size=3))))
        torch.testing.assert_close(batch.x, torch.cat([transform(clip).x for clip in clips]))


def test_missing_joints():
    x = X.clone()
    x[1, 3, 2] = float("nan")
    data = to_data(NTU, x, missing="mask")
    out = Center(0)(data)
    assert not out.x[28, 2].any()
    assert Center(3, frame="first")(data).x.shape == (50, 4, 3)
    with pytest.raises(ValueError, match="needs joint 3, which is missing in body 1"):
        Center(3)(data)
    assert Center(3, person=0)(data).x.shape == (50, 4, 3)


def test_errors():
    with pytest.raises(ValueError, match=r"frame must be one of .* got 'all'"):
        Center(frame="all")
    with pytest.raises(ValueError, match="got clips of 25 joints"):
        Center(25)(make_clip())
    with pytest.raises(ValueError, match="got a clip of 2 persons"):
        Center(person=2)(make_clip())
