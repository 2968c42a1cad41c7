import torch

from pyg_skeleton.nn.sums import channel_sum
from pyg_skeleton.nn.sums.channel_sum import edge_softmax
from pyg_skeleton.testing import assert_close

# Joint 0 hears itself and joint 2, joint 1 hears joint 0, each by one of two linear maps.
SOURCE, MAP, TARGET = torch.tensor([0, 2, 0]), torch.tensor([0, 1, 1]), torch.tensor([0, 0, 1])


def test_equals_the_sum_edge_by_edge():
    x = torch.randn(2 * 3, 5, 4, dtype=torch.double, requires_grad=True)
    edge_weight = torch.randn(3, 6, dtype=torch.double, requires_grad=True)
    weight = torch.randn(2, 6, 4, dtype=torch.double, requires_grad=True)
    bias = torch.randn(6, dtype=torch.double)
    out = channel_sum(x, SOURCE * 2 + MAP, TARGET, edge_weight, weight, 3, bias)
    expected = bias.expand(6, 5, 6).clone()
    for copy in range(2):
        for e, (j, g, i) in enumerate(zip(SOURCE, MAP, TARGET, strict=True)):
            expected[3 * copy + i] += edge_weight[e] * (x[3 * copy + j] @ weight[g].t())
    assert_close(out, expected, "another sum")
    inputs = (x, edge_weight, weight)
    grads = torch.autograd.grad(out.square().sum(), inputs)
    for grad, reference in zip(
        grads, torch.autograd.grad(expected.square().sum(), inputs), strict=True
    ):
        assert_close(grad, reference, "another gradient")


def test_softmax_over_the_edges_of_each_joint():
    logits = torch.randn(3, 6, dtype=torch.double)
    weights = edge_softmax(logits, torch.tensor([0, 1, 2]), num_nodes=2, row_length=2)
    assert_close(weights[:2], logits[:2].softmax(0), "joint 0")
    assert_close(weights[2], torch.ones(6, dtype=torch.double), "joint 1 has one edge")
