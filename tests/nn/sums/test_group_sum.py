import torch

from pyg_skeleton.nn.sums import group_sum
from pyg_skeleton.nn.sums.group_sum import max_of
from pyg_skeleton.testing import assert_close


def test_equals_the_equation():
    query, key = torch.randn(2, 5, 1).double(), torch.randn(2, 3, 1).double()
    value, bias = torch.randn(2, 3, 4).double(), torch.randn(4).double()
    expected = bias.expand(2, 5, 4).clone()
    for b in range(2):
        for i in range(5):
            for g in range(3):
                expected[b, i] += (query[b, i] + key[b, g]).relu() * value[b, g] / 3
    assert_close(group_sum(query, key, value, bias), expected, "another sum")


def test_maximum_of_groups():
    h = torch.randn(2, 4, 3).double().requires_grad_()
    members = torch.tensor([[0, 3], [1, 3], [2, 3]])  # joints 0, 1 and 2; joint 3 alone
    out = max_of(h, members)
    assert torch.equal(out[:, 0], h[:, :3].amax(1))
    assert torch.equal(out[:, 1], h[:, 3])
    (grad,) = torch.autograd.grad(out[:, 0].sum(), h)
    (reference,) = torch.autograd.grad(h[:, :3].amax(1).sum(), h)
    assert torch.equal(grad, reference)
