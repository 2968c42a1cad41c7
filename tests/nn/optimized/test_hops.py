import copy

import pytest
import torch

from pyg_skeleton.nn import DynamicHCSFConv, HCSFConv, HighOrderConv, LCNConv, MixHopConv
from pyg_skeleton.nn.optimized import form
from pyg_skeleton.nn.optimized.hops import FusedHops, HopSums, SqueezedHops

GRAPH = {"hidden_channels": 2, "init": "rand", "support": "masked", "alpha": 0.5}


def mixed(**options):
    return lambda s, c: (MixHopConv(c, 8, s, (1, 2, 3), **options), 8)


def squeezed(**options):
    return lambda s, c: (HCSFConv(c, 8, s, 1, 3, 0.5, **options), 8)


def dynamic(**options):
    return lambda s, c: (DynamicHCSFConv(c, 8, s, long_range=3, squeeze=0.5, **options), 8)


FUSED = {
    "lcn": lambda s, c: (LCNConv(c, 8, s, 2), 8),
    "lcn of a norm": lambda s, c: (LCNConv(c, 8, s, 1, max_norm=1.0, bias=False), 8),
    "high order": lambda s, c: (HighOrderConv(c, 4, s, 2), 12),
    "high order, added": lambda s, c: (HighOrderConv(c, 4, s, 3, "add"), 4),
    "concat": mixed(bias=True),
    "mean": mixed(fusion="mean"),
    "pairs": mixed(sharing="pair", bias=True),
    "mean of pairs": mixed(fusion="mean", sharing="pair"),
    "learned": mixed(graph={**GRAPH, "offset": False}),
    "learned pairs": mixed(graph={**GRAPH, "offset": False}, sharing="pair", fusion="mean"),
    "inferred": mixed(graph=GRAPH, bias=True),
    "inferred pairs": mixed(graph={**GRAPH, "support": "free"}, sharing="pair", fusion="mean"),
}
SQUEEZED = {
    "pair": squeezed(bias=True),
    "hop": squeezed(sharing="hop"),
    "add": squeezed(fusion="add"),
    "mul": squeezed(fusion="mul", long_fusion="mul", bias=True),
    "long add": squeezed(long_fusion="add"),
    "ball": squeezed(hop_mode="ball", hop_aware=False),
    "near alone": lambda s, c: (HCSFConv(c, 8, s, 2, 2), 8),
    "dynamic": dynamic(alpha=0.5),
    "free": dynamic(support="free", sharing="hop", long_fusion="add"),
    "no base": dynamic(init="none", learn_alpha=False, alpha=0.3, kernel_size=3, stride=2),
    "no offset": dynamic(offset=False, init="rand"),
    "no offset, hop": dynamic(offset=False, init="rand", sharing="hop", support="free"),
}


@pytest.mark.parametrize("channels", [3, 9])
@pytest.mark.parametrize("name", [*FUSED, *SQUEEZED])
def test_equals_the_layer(check_form, bodies, skeleton, name, channels):
    layer, width = {**FUSED, **SQUEEZED}[name](skeleton, channels)
    own = check_form(layer, *bodies(9, channels), channels=width)
    assert isinstance(own, FusedHops if name in FUSED else SqueezedHops)


@pytest.mark.parametrize("sharing", ["pair", "hop"])
@pytest.mark.parametrize("offset", [False, True])
def test_sums_of_each_group(trained, bodies, skeleton, sharing, offset):
    """Pair by pair: each group has maps, a graph and a width of its own."""
    layer = trained(dynamic(offset=offset, init="rand", alpha=0.4, sharing=sharing)(skeleton, 3)[0])
    own = HopSums(layer, list(layer.weights))
    source, target = layer.template.edge_index
    ends = [*torch.tensor([0, *layer.template.sizes]).cumsum(0)]
    for x in bodies(9, 3):
        edge_weight = layer.edge_weights(x).expand(len(x) // 9, -1)
        expected = [x.new_zeros(*x.shape[:-1], width) for width in layer.widths]
        for g, weight in enumerate(layer.weights):
            for e in range(ends[g], ends[g + 1]):
                matrix = weight[e - ends[g] if sharing == "pair" else 0]
                for b, a in enumerate(edge_weight[:, e]):
                    expected[g][9 * b + target[e]] += a * (x[9 * b + source[e]] @ matrix)
        torch.testing.assert_close(own(x), expected)


def test_constant_weights_are_part_of_the_maps(trained, skeleton):
    """Nothing is left to be computed of a graph that does not depend on the input."""
    x = torch.randn(9, 4, 3, dtype=torch.double)
    for name in ("no offset", "no offset, hop"):
        layer = trained(SQUEEZED[name](skeleton, 3)[0])
        own, before = form(copy.deepcopy(layer)), layer(x)
        assert own.sums.graph is None
        torch.testing.assert_close(own(x), before)
    layer = trained(SQUEEZED["dynamic"](skeleton, 3)[0])
    assert form(copy.deepcopy(layer)).sums.graph is not None


def test_the_largest_norm_is_kept(trained, skeleton):
    layer = trained(LCNConv(3, 8, skeleton, 1, max_norm=1.0, bias=False))
    assert layer.weights[0].norm() > 5
    (weight,) = form(layer).sums.weights
    torch.testing.assert_close(weight.norm(), torch.tensor(1.0).double())


def test_numbers_that_do_not_depend_on_the_input_are_not_trained(trained, skeleton):
    own = form(trained(LCNConv(3, 8, skeleton)))
    assert not any(parameter.requires_grad for parameter in own.parameters())
