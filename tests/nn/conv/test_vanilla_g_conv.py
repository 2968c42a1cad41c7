import pytest
import torch

from pyg_skeleton.nn import VanillaGConv
from pyg_skeleton.testing import assert_fused_equals_propagate


@pytest.fixture(params=[False, True], ids=["one matrix", "two matrices"])
def separate_self(request):
    return request.param


@pytest.fixture
def _double():
    """The normalized adjacency is computed in the default precision."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.usefixtures("_double")
@pytest.mark.parametrize("importance", [False, True])
@pytest.mark.parametrize(("C", "D"), [(3, 5), (5, 3), (4, 4)])
def test_equals_the_equation(skeleton, assert_equals_reference, separate_self, importance, C, D):
    def reference(conv, x):
        A = torch.eye(9).double() + (skeleton.distances == 1)
        A = A / (A.sum(0, keepdim=True) * A.sum(1, keepdim=True)).sqrt()
        if importance:
            M = torch.zeros_like(A)
            M[A > 0] = conv.edge_weight
            A = A * M
        own, others = torch.diag(A.diagonal()), A - torch.diag(A.diagonal())
        out = []
        for pose in x.unflatten(0, (-1, 9)):
            h = own @ pose @ conv.weight[0].t() + others @ pose @ conv.weight[-1].t()
            out.append(h + conv.bias)
        return torch.cat(out)

    conv = VanillaGConv(C, D, skeleton, separate_self, importance).double()
    if importance:
        torch.nn.init.normal_(conv.edge_weight)
    assert_equals_reference(conv, reference, torch.randn(3 * 9, C))


def test_the_measured_dense_form_is_the_same(lifting, h36m, separate_self):
    conv = VanillaGConv(4, 6, h36m, separate_self, edge_importance=True)
    torch.nn.init.normal_(conv.edge_weight)
    x = torch.randn(3 * 16, 4)
    torch.testing.assert_close(lifting.SemGConv(conv)(x.view(3, 16, 4)).flatten(0, 1), conv(x))


@pytest.mark.parametrize("bias", [False, True])
def test_frames_ride_along(skeleton, separate_self, bias):
    conv = VanillaGConv(6, 4, skeleton, separate_self, bias=bias)
    x = torch.randn(2 * 9, 5, 6)
    frames = torch.stack([conv(x[:, t]) for t in range(5)], dim=1)
    torch.testing.assert_close(conv(x), frames)
    assert_fused_equals_propagate(conv, x)
    assert (conv.bias is None) != bias


def test_parameters_of_the_ablation(h36m):
    """Of the residual network of 9 convolutions, 135,171 and, with two matrices, 266,883."""

    def count(separate_self):
        widths = [(2, 128), *[(128, 128)] * 8, (128, 3)]
        layers = [VanillaGConv(*pair, h36m, separate_self) for pair in widths]
        return sum(p.numel() for layer in layers for p in layer.parameters()) + 9 * 2 * 128

    assert [count(False), count(True)] == [135_171, 266_883]


def test_another_aggregation_is_no_sum(skeleton):
    conv = VanillaGConv(4, 4, skeleton, aggr="max", bias=False)
    assert not conv.fused
    x = torch.randn(9, 4)
    h = x @ conv.weight[0].t()
    A = conv.adjacency()
    far = (A * (1 - torch.eye(9)) == 0).unsqueeze(-1)
    best = (A.unsqueeze(-1) * h).masked_fill(far, -torch.inf).amax(dim=1)
    torch.testing.assert_close(conv(x), best + A.diagonal().unsqueeze(-1) * h)


def test_nothing_but_parameters_is_saved(skeleton):
    assert VanillaGConv(4, 4, skeleton).state_dict().keys() == {"weight", "bias"}
