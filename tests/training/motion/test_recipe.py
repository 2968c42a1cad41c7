import pytest

from pyg_skeleton.nn.models import SymGNN
from pyg_skeleton.training import SYM_GNN_RECIPES, SymGNNRecipe


def recipe(**changes):
    return SymGNNRecipe(**({"max_steps": 100, "batch_size": 4, "lr": 0.1} | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schedule": "plateau"}, "a schedule without a validation loss, got 'plateau'"),
        ({"balance": "even"}, r"number in \[0, 1\], got 'even'"),
        ({"balance": 1.5}, r"number in \[0, 1\], got 1.5"),
    ],
)
def test_refuses_what_it_cannot_train_with(changes, message):
    with pytest.raises(ValueError, match=message):
        recipe(**changes)


@pytest.mark.parametrize("balance", ["mgda", "mgda-loss", 0.0, 1, "0.25"])
def test_knows_these_balances(balance):
    assert recipe(balance=balance).balance == balance


def test_every_preset_has_its_recipe():
    assert set(SymGNN.presets) < set(SYM_GNN_RECIPES)


def test_recipes_of_the_paper():
    """Section 6.1.2: SGD with Nesterov momentum for NTU and Kinetics, Adam for motion capture."""
    for name in ("ntu", "kinetics"):
        printed = SYM_GNN_RECIPES[name]
        assert (printed.algorithm, printed.lr, printed.schedule) == ("sgd", 0.1, "step")
        assert (printed.batch_size, printed.nesterov, printed.weight_decay) == (48, True, 1e-4)
    for name in ("h36m", "cmu"):
        printed = SYM_GNN_RECIPES[name]
        assert (printed.algorithm, printed.lr, printed.batch_size) == ("adam", 1e-4, 64)
        assert printed.num_observed == 50
