import pytest
import torch

from pyg_skeleton.nn.sums import pairwise_sum
from pyg_skeleton.nn.sums.copies import complete_edges
from pyg_skeleton.nn.sums.pairwise_sum import FEW, PairwiseSum
from pyg_skeleton.testing import assert_close, max_activation_elements, run_with_gradients

V = 4
#: Node 3 sees nobody, node 2 is seen by nobody.
EDGES = torch.tensor([[0, 1, 3, 0, 1], [0, 0, 0, 1, 2]])


def looped(edges):
    """The sum, one message after the other."""

    def run(x, weight, edge_weight=None):
        rows = [x.new_zeros(*x.shape[1:-1], weight.size(-1)) for _ in range(x.size(0))]
        for b in range(x.size(0) // V):
            for e, (j, i) in enumerate(edges.t().tolist()):
                a = 1.0 if edge_weight is None else edge_weight.expand(x.size(0) // V, -1)[b, e]
                rows[b * V + i] = rows[b * V + i] + a * (x[b * V + j] @ weight[e])
        return torch.stack(rows)

    return run


def spy(layer, monkeypatch):
    """Records the form that was used."""
    taken = []
    for name in ("_by_edge", "_by_target", "_by_source", "_all_pairs"):
        form = getattr(layer, name)
        monkeypatch.setattr(
            layer, name, lambda *args, form=form, name=name: (taken.append(name), form(*args))[1]
        )
    return taken


@pytest.mark.parametrize("weights", ["none", "shared", "per copy"])
@pytest.mark.parametrize("lead", [(), (2,), (2, 3)])
@pytest.mark.parametrize(("C", "D"), [(3, 5), (5, 3), (4, 4)])
@pytest.mark.parametrize("few", [0, FEW])
def test_every_form(monkeypatch, few, C, D, lead, weights):
    monkeypatch.setattr(pairwise_sum, "FEW", few)
    layer = PairwiseSum(EDGES, V)
    taken = spy(layer, monkeypatch)
    args = [torch.randn(3 * V, *lead, C, dtype=torch.float64)]
    args.append(torch.randn(5, C, D, dtype=torch.float64))
    if weights != "none":
        size = (3, 5) if weights == "per copy" else (5,)
        args.append(torch.randn(size, dtype=torch.float64))
    ours, theirs = (run_with_gradients(f, tuple(args)) for f in (layer, looped(EDGES)))
    assert_close(ours, theirs, "sums differ")
    assert taken == ["_by_edge" if few else "_by_source" if D < C else "_by_target"]
    assert not layer.state_dict()


@pytest.mark.parametrize("weights", [None, "per copy"])
@pytest.mark.parametrize(("C", "D"), [(3, 5), (5, 3)])
def test_all_pairs(monkeypatch, C, D, weights):
    monkeypatch.setattr(pairwise_sum, "FEW", 0)
    edges = complete_edges(V, torch.device("cpu"))
    layer = PairwiseSum(edges, V)
    taken = spy(layer, monkeypatch)
    x, weight = torch.randn(2 * V, 3, C).double(), torch.randn(V * V, C, D).double()
    args = (x, weight) if weights is None else (x, weight, torch.randn(2, V * V).double())
    ours, theirs = (run_with_gradients(f, args) for f in (layer, looped(edges)))
    assert_close(ours, theirs, "sums differ")
    assert ("_all_pairs" in taken) == (weights is None)


def test_large_batches_take_large_products(monkeypatch):
    layer = PairwiseSum(EDGES, V)
    taken = spy(layer, monkeypatch)
    for B in (FEW, FEW + 1):
        layer(torch.randn(B * V, 3), torch.randn(5, 3, 3))
    layer(torch.randn((FEW + 1) * V, 3), torch.randn(5, 3, 2))
    layer(torch.randn(V, FEW + 1, 3), torch.randn(5, 3, 3))  # a static batch counts as well
    assert taken == ["_by_edge", "_by_target", "_by_source", "_by_target"]


@pytest.mark.parametrize("few", [0, FEW])
@pytest.mark.parametrize("D", [2, 8])
def test_no_edges(monkeypatch, few, D):
    monkeypatch.setattr(pairwise_sum, "FEW", few)
    out = PairwiseSum(EDGES[:, :0], V)(torch.randn(2 * V, 4), torch.randn(0, 4, D))
    assert torch.equal(out, torch.zeros(2 * V, D))


@pytest.mark.parametrize("B", [1, 64])
@pytest.mark.parametrize("D", [4, 16, 32])
def test_memory_grows_with_the_edges(h36m, B, D):
    x, sizes = torch.randn(B * 16, 16), {}
    for k in (1, 4):
        edges = h36m.hop_edge_index(k, "ball")
        layer, E = PairwiseSum(edges, 16), edges.size(1)
        weight = torch.randn(E, 16, D)
        sizes[k] = max_activation_elements(layer, x, weight), E
        assert sizes[k][0] <= max(E * B * max(16, D), E * 16 * D)
    assert sizes[1][0] * sizes[4][1] <= 1.5 * sizes[4][0] * sizes[1][1]


def test_errors():
    layer, weight = PairwiseSum(EDGES, V), torch.randn(5, 3, 3)
    with pytest.raises(ValueError, match="x of 3 copies, one per graph, got 2"):
        layer(torch.randn(2 * V, 3), weight, torch.randn(3, 5))
    with pytest.raises(ValueError, match="copies of a graph of 4 nodes"):
        layer(torch.randn(5, 3), weight)
