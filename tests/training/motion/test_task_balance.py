from types import SimpleNamespace

import pytest
import torch
from torch import nn

from pyg_skeleton.training.motion.task_balance import TaskBalance


@pytest.fixture
def make():
    """A shared parameter of two numbers, a classifier of one, a decoder of one."""
    model = nn.Module()
    model.shared = nn.Parameter(torch.zeros(2))
    model.classifier = nn.Linear(1, 1, bias=False)
    model.decoder = nn.Linear(1, 1, bias=False)
    model.backbone_parameters = lambda: [model.shared]
    model.prediction_parameters = lambda: list(model.decoder.parameters())

    def balance(balance="mgda", scale_heads=False, gradient_scale="none"):
        options = {"scale_heads": scale_heads, "gradient_scale": gradient_scale}
        return TaskBalance(model, SimpleNamespace(balance=balance, **options))

    return balance


#: Of recognition, whose head is the second parameter, and of prediction, whose head is the third.
BOTH = [
    [torch.tensor([1.0, 0.0]), torch.tensor([[5.0]]), None],
    [torch.tensor([0.0, 2.0]), None, torch.tensor([[7.0]])],
]
LOSSES = [torch.tensor(1.0), torch.tensor(2.0)]


def test_the_shortest_mean_of_two_gradients(make):
    # The foot of the perpendicular on the line from (1, 0) to (0, 2): 4/5 of the first one.
    weights = make().weights(BOTH, LOSSES)
    assert [float(w) for w in weights] == pytest.approx([0.8, 0.2])
    step, one, two = make().combine(BOTH, weights)
    torch.testing.assert_close(step, torch.tensor([0.8, 0.4]))
    assert (one.item(), two.item()) == (5, 7)  # each head follows its own loss
    _, one, two = make(scale_heads=True).combine(BOTH, weights)
    assert (one.item(), two.item()) == pytest.approx((4, 1.4))


def test_gradients_divided_by_their_losses(make):
    # (1, 0) and (0, 1) are as far from the origin.
    weights = make("mgda-loss").weights(BOTH, LOSSES)
    assert [float(w) for w in weights] == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize(
    ("scale", "weight"),
    [
        ("none", 0.8),  # (1, 0) and (0, 2)
        ("l2", 0.5),  # (1, 0) and (0, 1)
        ("loss", 0.5),  # (1, 0) and (0, 1)
        ("loss+l2", 0.2),  # (1, 0) and (0, 0.5)
    ],
)
def test_gradients_divided_as_in_the_code_of_mgda(make, scale, weight):
    weights = make(gradient_scale=scale).weights(BOTH, LOSSES)
    assert [float(w) for w in weights] == pytest.approx([weight, 1 - weight])


def test_weights_that_need_no_gradient(make):
    assert make(0.25).fixed(2) == [0.25, 0.75]
    assert make("0.25").fixed(2) == [0.25, 0.75]
    assert make().fixed(1) == [1.0]
    assert make().fixed(2) is None
    assert make("mgda-loss").fixed(2) is None
