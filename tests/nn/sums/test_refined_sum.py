import importlib

import pytest
import torch

from pyg_skeleton.nn.sums.refined_sum import refined_sum

module = importlib.import_module("pyg_skeleton.nn.sums.subset_sum")


def random(*shape):
    return torch.randn(shape, dtype=torch.float64, requires_grad=True)


def make():
    """Three bodies of five joints, two subsets, two features of a pair, seven channels."""
    pairs, base = random(3, 2, 2, 5, 5), random(2, 7, 5, 5)
    return random(15, 4, 6), pairs, base, random(2, 7, 2), random(2, 7, 6), random(2, 7)


def printed(x, pairs, base, mix, weight, bias):
    graph = base + torch.einsum("kdh,bkhij->bkdij", mix, pairs)
    h = torch.einsum("kdc,bjtc->bkjtd", weight, x.view(3, 5, 4, 6)) + bias[:, None, None]
    return torch.einsum("bkdij,bkjtd->bitd", graph, h).flatten(0, 1)


@pytest.mark.parametrize("in_cache", [1, 10**9])  # body by body, and all at once
def test_is_the_printed_sum_with_its_gradients(in_cache, monkeypatch):
    monkeypatch.setattr(module, "IN_CACHE", in_cache)
    inputs = make()
    out, expected = refined_sum(*inputs), printed(*inputs)
    torch.testing.assert_close(out, expected)
    factor = torch.randn_like(out)
    ours = torch.autograd.grad((out * factor).sum(), inputs)
    theirs = torch.autograd.grad((expected * factor).sum(), inputs)
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a, b)


def test_what_a_compiler_gets_is_the_same(monkeypatch):
    inputs = make()
    expected = refined_sum(*inputs)
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: True)
    torch.testing.assert_close(refined_sum(*inputs), expected)


def test_keeps_no_graphs():
    kept = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t) or t, lambda t: t):
        refined_sum(*make())
    graphs = 3 * 2 * 7 * 5 * 5
    assert max(t.numel() for t in kept) < graphs
    with torch.no_grad():
        torch.testing.assert_close(refined_sum(*(inputs := make())), printed(*inputs))
