import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils._python_dispatch import TorchDispatchMode

from pyg_skeleton.nn.loss import balanced_assignment, transport


def logits(N, K, seed=0, scale=1.0):
    torch.manual_seed(seed)
    return scale * (torch.randn(N, K) + torch.randn(K))


def plan(score, potential, sharpness=10.0):
    """The plan S, ``[N, K]``, that belongs to prices."""
    return (sharpness * score.double() + potential.double()).softmax(dim=1) / len(score)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("N", "K"), [(12, 3), (20, 4), (21, 7), (8, 8)])
def test_is_the_exact_assignment_where_it_is_sharp(N, K, seed):
    linear_sum_assignment = pytest.importorskip("scipy.optimize").linear_sum_assignment
    score = logits(N, K, seed)
    result = balanced_assignment(score, sharpness=200, tolerance=1e-3, max_iterations=20_000)
    # A sample takes one of the N / K places of a cluster.
    _, places = linear_sum_assignment(-np.repeat(score.numpy(), N // K, axis=1))
    assert result.assignment.tolist() == (places // (N // K)).tolist()


@pytest.mark.parametrize(("N", "K"), [(10, 4), (7, 3), (3, 5)])
def test_costs_no_more_than_the_exact_plan(N, K):
    linprog = pytest.importorskip("scipy.optimize").linprog
    score = logits(N, K, seed=N)
    cost = -score.double().log_softmax(dim=1)
    rows, columns = np.kron(np.eye(N), np.ones(K)), np.kron(np.ones(N), np.eye(K))
    shares = np.concatenate([np.full(N, 1 / N), np.full(K, 1 / K)])
    best = linprog(cost.flatten().numpy(), A_eq=np.concatenate([rows, columns]), b_eq=shares).fun
    previous = np.inf
    for sharpness in (1, 10, 100):
        result = balanced_assignment(
            score, sharpness=sharpness, tolerance=1e-4, max_iterations=20_000
        )
        ours = float((plan(score, result.potential, sharpness) * cost).sum())
        assert best - 1e-3 <= ours < previous
        previous = ours
    assert ours == pytest.approx(best, rel=0.01)


@settings(max_examples=30)
@given(N=st.integers(1, 40), K=st.integers(1, 12), seed=st.integers(0, 99), scale=st.floats(0, 1.5))
def test_rows_and_columns_of_the_plan(N, K, seed, scale):
    score = logits(N, K, seed, scale)
    result = balanced_assignment(score, tolerance=1e-3, max_iterations=20_000)
    S = plan(score, result.potential)
    torch.testing.assert_close(S.sum(1), torch.full((N,), 1 / N).double())
    torch.testing.assert_close(S.sum(0), torch.full((K,), 1 / K).double(), rtol=3e-3, atol=0)


def test_shares_are_balanced():
    N, K = 3000, 11
    score = logits(N, K)
    result = balanced_assignment(score, tolerance=1e-3, max_iterations=1000)
    plan = (10 * score + result.potential).softmax(dim=1)
    torch.testing.assert_close(plan.sum(0), torch.full((K,), N / K), rtol=2e-3, atol=0)
    assert result.error <= 1e-3
    assert torch.equal(result.assignment, plan.argmax(dim=1))
    raw = torch.bincount(score.argmax(dim=1), minlength=K)
    ours = torch.bincount(result.assignment, minlength=K)
    assert ours.max() - ours.min() < 0.3 * (raw.max() - raw.min())


def test_equals_sinkhorns_iterations_in_double_precision():
    score = logits(200, 5).double()
    kernel = (10 * score).softmax(dim=1).t()  # [K, N], as in the paper
    u, v = torch.full((5,), 1 / 5).double(), torch.full((200,), 1 / 200).double()
    for _ in range(2000):
        u = (1 / 5) / (kernel @ v)
        v = (1 / 200) / (u @ kernel)
    plan = (u[:, None] * kernel * v).t()
    result = balanced_assignment(score, tolerance=1e-5, max_iterations=5000)
    assert torch.equal(result.assignment, plan.argmax(dim=1))


def test_in_parts_and_from_a_function(monkeypatch):
    score = logits(500, 7)
    whole = balanced_assignment(score)
    monkeypatch.setattr(transport, "CHUNK", 7 * 60)
    seen = []

    def read(start, end):
        seen.append(end - start)
        return score[start:end]

    parts = balanced_assignment(read, num_samples=500)
    assert torch.equal(parts.assignment, whole.assignment)
    torch.testing.assert_close(parts.potential, whole.potential, rtol=1e-4, atol=1e-4)
    assert max(seen) == 60


class Largest(TorchDispatchMode):
    """The largest tensor that is made."""

    def __init__(self):
        super().__init__()
        self.numel = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        for x in out if isinstance(out, tuple | list) else [out]:
            if isinstance(x, torch.Tensor):
                self.numel = max(self.numel, x.numel())
        return out


@pytest.mark.filterwarnings("ignore:transport stopped")
def test_no_more_than_a_part_is_held(monkeypatch):
    N, K, part = 3000, 100, 100
    monkeypatch.setattr(transport, "CHUNK", K * part)
    features, weight = logits(N, 8), logits(8, K, seed=1)
    with Largest() as largest:
        result = balanced_assignment(
            lambda a, b: features[a:b] @ weight, num_samples=N, max_iterations=5
        )
    assert len(result.assignment) == N
    assert largest.numel <= K * part  # the whole has 30 times as many


def test_a_warm_start_over_a_bank_that_changes():
    # As in training: a batch of the bank is new each time.
    torch.manual_seed(0)
    classes = torch.randn(20)
    bank, new = classes + torch.randn(1000, 20), classes + torch.randn(1000, 20)
    potential = balanced_assignment(bank).potential
    cold, warm = [], []
    for batch in torch.randperm(1000).split(50)[:8]:
        bank[batch] = new[batch]
        cold.append(balanced_assignment(bank))
        warm.append(balanced_assignment(bank, potential=potential))
        potential = warm[-1].potential
    assert sum(x.iterations for x in warm) < sum(x.iterations for x in cold) / 2
    for a, b in zip(cold, warm, strict=True):
        assert b.error <= 1e-2
        assert (a.assignment == b.assignment).float().mean() > 0.98


@pytest.mark.filterwarnings("ignore:transport stopped")
@pytest.mark.parametrize("scale", [1.0, 30.0, 1e4, 1e30])
def test_finite_at_any_sharpness(scale):
    score = logits(300, 5, scale=scale)
    result = balanced_assignment(score)
    assert result.potential.isfinite().all()
    assert len(result.assignment.unique()) > 1


@pytest.mark.filterwarnings("ignore:transport stopped")
def test_finite_where_the_iterations_on_numbers_are_not():
    # The authors' form: a whole row of the kernel is zero in single precision.
    score = logits(2000, 51, scale=6.0)
    kernel = score.softmax(dim=1).t() ** 10
    assert not (1 / (kernel @ torch.full((2000,), 1 / 2000))).isfinite().all()
    result = balanced_assignment(score)
    counts = torch.bincount(result.assignment, minlength=51)
    assert counts.min() > 20  # of 39
    assert counts.max() < 60


def test_one_cluster_one_sample_and_ties():
    assert balanced_assignment(torch.zeros(7, 1)).assignment.tolist() == [0] * 7
    assert balanced_assignment(torch.tensor([[0.0, 3.0, 1.0]])).assignment.numel() == 1
    tie = balanced_assignment(torch.zeros(7, 3))
    assert tie.iterations == 1
    assert tie.potential.tolist() == [0, 0, 0]


def test_a_cluster_that_nobody_likes_gets_its_share():
    score = logits(300, 5)
    score[:, 2] -= 1e4
    counts = torch.bincount(balanced_assignment(score).assignment, minlength=5)
    assert 50 < counts[2] < 70


def test_more_clusters_than_samples():
    result = balanced_assignment(logits(3, 8))
    assert result.potential.isfinite().all()
    assert len(result.assignment.unique()) == 3  # nobody shares one


def test_wrong_input_raises(monkeypatch):
    score = logits(10, 3)
    score[4, 1] = torch.nan
    with pytest.raises(ValueError, match="expected finite logits, those of sample 4 are not"):
        balanced_assignment(score)
    monkeypatch.setattr(transport, "CHUNK", 9)  # three samples at a time
    with pytest.raises(ValueError, match="those of sample 4 are not"):
        balanced_assignment(score)
    score[4, 1], score[9, 2] = 0, -torch.inf
    with pytest.raises(ValueError, match="those of sample 9 are not"):
        balanced_assignment(score)
    with pytest.raises(ValueError, match="expected at least one sample, got None"):
        balanced_assignment(lambda a, b: score[a:b])
    with pytest.raises(ValueError, match="expected sharpness > 0"):
        balanced_assignment(score, sharpness=0)


def test_says_when_it_did_not_converge():
    with pytest.warns(UserWarning, match="stopped after 2 iterations, before clusters were within"):
        result = balanced_assignment(logits(200, 5), sharpness=50, max_iterations=2)
    assert result.error > 0.01
    assert balanced_assignment(logits(200, 5), sharpness=1.0).error <= 0.01
