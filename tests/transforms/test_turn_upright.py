import pytest
import torch

from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import TurnUpright

BODY = Skeleton.get("shared15")


def test_turn_upright():
    data = BODY.to_data(torch.randn(15, 4, 3), target=torch.randn(15, 2, 3))
    before = data.x.clone()
    out = TurnUpright()(data)
    assert torch.equal(data.x, before)
    sign = torch.tensor([1.0, -1.0, -1.0])
    assert torch.equal(out.x, before * sign)
    assert torch.equal(out.target, data.target * sign)
    assert torch.equal(TurnUpright()(out).x, before)
    # A turn, not a reflection.
    assert torch.linalg.det(torch.diag(sign)) == 1


def test_refusal():
    with pytest.raises(ValueError, match=r"needs 3 channels, x is \[15, 4, 2\]"):
        TurnUpright()(BODY.to_data(torch.randn(15, 4, 2)))
