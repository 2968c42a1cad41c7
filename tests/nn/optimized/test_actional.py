import copy

import pytest
import torch

from pyg_skeleton.nn import (
    AGIM,
    ActionalGraph,
    ChannelBatchNorm,
    JointConv,
    JointToPartPool,
    PartToJointUnpool,
)
from pyg_skeleton.nn.optimized import Affine, form
from pyg_skeleton.nn.optimized.actional import (
    InferredGraph,
    JointSum,
    PartCopy,
    PartMean,
    StructuralSum,
)

# Graphs that are inferred #########################################################################


@pytest.mark.parametrize("copies", [1, 3])
@pytest.mark.parametrize("num_nodes", [2, 7])
@pytest.mark.parametrize("K", [0, 1, 2, 3])
def test_infers_the_same_graph(trained, K, num_nodes, copies):
    layer = trained(AGIM(6, num_nodes, hidden_channels=5, num_iterations=K, dropout=0.5))
    layer.fuse = False
    own, x = form(copy.deepcopy(layer)), torch.randn(copies * num_nodes, 6, dtype=torch.double)
    graph, expected = own(x), layer(x)
    assert isinstance(own, InferredGraph)
    assert isinstance(graph, ActionalGraph)
    assert graph.num_nodes == num_nodes
    assert torch.equal(graph.edge_index, expected.edge_index)
    torch.testing.assert_close(graph.edge_weight, expected.edge_weight)
    rows = graph.adjacency().sum(-1)
    torch.testing.assert_close(rows, torch.ones_like(rows))
    single = form(copy.deepcopy(layer).float())(x.float()).edge_weight
    assert single.dtype == torch.float
    assert (single - expected.edge_weight).abs().max() < 1e-4


def test_norms_are_part_of_the_maps_behind_them(trained):
    layer = trained(AGIM(6, 7, hidden_channels=5, num_iterations=2))
    own, x = form(copy.deepcopy(layer)), torch.randn(7, 6, dtype=torch.double)
    assert not any(isinstance(module, ChannelBatchNorm) for module in own.modules())
    # Both sides of a pair are one map, and so are both embeddings.
    assert [pair.weight.shape for pair in own.pairs] == [(10, 5), (10, 5)]
    assert own.embed.weight.shape == (10, 5)
    names = {name.rpartition(".")[0] for name, _ in layer.named_buffers() if "running" in name}
    assert len(names) == 7
    for name in names:  # each norm has its share
        other = copy.deepcopy(layer)
        other.get_submodule(name).running_mean.add_(0.5)
        expected = other(x).edge_weight
        torch.testing.assert_close(form(other)(x).edge_weight, expected, rtol=1e-9, atol=1e-14)
        # A softmax does not see what all sources share.
        unseen = name == "source_embedding.0.norm"
        assert torch.allclose(expected, own(x).edge_weight, rtol=1e-9, atol=1e-14) is unseen


def test_the_module_that_it_is_made_of_does_not_change(trained):
    layer = trained(AGIM(6, 7, hidden_channels=5))
    before, x = copy.deepcopy(layer.state_dict()), torch.randn(7, 6, dtype=torch.double)
    form(layer)(x)
    after = layer.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())


# Sums over them ###################################################################################


@pytest.mark.parametrize("size", [(), (1,), (7,)], ids=str)
@pytest.mark.parametrize("copies", [1, 3])
@pytest.mark.parametrize(
    "options",
    [
        {"order": 2, "lambda_act": 0.6},
        {"order": 1, "mode": "ring"},
        {"structural": False, "lambda_act": -0.5},
        {"lambda_act": 0.0},
    ],
    ids=str,
)
def test_joint_conv(trained, complete_graph, skeleton, options, copies, size):
    layer, norm = trained(JointConv(4, 6, skeleton, **options)), trained(ChannelBatchNorm(6))
    for conv in (layer, layer.structural, layer.actional):
        if conv is not None:
            conv.fuse = False
    x = torch.randn(copies * 9, *size, 4, dtype=torch.double)
    graph = complete_graph(9, copies, dtype=torch.double)
    own, behind = form(copy.deepcopy(layer)), form(copy.deepcopy(layer), Affine.of(norm))
    assert isinstance(own, JointSum)
    torch.testing.assert_close(own(x, graph), layer(x, graph))
    torch.testing.assert_close(behind(x, graph), norm(layer(x, graph)))
    assert not any(parameter.requires_grad for parameter in behind.parameters())


def test_relations_are_those_of_the_layer(trained, complete_graph, skeleton):
    """Callers that apply the layer many times to the same graphs get them from its form, too."""
    layer = trained(JointConv(4, 6, skeleton, order=2, lambda_act=0.5))
    graph = complete_graph(9, 3, dtype=torch.double)
    graphs, weight = form(copy.deepcopy(layer)).relations(graph)
    expected, maps = layer.relations(graph)
    assert graphs.shape == expected.shape == (3, 3, 9, 9)
    # The share of the actional part is a factor of its map instead of its graph.
    torch.testing.assert_close(
        torch.einsum("bgij,gdc->bijdc", graphs, weight),
        torch.einsum("bgij,gdc->bijdc", expected, maps),
    )


@pytest.mark.parametrize("order", [1, 3])
def test_structural_part_alone(trained, bodies, skeleton, order):
    layer = trained(JointConv(4, 6, skeleton, order, actional=False))
    norm = trained(ChannelBatchNorm(6))
    own, behind = form(copy.deepcopy(layer)), form(copy.deepcopy(layer), Affine.of(norm))
    assert isinstance(own, StructuralSum)
    layer.fuse = layer.structural.fuse = False
    for x in bodies(9, 4):
        torch.testing.assert_close(own(x), layer(x))
        torch.testing.assert_close(own(x, None, None), layer(x))
        torch.testing.assert_close(behind(x), norm(layer(x)))


# Parts ############################################################################################


def test_mean_of_each_part(check_form, bodies, skeleton):
    inputs = bodies(9, 4)
    own = check_form(JointToPartPool(skeleton), *inputs, channels=4)
    assert isinstance(own, PartMean)
    parts = list(skeleton.parts.values())
    assert len({len(part) for part in parts}) > 1
    for x in inputs:
        joints = x.unflatten(0, (-1, 9))
        expected = torch.stack([joints[:, list(part)].mean(1) for part in parts], 1)
        torch.testing.assert_close(
            form(JointToPartPool(skeleton).double())(x), expected.flatten(0, 1)
        )


def test_copies_of_each_part(check_form, bodies, skeleton):
    P = len(skeleton.parts)
    inputs = bodies(P, 4)
    own = check_form(PartToJointUnpool(skeleton), *inputs, channels=4)
    assert isinstance(own, PartCopy)
    parts = list(skeleton.parts.values())
    for x in inputs:
        out = own(x).unflatten(0, (-1, 9))
        for p, part in enumerate(parts):
            for joint in part:
                assert torch.equal(out[:, joint], x.unflatten(0, (-1, P))[:, p])


def test_a_pool_keeps_the_precision_of_the_network(skeleton):
    for dtype in (torch.float, torch.double):
        own = form(JointToPartPool(skeleton).to(dtype))
        assert own.mean.dtype == dtype
        assert own(torch.randn(9, 4, dtype=dtype)).dtype == dtype
    mean = form(JointToPartPool(skeleton).double()).mean
    sizes = [len(part) for part in skeleton.parts.values()]
    assert mean.amax(-1).tolist() == [1 / size for size in sizes]
