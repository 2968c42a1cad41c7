import pytest
import torch

from pyg_skeleton.testing import assert_compiles, requires_cpp_compiler


def test_accepts_a_layer(layers, skeleton, graph):
    assert_compiles(layers.PlainConv(), *graph)
    assert_compiles(layers.TemplateConv(skeleton), torch.randn(8, 2, 4))


@requires_cpp_compiler
def test_accepts_a_layer_with_generated_code(layers, skeleton):
    assert_compiles(layers.TemplateConv(skeleton), torch.randn(8, 2, 4), backend="inductor")


def test_refuses_a_graph_break(layers, graph):
    class Breaking(layers.PlainConv):
        def forward(self, x, edge_index):
            return super().forward(x * (2.0 if x.sum() > 0 else 1.0), edge_index)

    with pytest.raises(AssertionError, match="Breaking does not compile as one graph: "):
        assert_compiles(Breaking(), *graph)


def test_refuses_another_output(layers, graph):
    class Different(layers.PlainConv):
        def forward(self, x, edge_index):
            out = super().forward(x, edge_index)
            return out + 1.0 if torch.compiler.is_compiling() else out

    with pytest.raises(AssertionError, match=r"\(aot_eager\) and eager differ: output deviates"):
        assert_compiles(Different(), *graph)
