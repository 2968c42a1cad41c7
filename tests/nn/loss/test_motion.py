import pytest
import torch

from pyg_skeleton.nn.loss import motion_l1


def test_sum_over_all_but_the_clips():
    prediction, target = torch.randn(2, 3 * 7, 4, 3)
    error = (prediction - target).abs()
    expected = sum(error[c * 7 : (c + 1) * 7].sum() for c in range(3)) / 3
    torch.testing.assert_close(motion_l1(prediction, target, 3), expected)
    torch.testing.assert_close(motion_l1(prediction, target, 3, "mean"), error.mean())
    assert motion_l1(target, target, 3) == 0


def test_gradient_is_a_sign():
    prediction, target = torch.randn(2, 6, 4, 3)
    prediction.requires_grad_()
    motion_l1(prediction, target, 2).backward()
    torch.testing.assert_close(prediction.grad, (prediction.detach() - target).sign() / 2)


def test_refuses_nonsense():
    x = torch.randn(6, 4, 3)
    with pytest.raises(ValueError, match=r"target's shape \(6, 2, 3\), got \(6, 4, 3\)"):
        motion_l1(x, x[:, :2], 2)
    with pytest.raises(ValueError, match="reduction 'sum' or 'mean', got 'max'"):
        motion_l1(x, x, 2, "max")
