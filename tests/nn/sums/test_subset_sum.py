import importlib

import pytest
import torch

from pyg_skeleton.nn.sums.subset_sum import in_one_precision, parts, subset_sum

module = importlib.import_module("pyg_skeleton.nn.sums.subset_sum")

SIZES = {"b": 3, "t": 4, "k": 2, "i": 5, "j": 5}


def random(*shape):
    return torch.randn(shape, dtype=torch.float64, requires_grad=True)


@pytest.mark.parametrize("shape", ["kij", "bkij", "btkij"])
@pytest.mark.parametrize("in_cache", [1, 10**9])  # body by body, and all at once
def test_is_the_printed_sum_with_its_gradients(shape, in_cache, monkeypatch):
    monkeypatch.setattr(module, "IN_CACHE", in_cache)
    inputs = random(15, 4, 6), random(*(SIZES[s] for s in shape)), random(2, 7, 6)
    x, adj, weight = inputs
    expected = torch.einsum(f"{shape},bjtc,kdc->bitd", adj, x.view(3, 5, 4, 6), weight)
    out = subset_sum(x, adj, weight)
    torch.testing.assert_close(out, expected.flatten(0, 1))
    factor = torch.randn_like(out)
    ours = torch.autograd.grad((out * factor).sum(), inputs)
    theirs = torch.autograd.grad((expected.flatten(0, 1) * factor).sum(), inputs)
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a, b)


def test_keeps_its_inputs_alone():
    x, adj, weight = random(15, 4, 6), random(3, 2, 5, 5), random(2, 7, 6)
    kept = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t) or t, lambda t: t):
        subset_sum(x, adj, weight)
    assert sorted(t.numel() for t in kept) == sorted(t.numel() for t in (x, adj, weight))


def test_another_number_of_bodies():
    with pytest.raises(ValueError, match="expected x of 3 copies, one per graph, got 2"):
        subset_sum(random(10, 4, 6), random(3, 2, 5, 5), random(2, 7, 6))


def test_parts_cover_everything_and_fit_into_the_cache(monkeypatch):
    monkeypatch.setattr(module, "IN_CACHE", 100)
    x = torch.zeros(7)
    assert [(p.start, p.stop) for p in parts(x, 33)] == [(0, 3), (3, 6), (6, 9)]
    assert len(list(parts(x, 1000))) == 7
    assert torch.cat([x[p] for p in parts(x, 33)]).shape == (7,)


def test_precision_of_autocast():
    one, two = torch.zeros(1), torch.zeros(1, dtype=torch.float64)
    assert [t.dtype for t in in_one_precision(one, two)] == [torch.float32, torch.float64]
    with torch.autocast("cpu", torch.bfloat16):
        assert {t.dtype for t in in_one_precision(one, two)} == {torch.bfloat16}
