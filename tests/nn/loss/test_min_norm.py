import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pyg_skeleton.nn.loss import min_norm_pair, min_norm_weights


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
    weights = min_norm_weights([first, second])
    combined = weights[0] * first + weights[1] * second
    torch.testing.assert_close(combined, weight * first + (1 - weight) * second)


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


@settings(max_examples=60, deadline=None)
@given(
    num_tasks=st.integers(2, 6),
    size=st.integers(1, 8),
    seed=st.integers(0, 2**31),
    spread=st.sampled_from([0.0, 1e-3, 1.0, 1e3]),
)
def test_weights_solve_the_problem(num_tasks, size, seed, spread):
    """By its optimality conditions: no task's gradient lies below the shortest combination."""
    generator = torch.Generator().manual_seed(seed)
    gradients = torch.randn(num_tasks, size, generator=generator, dtype=torch.float64)
    gradients *= torch.exp(
        spread**0.5 * torch.rand(num_tasks, 1, generator=generator, dtype=torch.float64)
    )
    weights = min_norm_weights(gradients)
    assert weights.shape == (num_tasks,)
    assert (weights >= 0).all()
    assert weights.sum().item() == pytest.approx(1)
    shortest = weights @ gradients
    square = gradients.square().sum(dim=1)
    gap = shortest @ shortest - (gradients @ shortest).min()
    assert gap <= 1e-9 * square.max()


@pytest.mark.parametrize("num_tasks", [2, 3, 4, 5, 6])
def test_weights_equal_a_general_solver(num_tasks):
    optimize = pytest.importorskip("scipy.optimize")
    for size in (2, 20):
        gradients = torch.randn(num_tasks, size, dtype=torch.float64) + 0.3
        gram = (gradients @ gradients.t()).numpy()
        solution = optimize.minimize(
            lambda w: w @ gram @ w,  # noqa: B023
            [1 / num_tasks] * num_tasks,
            jac=lambda w: 2 * gram @ w,  # noqa: B023
            bounds=[(0, 1)] * num_tasks,
            constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
            options={"ftol": 1e-14, "maxiter": 1000},
        )
        weights = min_norm_weights(gradients)
        norm = (weights @ gradients).square().sum().item()
        assert norm == pytest.approx(solution.fun, rel=1e-5, abs=1e-9)
        assert norm <= solution.fun + 1e-8


def test_weights_of_special_cases():
    one = min_norm_weights([torch.randn(4)])
    assert one.tolist() == [1.0]
    assert min_norm_weights(torch.zeros(3, 4)).sum().item() == pytest.approx(1)
    same = min_norm_weights(torch.ones(3, 4))
    assert same.tolist() == pytest.approx([1 / 3] * 3)
    axes = min_norm_weights(torch.eye(4))
    assert axes.tolist() == pytest.approx([0.25] * 4)
    assert axes.dtype == torch.float32
    shortest = min_norm_weights(torch.tensor([[5.0, 0.0], [1.0, 0.0], [9.0, 0.0]]))
    assert shortest.tolist() == pytest.approx([0.0, 1.0, 0.0])


def test_weights_refuse_nonsense():
    with pytest.raises(ValueError, match=r"shape \(N, P\), got \(4,\)"):
        min_norm_weights(torch.randn(4))
    for nothing in ([], torch.randn(0, 4)):
        with pytest.raises(ValueError, match="at least one gradient"):
            min_norm_weights(nothing)
    for bad in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="finite gradients"):
            min_norm_weights(torch.tensor([[1.0, bad], [1.0, 2.0]]))
