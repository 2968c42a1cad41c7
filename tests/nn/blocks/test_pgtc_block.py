import pytest
import torch

from pyg_skeleton.nn import PGTCBlock
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
def test_equals_dense(dense, assert_equals_dense, skeleton, shape, kwargs, training):
    block = PGTCBlock(*shape, skeleton, **kwargs).train(training)
    reference = dense.GTCBlock(block, skeleton).train(training)
    x = torch.randn(3 * 4, 11, shape[0], dtype=torch.float64)
    assert_equals_dense(block, reference, (x,), (dense.to_dense(x, 4),))


def test_shapes_and_residual(skeleton):
    x = torch.randn(2 * 4, 11, 4)
    for stride, frames in ((1, 11), (2, 6), (3, 4)):
        block = PGTCBlock(4, 5, 4, skeleton, stride=stride)
        assert block(x).shape == (2 * 4, frames, 4)
        assert isinstance(block.residual, torch.nn.Identity) == (stride == 1)
        assert str(block) == f"PGTCBlock(4, 4, stride={stride})"
    assert PGTCBlock(4, 5, 4, skeleton, residual=False).residual is None
    assert (block(x) >= 0).all()


def test_dropout_only_in_training(skeleton):
    block, x = PGTCBlock(4, 5, 4, skeleton, dropout=0.5), torch.randn(2 * 4, 11, 4)
    args = (x,)
    assert not torch.equal(block(*args), block(*args))
    block.eval()
    assert torch.equal(block(*args), block(*args))


@pytest.mark.parametrize("stride", [1, 2])
def test_usual_checks(skeleton, stride):
    def factory():
        return PGTCBlock(4, 5, 4, skeleton, kernel_size=3, stride=stride)

    args = (torch.randn(3 * 4, 8, 4),)
    assert_fused_equals_propagate(factory(), *args)
    # Batch norm takes away what is the same for all.
    allow_zero = ["temporal.bias"] + (["residual.0.bias"] if stride == 2 else [])
    assert_all_parameters_get_gradients(factory(), *args, allow_zero=allow_zero)
    assert_state_dict_round_trip(factory, *args)
    assert_autocast(factory().eval(), *args)
    assert_compiles(factory(), *args)
    buffers = [name for name in factory().state_dict() if "edge_index" in name or "slot" in name]
    assert not buffers
