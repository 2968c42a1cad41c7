import importlib

import pytest
import torch

from pyg_skeleton.nn.sums.relational_sum import relational_sum
from pyg_skeleton.testing import assert_close, max_activation_elements, run_with_gradients

module = importlib.import_module("pyg_skeleton.nn.sums.relational_sum")


def looped(x, adj, weight):
    """The sum, one message after the other."""
    G, D, _ = weight.shape
    V = adj.size(-1)
    out = x.new_zeros(*x.shape[:-1], D)
    for b in range(x.size(0) // V):
        graphs = adj[b] if adj.dim() == 4 else adj
        for g in range(G):
            for i in range(V):
                for j in range(V):
                    out[b * V + i] += graphs[g, i, j] * (x[b * V + j] @ weight[g].t())
    return out


@pytest.mark.parametrize("copies", [1, 3])
@pytest.mark.parametrize("per_copy", [False, True])
@pytest.mark.parametrize(("relations", "C", "D"), [(1, 3, 5), (2, 5, 3), (3, 4, 4)])
@pytest.mark.parametrize("lead", [(), (2,), (2, 3)])
def test_relational_sum(copies, per_copy, relations, C, D, lead):
    V = 4
    x = torch.randn(copies * V, *lead, C, dtype=torch.float64, requires_grad=True)
    shape = (copies, relations, V, V) if per_copy else (relations, V, V)
    adj = torch.randn(shape, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(relations, D, C, dtype=torch.float64, requires_grad=True)
    ours, theirs = relational_sum(x, adj, weight), looped(x, adj, weight)
    torch.testing.assert_close(ours, theirs)
    factor = torch.randn_like(ours)
    grads = [torch.autograd.grad((o * factor).sum(), [x, adj, weight]) for o in (ours, theirs)]
    assert_close(*grads, "gradients differ", rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("per_copy", [False, True])
@pytest.mark.parametrize(("C", "D"), [(3, 5), (5, 3)])
@pytest.mark.parametrize("copies", [1, 2, 3, 7])
def test_relational_sum_in_chunks(monkeypatch, per_copy, C, D, copies):
    x = torch.randn(7 * 4, 6, C, dtype=torch.float64)
    adj = torch.randn(*((7,) if per_copy else ()), 2, 4, 4, dtype=torch.float64)
    weight = torch.randn(2, D, C, dtype=torch.float64)
    expected = run_with_gradients(relational_sum, (x, adj, weight))
    whole = max_activation_elements(relational_sum, x, adj, weight)
    monkeypatch.setattr(module, "CHUNK", copies * 2 * 4 * 6 * 3)
    assert_close(run_with_gradients(relational_sum, (x, adj, weight)), expected, "chunks differ")
    if copies < 3:
        assert max_activation_elements(relational_sum, x, adj, weight) < whole


def test_relational_sum_of_another_number_of_graphs_raises():
    x, weight = torch.randn(6, 5), torch.randn(1, 5, 5)
    with pytest.raises(ValueError, match="x of 3 copies, one per graph, got 2"):
        relational_sum(x, torch.randn(3, 1, 3, 3), weight)
    with pytest.raises(ValueError, match="x of 1 copies"):
        relational_sum(x, torch.randn(1, 1, 3, 3), weight)
