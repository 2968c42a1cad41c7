import copy

import pytest
import torch
from torch.nn import (
    BatchNorm1d,
    BatchNorm2d,
    Conv1d,
    Conv2d,
    Dropout,
    Identity,
    LayerNorm,
    Linear,
    ReLU,
    Sequential,
    Tanh,
)
from torch_geometric.nn import MessagePassing

from pyg_skeleton.nn import (
    AGIM,
    ChannelBatchNorm,
    HCSFConv,
    JointBatchNorm,
    JointToPartPool,
    NonLocal,
    PartToJointUnpool,
    SemGConv,
    VanillaGConv,
)
from pyg_skeleton.nn.blocks.units import GraphUnit, ResidualBlock
from pyg_skeleton.nn.optimized import Affine, form
from pyg_skeleton.nn.optimized.constant_graphs import GraphSum
from pyg_skeleton.nn.optimized.forms import BatchAffine, ChannelAffine, Constants, JointAffine
from pyg_skeleton.testing import assert_state_dict_round_trip


@pytest.fixture
def check(trained):
    """Compares the form of a module with the module, for each input; returns the form."""

    def run(module, *inputs):
        own = form(copy.deepcopy(trained(module)))
        with torch.no_grad():
            for x in inputs:
                torch.testing.assert_close(own(x), module(x))
        return own

    return run


def poses(channels=4):
    return torch.randn(6, channels, dtype=torch.double)


# Norms ###########################################################################################


@pytest.mark.parametrize("weights", [True, False])
def test_affine_is_the_norm_in_evaluation_mode(trained, weights):
    norm, x = trained(BatchNorm1d(5, eps=0.1, affine=weights)), poses(5)
    own = Affine.of(norm)
    torch.testing.assert_close(x * own.scale + own.shift, norm(x))
    part = own.part(1, 4)
    torch.testing.assert_close(x[:, 1:4] * part.scale + part.shift, norm(x)[:, 1:4])
    assert own.dtype == part.dtype == torch.double
    bias = torch.randn(3, 5)  # of each joint
    torch.testing.assert_close(own.bias(bias), norm(bias.double()))
    assert torch.equal(own.bias(None), own.shift)


def test_affine_without_a_norm_is_the_identity():
    own = Affine.of(None, 3)
    assert (own.scale.tolist(), own.shift.tolist()) == ([1, 1, 1], [0, 0, 0])
    assert own.scale.dtype == own.shift.dtype == torch.double


def test_affine_has_double_precision(trained):
    norm = trained(ChannelBatchNorm(4)).float()
    own, double = Affine.of(norm), Affine.of(copy.deepcopy(norm).double())
    assert own.dtype == torch.float
    assert torch.equal(own.scale, double.scale)
    assert torch.equal(own.shift, double.shift)


def test_constants():
    weight = torch.randn(3, 4, requires_grad=True)
    layer = Constants(torch.double, first=weight.t(), index=torch.arange(3), second=weight[0])
    assert [value.dtype for value in layer.values] == [torch.double] * 2
    assert layer.values[0] is layer.first
    assert layer.first.is_contiguous()
    assert layer.index.dtype == torch.long
    assert not any(value.requires_grad for value in layer.parameters())
    assert list(layer.state_dict()) == ["first", "second"]
    assert layer.float().index.dtype == torch.long


def test_norms_alone(check):
    own = check(ChannelBatchNorm(4), poses(), torch.randn(6, 3, 2, 4).double())
    assert isinstance(own, ChannelAffine)
    own = check(BatchNorm1d(4), poses(), torch.randn(6, 4, 5).double())
    assert isinstance(own, BatchAffine)
    assert_state_dict_round_trip(lambda: form(ChannelBatchNorm(4)), torch.randn(6, 4))


@pytest.mark.parametrize("persons", [1, 2])
def test_norm_of_joints(trained, persons):
    norm, x = trained(JointBatchNorm(5, 3, persons)), torch.randn(20, 7, 3).double()
    own = form(copy.deepcopy(norm))
    assert isinstance(own, JointAffine)
    torch.testing.assert_close(own(x), norm(x))
    frames = torch.randn(7, 20, 3).double().transpose(0, 1)
    torch.testing.assert_close(own(frames), norm(frames))
    if persons > 1:
        person = torch.tensor([0, 1, 1, 0])
        torch.testing.assert_close(own(x, person), norm(x, person))
        assert not torch.equal(own(x, person), own(x))


