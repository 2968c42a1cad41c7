import pytest
import torch

from pyg_skeleton.nn import JGTCBlock
from pyg_skeleton.testing import (
    assert_all_parameters_get_gradients,
    assert_autocast,
    assert_compiles,
    assert_fused_equals_propagate,
    assert_state_dict_round_trip,
)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(
    ("shape", "kwargs"),
    [
        ((3, 6, 8), {"residual": False}),
        ((4, 5, 8), {"stride": 2, "kernel_size": 3}),
        ((6, 4, 6), {}),
        ((6, 4, 6), {"stride": 3}),
    ],
)
def test_equals_dense(
    dense, assert_equals_dense, skeleton, complete_graph, shape, kwargs, training
):
    block = JGTCBlock(*shape, skeleton, **kwargs, order=2, lambda_act=0.5).train(training)
    reference = dense.GTCBlock(block, skeleton).train(training)
    x = torch.randn(3 * 9, 11, shape[0], dtype=torch.float64)
    graph = complete_graph(9, 3, dtype=torch.float64)
    dense_args = (dense.to_dense(x, 9), graph.adjacency())
    assert_equals_dense(block, reference, (x, graph), dense_args)


def test_shapes_and_residual(skeleton, complete_graph):
    x = torch.randn(2 * 9, 11, 4)
    for stride, frames in ((1, 11), (2, 6), (3, 4)):
        block = JGTCBlock(4, 5, 4, skeleton, stride=stride)
        assert block(x, complete_graph(9, 2)).shape == (2 * 9, frames, 4)
        assert isinstance(block.residual, torch.nn.Identity) == (stride == 1)
        assert str(block) == f"JGTCBlock(4, 4, stride={stride})"
    assert JGTCBlock(4, 5, 4, skeleton, residual=False).residual is None
    assert (block(x, complete_graph(9, 2)) >= 0).all()


def test_dropout_only_in_training(skeleton, complete_graph):
    block, x = JGTCBlock(4, 5, 4, skeleton, dropout=0.5), torch.randn(2 * 9, 11, 4)
    args = (
        x,
        complete_graph(9, 2),
    )
    assert not torch.equal(block(*args), block(*args))
    block.eval()
    assert torch.equal(block(*args), block(*args))


@pytest.mark.parametrize("stride", [1, 2])
def test_usual_checks(skeleton, complete_graph, stride):
    def factory():
        return JGTCBlock(4, 5, 4, skeleton, kernel_size=3, stride=stride)

    args = (
        torch.randn(3 * 9, 8, 4),
        complete_graph(9, 3),
    )
    assert_fused_equals_propagate(factory(), *args)
    # Batch norm takes away what is the same for all.
    allow_zero = ["temporal.bias"] + (["residual.0.bias"] if stride == 2 else [])
    assert_all_parameters_get_gradients(factory(), *args, allow_zero=allow_zero)
    assert_state_dict_round_trip(factory, *args)
    assert_autocast(factory().eval(), *args, tolerance=0.1)
    assert_compiles(factory(), *args)
    buffers = [name for name in factory().state_dict() if "edge_index" in name or "slot" in name]
    assert not buffers


def test_switches_reach_the_convolution(skeleton):
    block = JGTCBlock(4, 5, 4, skeleton, order=3, lambda_act=0.2, actional=False, mode="ring")
    assert block.conv.actional is None
    assert block.conv.lambda_act == 0.2
    assert block.conv.structural.template.sizes[0] == skeleton.edge_index().size(1)
    assert block.conv.structural.order == 3
    assert block(torch.randn(9, 8, 4)).shape == (9, 8, 4)
    block = JGTCBlock(4, 5, 4, skeleton, structural=False)
    assert block.conv.structural is None
    with pytest.raises(ValueError, match="expected the actional graph"):
        block(torch.randn(9, 8, 4))
