import copy
from functools import partial

import pytest
import torch
from torch_geometric.nn import MessagePassing

from pyg_skeleton.nn import CTRGConv, SemGConv, SmallResNet
from pyg_skeleton.nn.models import CTRGCN, MartinezMLP, PlainNetwork, SemGCN
from pyg_skeleton.nn.optimized import optimize
from pyg_skeleton.testing import assert_close


@pytest.fixture
def network(trained):
    """Makes a network of one block with a convolution."""

    def make(conv=CTRGConv, dropout=0.5):
        options = {"channels": (8,), "strides": (1,), "num_persons": 1, "dropout": dropout}
        return trained(CTRGCN("kinect20", 3, conv=conv, **options))

    return make


def answer(model, x):
    with torch.no_grad():
        return PlainNetwork(model)(x)


def test_a_copy_for_evaluation(network):
    model = network().train()
    before = copy.deepcopy(model.state_dict())
    own = optimize(model)
    assert type(own) is CTRGCN
    assert model.training
    assert all(parameter.requires_grad for parameter in model.parameters())
    assert not any(module.training for module in own.modules())
    assert not any(parameter.requires_grad for parameter in own.parameters())
    x = PlainNetwork(model).example(2, 9)
    assert_close(answer(own, x), answer(model.eval(), x), "answers differ", 1e-11, 1e-11)
    # They share no memory.
    for parameter in own.parameters():
        parameter.fill_(0)
    after = model.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(value, after[name]) for name, value in before.items())


def test_constants_are_computed_once(network):
    """Two answers, and one in which the network itself has other weights by now."""
    model = network()
    own, x = optimize(model), PlainNetwork(model).example(1, 7)
    first = answer(own, x)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    assert torch.equal(answer(own, x), first)
    assert not torch.allclose(answer(model, x), first)


def test_weights_and_statistics_go_with_the_network(network):
    """The form is one of constants like those of any module: they can be converted and copied."""
    model = network()
    own, x = optimize(model), PlainNetwork(model).example(2, 5)
    expected = answer(own, x)
    assert torch.equal(answer(copy.deepcopy(own), x), expected)
    single = answer(own.float(), x.float())
    assert single.dtype == torch.float
    torch.testing.assert_close(single.double(), expected, rtol=1e-3, atol=1e-3)


def test_gradients_of_the_input(network):
    """They are those of the network, for explanations."""
    model = network()
    x = PlainNetwork(model).example(2, 6).requires_grad_()
    outputs = [PlainNetwork(one)(x) for one in (model, optimize(model))]
    grads = [torch.autograd.grad(out.square().sum(), x) for out in outputs]
    assert grads[0][0].any()
    assert_close(*grads, "gradients differ", 1e-9, 1e-9)


def test_any_module(trained):
    """Networks of other kinds as well, and layers that have no form of their own."""
    for model, x in (
        (SmallResNet((4, 5, 6, 7, 8)), torch.randn(2, 3, 32, 32).double()),
        (torch.nn.Sequential(torch.nn.GRU(3, 4)), torch.randn(5, 2, 3).double()),
    ):
        trained(model)
        assert_close(optimize(model)(x), model(x), "answers differ", 1e-11, 1e-11)


def test_no_messages_are_passed(trained):
    for model in (
        SemGCN("h36m16", 2, hidden_channels=8, num_blocks=1),
        MartinezMLP("h36m16", hidden_channels=8),
    ):
        own = optimize(trained(model))
        kinds = (MessagePassing, torch.nn.modules.batchnorm._BatchNorm, torch.nn.Dropout)
        assert not any(isinstance(module, kinds) for module in own.modules())
        x = PlainNetwork(model).example(3, 1)
        assert_close(answer(own, x), answer(model, x), "answers differ", 1e-11, 1e-11)


class Plain(torch.nn.Module):
    """A convolution of a user's own."""

    def __init__(self, in_channels, out_channels, skeleton):
        super().__init__()
        self.in_channels, self.out_channels = in_channels, out_channels
        self.linear = torch.nn.Linear(in_channels, out_channels)

    def forward(self, x):
        return self.linear(x)


class Passing(MessagePassing):
    """Another one, which passes messages."""

    def __init__(self, in_channels, out_channels, skeleton):
        super().__init__()
        self.in_channels, self.out_channels = in_channels, out_channels

    def forward(self, x):
        return x


def test_convolutions_of_a_user(network):
    model = network(Plain)
    x = PlainNetwork(model).example(2, 9)
    assert_close(answer(optimize(model), x), answer(model, x), "answers differ", 1e-11, 1e-11)
    with pytest.raises(TypeError, match="CTRGCN: Passing has no optimized form; register one"):
        optimize(network(Passing))


def test_convolutions_that_compute_something_else(network):
    """They are refused, as they were computed as if they were the usual ones."""
    with pytest.raises(TypeError, match="CTRGCN: SemGConv with aggr='max' has no optimized form"):
        optimize(network(partial(SemGConv, aggr="max")))