def test_norms_without_statistics_stay(check):
    for norm in (BatchNorm1d, ChannelBatchNorm):
        own = check(Sequential(Linear(4, 4), norm(4, track_running_stats=False)), poses())
        assert isinstance(own[1], norm)


# Norms behind layers #############################################################################


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("norm", [BatchNorm1d, ChannelBatchNorm])
def test_a_linear_map(check, norm, bias):
    own = check(Sequential(Linear(4, 3, bias=bias), norm(3), ReLU()), poses())
    assert [type(layer) for layer in own] == [Linear, Identity, ReLU]
    assert not any(parameter.requires_grad for parameter in own.parameters())


def test_layers_in_front_of_norms(check, trained, skeleton):
    """Where a norm cannot be part of the layer in front of it, it is a factor and a summand."""
    deep = torch.randn(9, 3, 4).double()
    P = len(skeleton.parts)
    for layer, x in (
        (Dropout(0.5), deep),
        (Tanh(), deep),
        (ChannelBatchNorm(4), deep),
        (JointBatchNorm(9, 4), deep),
        (Sequential(Linear(4, 4), Tanh()), deep),
        (Sequential(), deep),
        (NonLocal(4, skeleton), deep),
        (JointToPartPool(skeleton), deep),
        (PartToJointUnpool(skeleton), deep[:P]),
    ):
        check(Sequential(layer, ChannelBatchNorm(4)), x)
        check(Sequential(layer, ChannelBatchNorm(4), ReLU(), ChannelBatchNorm(4)), x)


def test_norms_in_any_place(check):
    check(Sequential(ChannelBatchNorm(4), Linear(4, 4)), poses())
    check(Sequential(ChannelBatchNorm(4)), poses())
    own = check(Sequential(Linear(4, 4), ChannelBatchNorm(4), ChannelBatchNorm(4)), poses())
    assert isinstance(own[2], Identity)
    check(Sequential(Linear(4, 4), BatchNorm1d(4), BatchNorm1d(4)), poses())
    check(Sequential(Linear(4, 4), Dropout(0.5), BatchNorm1d(4), Tanh()), poses())


def test_norms_of_the_second_dimension(check):
    """Networks of images and other ones with channels first keep the meaning of their norms."""
    x = torch.randn(2, 3, 5).double()
    check(Sequential(Conv1d(3, 5, 1), BatchNorm1d(5), ReLU(), BatchNorm1d(5)), x)
    check(Sequential(Conv1d(3, 4, 3), ReLU(), BatchNorm1d(4)), x)
    check(Sequential(Sequential(Conv1d(3, 5, 1), ReLU()), BatchNorm1d(5)), x)
    check(Sequential(Linear(5, 4), BatchNorm1d(3)), x)
    image = torch.randn(2, 3, 6, 7).double()
    check(Sequential(Conv2d(3, 5, 3), BatchNorm2d(5), ReLU()), image)


def test_modules_that_are_in_two_places(check):
    """Each place has its own norm, and others none."""
    linear, act, norm = Linear(4, 4), Tanh(), BatchNorm1d(4)
    check(Sequential(linear, act, norm, act, BatchNorm1d(4)), poses())
    check(Sequential(linear, BatchNorm1d(4), linear, ChannelBatchNorm(4), linear), poses())
    check(Sequential(linear, norm, Linear(4, 4), norm), poses())
    block = Sequential(linear, ChannelBatchNorm(4), act)
    check(Sequential(Sequential(block, block), Sequential(block), ChannelBatchNorm(4)), poses())


def test_a_unit_in_two_places(check, skeleton):
    unit, x = GraphUnit(SemGConv(4, 4, skeleton)), torch.randn(18, 4).double()
    own = check(Sequential(Sequential(unit), Sequential(unit)), x)
    assert not any(isinstance(module, MessagePassing) for module in own.modules())


def test_norm_after(check, skeleton):
    unit, x = GraphUnit(SemGConv(3, 4, skeleton), dropout=0.5), torch.randn(18, 5, 3).double()
    own = check(unit, x)
    assert isinstance(own, GraphUnit)
    assert isinstance(own.conv, GraphSum)
    assert isinstance(own.norm, Identity)
    assert isinstance(own.dropout, Identity)


