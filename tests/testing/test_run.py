import pytest
import torch
from torch_geometric.data import Data
from torch_geometric.nn import GATConv

from pyg_skeleton.testing import run_with_gradients
from pyg_skeleton.testing.run import cast, has_dropout, working_copy


def test_run_with_gradients_differentiates_parameters_and_inputs():
    layer = torch.nn.Linear(3, 2).double()
    x = torch.randn(5, 3, dtype=torch.float64)
    result = run_with_gradients(layer, (x,), seed=4)
    weight = torch.randn(5, 2, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    assert set(result) == {
        "output",
        "gradient of weight",
        "gradient of bias",
        "gradient of args[0]",
    }
    torch.testing.assert_close(result["gradient of args[0]"], weight @ layer.weight)
    torch.testing.assert_close(result["gradient of bias"], weight.sum(0))
    assert layer.weight.grad is None


def test_run_with_gradients_gives_zeros_for_what_has_no_influence():
    result = run_with_gradients(lambda x, y: 2 * x, (torch.ones(2), torch.ones(3)))
    assert result["gradient of args[1]"].tolist() == [0.0, 0.0, 0.0]


def test_run_with_gradients_keeps_the_state_of_the_global_generator():
    before = torch.get_rng_state()
    run_with_gradients(torch.nn.Dropout(0.5), (torch.ones(4),))
    assert torch.equal(before, torch.get_rng_state())


def test_cast_changes_floating_point_tensors_and_copies_data():
    data = Data(x=torch.ones(2), edge_index=torch.zeros(2, 1, dtype=torch.long))
    args = cast((data, {"a": torch.ones(1)}, 3))
    assert args[0].x.dtype == args[1]["a"].dtype == torch.float64
    assert args[0].edge_index.dtype == torch.long
    assert args[2] == 3
    assert data.x.dtype == torch.float32


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        (torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.Dropout(0.1)), True),
        (torch.nn.Dropout(0.0), False),
        (GATConv(2, 2, dropout=0.3), True),
        (GATConv(2, 2), False),
    ],
)
def test_working_copy_of_a_module_with_dropout_evaluates(module, expected):
    assert has_dropout(module) is expected
    copied = working_copy(module)
    assert copied is not module
    assert copied.training is not expected
    assert all(p.dtype == torch.float64 for p in copied.parameters())
    assert all(p.dtype == torch.float32 for p in module.parameters())
