import pytest
import torch

from pyg_skeleton.nn.loss import min_norm_pair


@pytest.mark.parametrize(
    ("first", "second", "weight"),
    [
        ((1, 0), (0, 1), 0.5),
        ((1, 0), (2, 0), 1.0),
        ((3, 0), (1, 0), 0.0),
        ((1, 2), (1, 2), 0.5),
        ((0, 0), (0, 0), 0.5),
        ((0, 0), (5, 1), 1.0),
        ((1, 0), (-1, 0), 0.5),
        ((1, 0), (-3, 0), 0.75),
        ((2, 0), (0, 1), 0.2),
    ],
)
def test_closed_form(first, second, weight):
    first, second = (torch.tensor(g, dtype=torch.float32) for g in (first, second))
    pair = min_norm_pair(first, second)
    assert pair.shape == ()
    assert pair.item() == pytest.approx(weight)


def test_closed_form_is_the_shortest_on_the_segment():
    for _ in range(20):
        first, second = torch.randn(2, 5, dtype=torch.float64) + 0.5
        line = torch.linspace(0, 1, 1001, dtype=torch.float64).unsqueeze(1)
        norms = (line * first + (1 - line) * second).norm(dim=1)
        weight = min_norm_pair(first, second)
        assert (weight * first + (1 - weight) * second).norm() <= norms.min() + 1e-12
        assert abs(weight - line[norms.argmin(), 0]) < 1e-3


def test_pair_of_huge_and_tiny_gradients():
    for scale in (1e-18, 1e-8, 1e8, 1e18):
        first, second = scale * torch.tensor([[2.0, 0.0], [0.0, 1.0]])
        assert min_norm_pair(first, second).item() == pytest.approx(0.2, rel=1e-4)


def test_combination_descends_on_both_tasks():
    for _ in range(20):
        gradients = torch.randn(2, 10, dtype=torch.float64)
        weight = min_norm_pair(*gradients)
        step = weight * gradients[0] + (1 - weight) * gradients[1]
        assert (gradients @ step >= step @ step - 1e-12).all()
