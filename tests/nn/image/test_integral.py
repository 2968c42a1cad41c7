import pytest
import torch

from pyg_skeleton.nn import integral_loss, soft_argmax


def test_a_gaussian_heat_map():
    """The mean place of a Gaussian well inside of the map is its center."""
    H, W = 24, 32
    centers = torch.tensor([[10.3, 9.6], [20.0, 14.0]], dtype=torch.double)
    y, x = torch.meshgrid(torch.arange(H).double(), torch.arange(W).double(), indexing="ij")
    square = (x - centers[:, 0, None, None]) ** 2 + (y - centers[:, 1, None, None]) ** 2
    out = soft_argmax(-square / (2 * 1.5**2))
    expected = centers / torch.tensor([W, H]) - 0.5
    torch.testing.assert_close(out, expected, rtol=0, atol=1e-6)


def test_equals_the_sum_over_all_cells():
    maps = torch.randn(2, 3, 4, 5, dtype=torch.double)
    out = soft_argmax(maps)
    assert out.shape == (2, 3, 2)
    for b in range(2):
        for v in range(3):
            weight = maps[b, v].exp() / maps[b, v].exp().sum()
            x = sum(weight[i, j] * j for i in range(4) for j in range(5)) / 5 - 0.5
            y = sum(weight[i, j] * i for i in range(4) for j in range(5)) / 4 - 0.5
            torch.testing.assert_close(out[b, v], torch.stack([x, y]))


def test_one_cell_alone():
    maps = torch.full((1, 4, 8), -1e4)
    maps[0, 3, 6] = 1e4
    torch.testing.assert_close(soft_argmax(maps), torch.tensor([[6 / 8 - 0.5, 3 / 4 - 0.5]]))


def test_gradients():
    maps = torch.randn(2, 3, 4, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(soft_argmax, (maps,))


def test_bfloat16_is_summed_in_full_precision():
    maps = torch.randn(1, 64, 64).to(torch.bfloat16)
    assert soft_argmax(maps).dtype == torch.float32
    torch.testing.assert_close(soft_argmax(maps), soft_argmax(maps.float()))


def test_loss():
    found = torch.tensor([[0.0, 0.1], [0.2, -0.3], [0.4, 0.4], [0.0, 0.0]])
    true = torch.tensor([[0.1, 0.1], [0.0, 0.0], [0.4, 0.5], [0.5, 0.5]])
    assert float(integral_loss(found, true, 2)) == pytest.approx((0.1 + 0.5 + 0.1 + 1.0) / 2)
    visible = torch.tensor([True, True, True, False])
    assert float(integral_loss(found, true, 2, visible)) == pytest.approx(0.7 / 2)
    weight = torch.tensor([1.0, 0.0, 0.0, 0.5])
    assert float(integral_loss(found, true, 2, weight)) == pytest.approx(0.6 / 2)


def test_loss_refuses():
    with pytest.raises(ValueError, match=r"target's shape \(4, 2\), got \(2, 2\)"):
        integral_loss(torch.zeros(2, 2), torch.zeros(4, 2), 1)
    with pytest.raises(ValueError, match=r"expected visible of shape \(2,\), got \(2, 1\)"):
        integral_loss(torch.zeros(2, 2), torch.zeros(2, 2), 1, torch.ones(2, 1))
