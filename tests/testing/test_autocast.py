import pytest
import torch

from pyg_skeleton.testing import assert_autocast


def test_accepts_a_layer(layers, skeleton, graph):
    assert_autocast(layers.PlainConv(), *graph)
    assert_autocast(torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Dropout()), graph[0])


def test_refuses_a_layer_that_mixes_precisions(layers, skeleton):
    # The dense product is computed in the lower precision, the adjacency is filled in float32.
    with pytest.raises(RuntimeError, match="dtype"):
        assert_autocast(layers.TemplateConv(skeleton), torch.randn(8, 2, 4))


def test_refuses_what_cancels(layers, graph):
    class Cancelling(layers.PlainConv):
        def forward(self, x, edge_index):
            out = super().forward(x, edge_index)
            return (out + 1000.0) - 1000.0

    with pytest.raises(AssertionError, match="autocast: output deviates by "):
        assert_autocast(Cancelling(), *graph)


def test_refuses_what_overflows(layers, graph):
    class Overflowing(layers.PlainConv):
        def forward(self, x, edge_index):
            out = super().forward(x, edge_index)
            return (out * 1e5).to(torch.float16 if out.dtype == torch.bfloat16 else out.dtype)

    with pytest.raises(AssertionError, match="autocast: output is not finite"):
        assert_autocast(Overflowing(), *graph)


def test_refuses_wrong_gradients(layers, graph):
    class Wrong(layers.PlainConv):
        def forward(self, x, edge_index):
            out = super().forward(x, edge_index)
            if out.dtype == torch.bfloat16:
                out.register_hook(lambda grad: 2 * grad)
            return out

    with pytest.raises(AssertionError, match="autocast: the vector of all gradients deviates by "):
        assert_autocast(Wrong(), *graph)
