import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pyg_skeleton.skeleton import difference


def test_dim_and_error():
    x = torch.randn(2, 5, 4)
    assert torch.equal(difference(x, 1, dim=0), difference(x.transpose(0, 1), 1).transpose(0, 1))
    assert torch.equal(difference(x, 1, dim=-1)[..., 1:], x.diff(dim=-1))
    assert torch.equal(difference(x[:, :1], 2), torch.zeros(2, 1, 4))
    assert difference(x, 0) is x
    with pytest.raises(ValueError, match="order must be at least 0, got -1"):
        difference(x, -1)


@settings(max_examples=50)
@given(st.lists(st.integers(-5, 5), min_size=1, max_size=4), st.integers(0, 4), st.integers(5, 12))
def test_differences_of_a_polynomial(coefficients, order, frames):
    time = torch.arange(frames, dtype=torch.double)
    x = sum(c * time**k for k, c in enumerate(coefficients)).view(1, -1, 1)
    out = difference(x, order).flatten()
    degree = len(coefficients) - 1
    expected = torch.diff(x.flatten(), n=order)
    assert torch.equal(out[order:], expected)
    assert not out[:order].any()
    if order > degree:
        assert not out[order:].any()


def test_gradient():
    x = torch.randn(2, 5, 3, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: difference(x, 2), x)
