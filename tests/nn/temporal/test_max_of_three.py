import pytest
import torch
import torch.nn.functional as F

from pyg_skeleton.nn.temporal.max_of_three import max_of_three


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("frames", [1, 2, 3, 6, 7, 8])
def test_equals_pooling_also_among_equals(frames, stride):
    x = torch.randint(3, (4, frames, 5)).double().requires_grad_()  # most maxima are shared
    y = x.detach().clone().requires_grad_()
    ours = max_of_three(x, stride)
    theirs = F.max_pool1d(y.transpose(1, 2), 3, stride, 1).transpose(1, 2)
    assert torch.equal(ours, theirs)
    weight = torch.randn_like(ours)
    (ours * weight).sum().backward()
    (theirs * weight).sum().backward()
    torch.testing.assert_close(x.grad, y.grad)


def test_views():
    x = torch.randn(4, 7, 9)
    view = x[..., 2:5]
    torch.testing.assert_close(max_of_three(view, 2), max_of_three(view.contiguous(), 2))
    assert torch.equal(view, x[..., 2:5])


@pytest.mark.parametrize("stride", [1, 2])
def test_compiles(stride):
    def pool(x):
        return max_of_three(x, stride)

    x = torch.randn(4, 7, 5)
    assert torch.equal(torch.compile(pool, backend="eager", fullgraph=True)(x), pool(x))


@pytest.mark.parametrize("stride", [1, 2])
def test_gradients_are_those_of_finite_differences(stride):
    x = torch.randn(3, 7, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: max_of_three(x, stride), (x,))
