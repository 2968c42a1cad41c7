import pytest
import torch

from pyg_skeleton.data import to_data
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import TemporalCrop

NTU = Skeleton.get("ntu25")


def make_clip(frames=10, **kwargs):
    return to_data(NTU, torch.arange(float(frames)).view(1, -1, 1).expand(25, -1, 3), **kwargs)


def starts(transform, data, count=1):
    return [int(transform(data).x[0, 0, 0]) for _ in range(count)]


def test_temporal_crop():
    assert str(TemporalCrop(4)) == "TemporalCrop(length=4, mode='random')"
    data = make_clip()
    for mode, start in [("first", 0), ("center", 3), ("last", 6)]:
        out = TemporalCrop(4, mode)(data)
        assert torch.equal(out.x, data.x[:, start : start + 4])
    assert data.num_frames == 10
    assert torch.equal(TemporalCrop(10)(data).x, data.x)


def test_random_crop():
    data = make_clip()
    torch.manual_seed(0)
    drawn = starts(TemporalCrop(7), data, 200)
    assert set(drawn) == {0, 1, 2, 3}
    torch.manual_seed(0)
    assert starts(TemporalCrop(7), data, 200) == drawn
    for _ in range(5):
        out = TemporalCrop(7)(data).x[0, :, 0]
        assert torch.equal(out.diff(), torch.ones(6))


def test_missing_joints():
    x = torch.randn(25, 6, 3)
    x[3, 4] = float("nan")
    out = TemporalCrop(2, "last")(to_data(NTU, x, missing="mask"))
    assert (~out.visible).nonzero().tolist() == [[3, 0]]


def test_target_stays_next_to_x():
    data = make_clip(target=torch.zeros(25, 2, 3))
    assert starts(TemporalCrop(4, "last"), data) == [6]
    assert starts(TemporalCrop(10), data) == [0]
    with pytest.raises(ValueError, match="gap between x and the target; use mode='last'"):
        TemporalCrop(4)(data)


def test_errors():
    with pytest.raises(ValueError, match=r"length=11, mode='random'\) needs 11 frames, got"):
        TemporalCrop(11)(make_clip())
    with pytest.raises(ValueError, match="length must be at least 1, got 0"):
        TemporalCrop(0)
    with pytest.raises(ValueError, match=r"mode must be one of .*, got 'middle'"):
        TemporalCrop(1, "middle")
    with pytest.raises(ValueError, match="TemporalCrop needs clips"):
        TemporalCrop(1)(to_data(NTU, torch.zeros(25, 3)))