class NormFirst(torch.nn.Module):
    """Has its norm in front of its layer in the order of their names, and no second layer."""

    norm_after = {"layer": "norm", "second": "norm"}  # noqa: RUF012

    def __init__(self):
        super().__init__()
        self.norm, self.layer, self.second = ChannelBatchNorm(4), Linear(4, 4), None

    def forward(self, x):
        return self.norm(self.layer(x))


def test_the_order_of_names_does_not_matter(check):
    own = check(NormFirst(), poses())
    assert isinstance(own.norm, Identity)
    assert own.second is None


@pytest.mark.parametrize("norm", [LayerNorm(4), Identity(), BatchNorm1d(4)], ids=repr)
def test_other_norms_stay_where_they_are(check, skeleton, norm):
    unit = GraphUnit(SemGConv(3, 4, skeleton))
    unit.norm = norm
    own = check(unit, torch.randn(18, 3).double())
    assert isinstance(own.norm, BatchAffine if isinstance(norm, BatchNorm1d) else type(norm))


def test_a_forward_pass_of_its_own(check):
    """A sequence that is no plain one uses its norms as it likes, and so does a linear map."""

    class Ends(Sequential):
        def forward(self, x):
            return sum(layer(x) for layer in self)

    class Bent(Linear):
        def forward(self, x):
            return super().forward(x).tanh()

    check(Ends(Linear(4, 4), ChannelBatchNorm(4), Tanh()), poses())
    for norm in (BatchNorm1d, ChannelBatchNorm):
        own = check(Sequential(Bent(4, 4), norm(4)), poses())
        assert any(isinstance(module, Bent) for module in own.modules())
    block = ResidualBlock(
        Sequential(Linear(4, 4), BatchNorm1d(4), Tanh()), Sequential(Linear(4, 4))
    )
    check(Sequential(block, ChannelBatchNorm(4)), poses())


# Layers that pass messages #######################################################################


class Passing(MessagePassing):
    """A convolution of a user's own."""

    def forward(self, x):
        return x


def test_passing_messages_needs_a_form():
    with pytest.raises(TypeError, match="Passing has no optimized form; register one with pyg_sk"):
        form(Sequential(Linear(4, 4), Passing()))


def test_a_registered_form(trained):
    class Halves(Passing):
        def forward(self, x):
            return x / 2

    class Half(torch.nn.Module):
        def __init__(self, norm):
            super().__init__()
            self.norm = norm

        def forward(self, x):
            return x / 2 * self.norm.scale + self.norm.shift

    @form.register
    def _(layer: Halves, norm: Affine | None = None) -> torch.nn.Module:
        return Half(norm or Affine.of(None, 4))

    network, x = trained(Sequential(Halves(), ChannelBatchNorm(4), Halves())), poses()
    own = form(copy.deepcopy(network))
    assert [type(layer) for layer in own] == [Half, Identity, Half]
    torch.testing.assert_close(own(x), network(x))


def test_a_layer_is_not_mistaken_for_the_one_above(trained, skeleton):
    """A subclass that computes something else needs a form of its own."""

    class Mine(SemGConv):
        def forward(self, x, edge_index=None, edge_weight=None):
            return super().forward(x, edge_index, edge_weight).tanh()

    class Named(SemGConv):
        def __init__(self, channels):
            super().__init__(channels, channels, skeleton)

    with pytest.raises(TypeError, match=r"^Mine has no optimized form"):
        form(Sequential(Mine(4, 4, skeleton)))
    layer, x = trained(Named(4)), torch.randn(9, 4).double()
    torch.testing.assert_close(form(copy.deepcopy(layer))(x), layer(x))


@pytest.mark.parametrize("aggr", ["mean", "max"])
def test_other_aggregations_have_no_form(skeleton, aggr):
    for layer in (
        SemGConv(4, 4, skeleton, aggr=aggr),
        VanillaGConv(4, 4, skeleton, aggr=aggr),
        HCSFConv(4, 4, skeleton, aggr=aggr),
        NonLocal(4, skeleton, aggr=aggr),
    ):
        text = f"^{type(layer).__name__} with aggr='{aggr}' has no optimized form"
        with pytest.raises(TypeError, match=text):
            form(layer)
    with pytest.raises(TypeError, match=r"^AGIM with aggr='sum' has no optimized form"):
        form(AGIM(4, 9, 4, aggr="sum"))
    form(SemGConv(4, 4, skeleton, aggr="add"))
