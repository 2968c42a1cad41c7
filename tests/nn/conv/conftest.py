"""Helpers shared by the tests of operators."""

import pytest
import torch

from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.testing import assert_close


@pytest.fixture(scope="session")
def lifting(load_file):
    """The plain dense forms of SemGCN and Skeletal-GNN that the benchmarks measure."""
    return load_file("../benchmarks/dense_lifting.py")


@pytest.fixture(scope="session")
def lcn17():
    return Skeleton.get("h36m17-lcn")


@pytest.fixture
def assert_equals_reference():
    """Compares outputs, and gradients of the input and all parameters, in double precision."""

    def check(layer, reference, x):
        layer, x = layer.double(), x.double().requires_grad_()
        ours, theirs = layer(x), reference(layer, x)
        assert_close(ours, theirs, "outputs differ", rtol=1e-9, atol=1e-9)
        factor, inputs = torch.randn_like(theirs), [x, *layer.parameters()]
        grads = [
            torch.autograd.grad((out * factor).sum(), inputs, allow_unused=True)
            for out in (ours, theirs)
        ]
        assert all((a is None) == (b is None) for a, b in zip(*grads, strict=True))
        assert_close(*grads, "gradients differ", rtol=1e-8, atol=1e-8)

    return check


@pytest.fixture
def randomized():
    """Makes the parameters of a layer random that start at zero or one."""

    def change(layer):
        for p in layer.parameters():
            if p.dim() <= 1:
                torch.nn.init.normal_(p)
        return layer

    return change


@pytest.fixture
def kinect_body():
    """Four frames of a body of twenty joints, with eight channels."""
    return torch.randn(20, 4, 8, dtype=torch.float64, requires_grad=True)


@pytest.fixture
def check():
    """Compares outputs with expected ones, and the gradients of the input and all parameters."""

    def compare(layer, x, expected):
        torch.testing.assert_close(layer(x), expected)
        factor, inputs = torch.randn_like(expected), [x, *layer.parameters()]
        ours = torch.autograd.grad((layer(x) * factor).sum(), inputs)
        theirs = torch.autograd.grad((expected * factor).sum(), inputs)
        for a, b in zip(ours, theirs, strict=True):
            torch.testing.assert_close(a, b)

    return compare
