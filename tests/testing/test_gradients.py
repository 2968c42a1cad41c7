import pytest
import torch

from pyg_skeleton.testing import assert_all_parameters_get_gradients


def test_accepts_a_layer_and_leaves_it_alone(layers, skeleton, graph):
    assert_all_parameters_get_gradients(layers.PlainConv(), *graph)
    layer = layers.TemplateConv(skeleton)
    assert_all_parameters_get_gradients(layer, torch.randn(8, 2, 4))
    assert layer.weight.grad is None
    assert_all_parameters_get_gradients(torch.nn.Identity(), torch.ones(2, requires_grad=True))


def test_names_all_parameters_without_gradient(layers, graph):
    class Unused(layers.PlainConv):
        def __init__(self):
            super().__init__()
            self.scale = torch.nn.Parameter(torch.zeros(3))
            self.shift = torch.nn.Parameter(torch.zeros(2))
            self.frozen = torch.nn.Parameter(torch.zeros(2), requires_grad=False)

        def forward(self, x, edge_index):
            return super().forward(x, edge_index) + 0.0 * self.scale

    message = r"Unused: scale \(3,\) gets no gradient; shift \(2,\) gets no gradient$"
    with pytest.raises(AssertionError, match=message):
        assert_all_parameters_get_gradients(Unused(), *graph)
    assert_all_parameters_get_gradients(Unused(), *graph, allow_zero=("scale", "shift"))
    with pytest.raises(ValueError, match=r"allow_zero names \['scales'\]"):
        assert_all_parameters_get_gradients(Unused(), *graph, allow_zero=["scales"])


def test_refuses_a_gradient_that_is_not_finite(layers, graph):
    class Rooted(layers.PlainConv):
        def forward(self, x, edge_index):
            return (super().forward(x, edge_index) * 0.0).sqrt()

    with pytest.raises(AssertionError, match=r"lin.weight \(3, 4\) gets a gradient that is not"):
        assert_all_parameters_get_gradients(Rooted(), *graph)
