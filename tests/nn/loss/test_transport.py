import numpy as np
import pytest
import torch

from pyg_skeleton.nn.loss import balanced_assignment, transport


def logits(N, K, seed=0, scale=1.0):
    torch.manual_seed(seed)
    return scale * (torch.randn(N, K) + torch.randn(K))


@pytest.mark.parametrize(("N", "K"), [(12, 3), (20, 4), (21, 7)])
def test_is_the_exact_plan_where_it_is_sharp(N, K):
    linear_sum_assignment = pytest.importorskip("scipy.optimize").linear_sum_assignment
    score = logits(N, K)
    result = balanced_assignment(score, sharpness=200, tolerance=1e-3, max_iterations=20_000)
    rows, columns = linear_sum_assignment(-np.repeat(score.numpy(), N // K, axis=1))
    best = score.numpy()[rows, columns // (N // K)].sum()
    got = score[torch.arange(N), result.assignment].sum()
    assert float(got) == pytest.approx(float(best), abs=0.1)
    assert torch.bincount(result.assignment, minlength=K).tolist() == pytest.approx(
        [N // K] * K, abs=1
    )


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


def test_a_warm_start_is_faster():
    score = logits(2000, 20)
    cold = balanced_assignment(score)
    score[:100] = logits(100, 20, seed=1)
    warm = balanced_assignment(score, potential=cold.potential)
    assert warm.iterations < balanced_assignment(score).iterations


@pytest.mark.parametrize("scale", [1.0, 30.0, 1e4])
def test_finite_at_any_sharpness(scale):
    score = logits(300, 5, scale=scale)
    result = balanced_assignment(score)
    assert result.potential.isfinite().all()
    assert len(result.assignment.unique()) > 1


def test_more_clusters_than_samples():
    result = balanced_assignment(logits(3, 8))
    assert result.potential.isfinite().all()
    assert len(result.assignment.unique()) == 3  # nobody shares one


def test_wrong_input_raises():
    score = logits(10, 3)
    score[4, 1] = torch.nan
    with pytest.raises(ValueError, match="expected finite logits, those of sample 4 are not"):
        balanced_assignment(score)
    with pytest.raises(ValueError, match="expected at least one sample, got None"):
        balanced_assignment(lambda a, b: score[a:b])
    with pytest.raises(ValueError, match="expected sharpness > 0"):
        balanced_assignment(score, sharpness=0)
