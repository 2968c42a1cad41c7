import pytest
import torch
from torch_geometric.nn import GraphConv

from pyg_skeleton.testing import assert_fused_equals_propagate


def test_accepts_equal_forms(layers, skeleton, graph):
    assert_fused_equals_propagate(layers.PlainConv(), *graph)
    layer = layers.TemplateConv(skeleton)
    assert_fused_equals_propagate(layer, torch.randn(8, 2, 4))
    assert layer.fuse
    assert "message" not in vars(layer)
    csr = torch.eye(5).to_sparse_csr()
    assert_fused_equals_propagate(GraphConv(4, 3), torch.randn(5, 4), csr)


def test_compares_a_layer_with_dropout_in_evaluation_mode(layers, graph):
    class Dropping(layers.PlainConv):
        def forward(self, x, edge_index):
            return torch.nn.functional.dropout(super().forward(x, edge_index), 0.5, self.training)

    layer = Dropping()
    layer.dropout = 0.5
    assert_fused_equals_propagate(layer, *graph)
    assert layer.training


def test_refuses_another_output(layers, graph):
    class Scaled(layers.PlainConv):
        def fused(self, x, edge_index, edge_weight):
            return 1.001 * super().fused(x, edge_index, edge_weight)

    with pytest.raises(AssertionError, match="fused and propagate differ: output deviates"):
        assert_fused_equals_propagate(Scaled(), *graph)


def test_refuses_another_gradient(layers, graph):
    class Detached(layers.PlainConv):
        def fused(self, x, edge_index, edge_weight):
            out = super().fused(x, edge_index, edge_weight)
            return out.detach() + 0.5 * (out - out.detach())

    with pytest.raises(AssertionError, match=r"gradient of args\[0\] deviates"):
        assert_fused_equals_propagate(Detached(), *graph)


def test_refuses_a_layer_that_has_only_one_form(layers, graph):
    class NeverFused(layers.PlainConv):
        def forward(self, x, edge_index):
            return self.propagate(edge_index, x=self.lin(x), edge_weight=None)

    class AlwaysFused(layers.PlainConv):
        def forward(self, x, edge_index):
            return self.fused(self.lin(x), edge_index, None)

    with pytest.raises(AssertionError, match="fuse=True took no fused form in NeverFused"):
        assert_fused_equals_propagate(NeverFused(), *graph)
    assert_fused_equals_propagate(NeverFused(), *graph, expect_fused=False)
    with pytest.raises(AssertionError, match="fuse=False computed no message in AlwaysFused"):
        assert_fused_equals_propagate(AlwaysFused(), *graph)
