import torch

from pyg_skeleton.testing import max_activation_elements


def test_counts_the_largest_tensor_of_the_forward_pass(layers):
    x = torch.randn(10, 6, 4)
    edges = torch.combinations(torch.arange(10), 2).t()
    edges = torch.cat([edges, edges.flip(0)], dim=1)
    layer = layers.PlainConv(4, 5)
    assert max_activation_elements(layer, x, edges) == 90 * 6 * 5
    layer.fused = lambda x, edge_index, edge_weight: (torch.ones(10, 10) @ x.flatten(1)).view_as(x)
    assert max_activation_elements(layer, x, edges) == 10 * 6 * 5


def test_leaves_out_views_arguments_and_parameters():
    big = torch.randn(1000)
    module = torch.nn.Linear(50, 50)
    assert max_activation_elements(lambda x: x[:10].clone() + x[:10].view(10), big) == 10
    assert max_activation_elements(lambda x: x.expand(500, 1000), big) == 0
    assert max_activation_elements(module, torch.ones(2, 50)) == 100
    assert max_activation_elements(module, torch.ones(2, 50), backward=True) == 2500
    expanded = max_activation_elements(lambda x: (x + 1.0).expand(500, 1000), big)
    assert expanded == 1000


def test_sees_the_inside_of_composite_operations():
    a, b = torch.randn(4, 7, 1), torch.randn(4, 1, 9)
    assert max_activation_elements(lambda: (a * b).sum((1, 2))) == 4 * 7 * 9
    assert max_activation_elements(lambda: torch.einsum("bij,bjk->b", a, b)) < 4 * 7 * 9
