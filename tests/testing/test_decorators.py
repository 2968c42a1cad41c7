import shutil
import sys

import pytest

from pyg_skeleton.testing import requires_cpp_compiler, requires_package


def marks(test):
    return {mark.name: mark for mark in getattr(test, "pytestmark", [])}


def test_requires_package_skips_where_it_is_missing():
    def check():
        return "ran"

    found = requires_package("torch", "numpy")(check)
    assert found() == "ran"
    assert marks(found)["skipif"].args == (False,)

    def other():
        return "ran"

    missing = requires_package("torch", "no_such_package")(other)
    assert marks(missing)["skipif"].args == (True,)
    assert marks(missing)["skipif"].kwargs["reason"] == "not installed: no_such_package"
    assert "sparse" not in marks(missing)


@pytest.mark.parametrize("name", ["torch_sparse", "torch_scatter"])
def test_requires_package_marks_what_needs_the_compiled_extra(name):
    def check():
        return "ran"

    assert "sparse" in marks(requires_package(name)(check))


def test_requires_cpp_compiler_skips_without_one(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)

    def check():
        return "ran"

    assert marks(requires_cpp_compiler(check))["skipif"].args == (True,)


def test_requires_cpp_compiler_skips_where_the_path_has_a_space(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/c++")
    monkeypatch.setattr(sys, "prefix", "/a path/.venv")

    def check():
        return "ran"

    assert marks(requires_cpp_compiler(check))["skipif"].args == (True,)


@requires_package("torch_sparse", "torch_scatter")
def test_the_compiled_extra_works_with_pyg():
    import torch
    from torch_geometric.nn import GraphConv
    from torch_geometric.typing import WITH_TORCH_SCATTER, WITH_TORCH_SPARSE, SparseTensor

    assert WITH_TORCH_SCATTER
    assert WITH_TORCH_SPARSE
    edges = torch.tensor([[0, 1, 2], [1, 2, 0]])
    adj = SparseTensor.from_edge_index(edges, sparse_sizes=(3, 3)).t()
    conv, x = GraphConv(2, 2), torch.randn(3, 2)
    torch.testing.assert_close(conv(x, adj), conv(x, edges))
