import pytest
import torch

from pyg_skeleton.data import to_data
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import RandomScale

NTU = Skeleton.get("ntu25")


def test_random_scale():
    transform = RandomScale((0.5, 1.5))
    assert str(transform) == "RandomScale(scales=(0.5, 1.5))"
    data = to_data(NTU, torch.randn(25, 4, 3), target=torch.randn(25, 2, 3))
    x = data.x.clone()
    factors = set()
    for _ in range(20):
        out = transform(data)
        factor = out.x / data.x
        torch.testing.assert_close(factor, factor[0, 0, 0].expand_as(factor))
        torch.testing.assert_close(out.target, data.target * factor[0, 0, 0])
        assert 0.5 - 1e-5 <= float(factor[0, 0, 0]) <= 1.5 + 1e-5
        factors.add(float(factor[0, 0, 0]))
    assert len(factors) > 10
    assert torch.equal(data.x, x)
    assert torch.equal(RandomScale((1, 1))(data).x, x)


def test_errors():
    for scales in [(2, 1), (0, 1), (-1, 1)]:
        with pytest.raises(ValueError, match="scales must be positive and in order"):
            RandomScale(scales)
