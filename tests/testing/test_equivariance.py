import pytest
import torch

from pyg_skeleton.testing import assert_permutation_equivariant


def test_accepts_a_message_passing_layer(layers, graph):
    x, edge_index = graph
    assert_permutation_equivariant(layers.PlainConv(), x, edge_index)
    weight = torch.rand(edge_index.size(1))
    assert_permutation_equivariant(layers.PlainConv(), x, edge_index, edge_weight=weight)


def test_refuses_a_layer_that_knows_the_place_of_a_node(layers, graph):
    class Positional(layers.PlainConv):
        def forward(self, x, edge_index):
            place = torch.arange(x.size(0)).view(-1, 1, 1)
            return super().forward(x + place, edge_index)

    with pytest.raises(AssertionError, match="permutation equivariant: output deviates by up to"):
        assert_permutation_equivariant(Positional(), *graph)


def test_refuses_a_layer_that_knows_the_order_of_edges(layers, graph):
    class Ordered(layers.PlainConv):
        def forward(self, x, edge_index):
            return super().forward(x, edge_index, torch.arange(edge_index.size(1)).to(x))

    with pytest.raises(AssertionError, match="permutation equivariant"):
        assert_permutation_equivariant(Ordered(), *graph)
    assert_permutation_equivariant(Ordered(), *graph, shuffle_edges=False)


def test_layer_of_a_template_under_whole_copies_and_relabeled(layers, skeleton):
    layer = layers.TemplateConv(skeleton)
    x = torch.randn(3 * 4, 2, 4)
    edges = torch.cat([skeleton.edge_index() + 4 * i for i in range(3)], dim=1)
    copies = torch.tensor([2, 0, 1]).repeat_interleave(4) * 4 + torch.arange(4).repeat(3)
    assert_permutation_equivariant(layer, x, edges, perm=copies)
    with pytest.raises(AssertionError, match="permutation equivariant"):
        assert_permutation_equivariant(layer, x[:4], skeleton.edge_index())

    def relabel(layer, perm):
        layer = layers.TemplateConv(skeleton).double().requires_grad_(False)
        layer.load_state_dict(reference.state_dict())
        layer.template.copy_(torch.argsort(perm)[reference.template])
        return layer

    reference = layers.TemplateConv(skeleton).double()
    assert_permutation_equivariant(reference, x[:4], skeleton.edge_index(), relabel=relabel)
