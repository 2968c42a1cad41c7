"""Helpers shared by the tests of several operators."""

import pytest
import torch

from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.testing import random_skeleton


@pytest.fixture(scope="session")
def dense(load_file):
    """The plain dense form of everything, written from the paper's equations."""
    return load_file("../benchmarks/dense.py")


@pytest.fixture(autouse=True)
def _seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


@pytest.fixture
def skeleton():
    """Nine joints in four parts, so that no two sizes of a test are equal."""
    return random_skeleton(9, seed=6)


@pytest.fixture
def complete_graph():
    """Makes the weighted complete graphs of some copies of a body."""
    from pyg_skeleton.nn.conv.agim import ActionalGraph
    from pyg_skeleton.nn.sums.copies import complete_edges, repeat_edges

    def make(num_nodes, copies, static=False, dtype=torch.float32):
        weight = torch.rand(copies, num_nodes, num_nodes, dtype=dtype).softmax(dim=-1)
        edges = complete_edges(num_nodes, torch.device("cpu"))
        if static:
            return ActionalGraph(edges, weight.view(copies, -1).t().contiguous(), num_nodes)
        union = repeat_edges(edges, copies, num_nodes, num_nodes)
        return ActionalGraph(union, weight.flatten(), num_nodes)

    return make


@pytest.fixture
def assert_equals_dense(dense):
    """Compares outputs and the gradients of all parameters with the dense form's."""

    def check(layer, reference, args, dense_args, outputs=dense.from_dense):
        layer, reference = layer.double(), reference.double()
        ours, theirs = layer(*args), outputs(reference(*dense_args))
        ours, theirs = (o if isinstance(o, tuple) else (o,) for o in (ours, theirs))
        total, expected = 0.0, 0.0
        for a, e in zip(ours, theirs, strict=True):
            torch.testing.assert_close(a, e, rtol=1e-9, atol=1e-9)
            weight = torch.randn_like(e)
            total, expected = total + (a * weight).sum(), expected + (e * weight).sum()
        total.backward()
        expected.backward()
        names = {name for name, _ in layer.named_parameters()}
        assert names == {name for name, _ in reference.named_parameters()}
        for name in names:
            a, e = (m.get_parameter(name).grad for m in (layer, reference))
            if name.endswith("edge_weight"):
                power = reference.get_submodule(name.rpartition(".")[0]).power
                assert not e[power == 0].any()
                e = e[power > 0]
            torch.testing.assert_close(a, e, rtol=1e-8, atol=1e-8, msg=f"{name}: {a} {e}")

    return check


@pytest.fixture
def renamed():
    """A skeleton whose joint i is joint perm[i] of another one."""

    def make(skeleton, perm):
        perm = perm.tolist()
        new = {old: i for i, old in enumerate(perm)}
        return Skeleton(
            f"{skeleton.name}-renamed",
            [skeleton.joints[old] for old in perm],
            [(new[c], new[p]) for c, p in skeleton.bones],
            new[skeleton.root],
            parts={name: sorted(new[v] for v in vs) for name, vs in skeleton.parts.items()},
        )

    return make


@pytest.fixture(scope="session")
def h36m():
    return Skeleton.get("h36m16")
