"""Networks with the edges of their data: the same, fewer, weighted; and explainers."""

import copy

import pytest
import torch
from torch_geometric.data import Batch, Data
from torch_geometric.explain import CaptumExplainer, Explainer, GNNExplainer, PGExplainer
from torch_geometric.loader import DataLoader
from torch_geometric.utils import dropout_edge

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.nn import Edges
from pyg_skeleton.nn.conv.skeleton_conv import SkeletonConv
from pyg_skeleton.nn.models import (
    AGCN,
    CTRGCN,
    LCN,
    STGCN,
    InfoGCN,
    SemGCN,
    SkeletalGNN,
    create_model,
    list_models,
    transfer_weights,
)
from pyg_skeleton.nn.models.skeleton_model import first_tensor
from pyg_skeleton.skeleton import BodyGraph, Skeleton, list_skeletons
from pyg_skeleton.skeleton.edges import union_edges
from pyg_skeleton.testing import requires_package

SMALL = {"num_classes": 4, "channels": (8, 8), "strides": (1, 2)}
MAKE = {
    "sem_gcn": lambda: SemGCN("h36m16", hidden_channels=8, num_blocks=1),
    "lcn": lambda: LCN("h36m17-lcn", hidden_channels=8, num_blocks=1),
    "skeletal_gnn": lambda: SkeletalGNN("h36m17-lcn", hidden_channels=8, num_blocks=1),
    "st_gcn": lambda: STGCN("kinect20", dropout=0.0, **SMALL),
    "agcn": lambda: AGCN("kinect20", **SMALL),
    "ctr_gcn": lambda: CTRGCN("kinect20", **SMALL),
    "info_gcn": lambda: InfoGCN("kinect20", **SMALL),
    "sym_gnn": lambda: create_model("sym_gnn", "tiny"),
}
#: Networks whose graphs are made of edges.
LOCAL = ("sem_gcn", "lcn", "skeletal_gnn", "st_gcn", "sym_gnn")


def make(name):
    torch.manual_seed(0)
    model = MAKE[name]().double().eval()
    for p in model.parameters():  # nothing starts near zero
        if p.dim() <= 1:
            torch.nn.init.uniform_(p, 0.2, 1.0)
        else:
            torch.nn.init.normal_(p, std=0.3)
    return model


def clips(model, count=2, **kwargs):
    torch.manual_seed(1)
    V, C = model.skeleton.num_joints, model.in_channels
    frames = () if name_of(model) in ("SemGCN", "LCN", "SkeletalGNN") else (12,)
    x = torch.randn(count, V, *frames, C, dtype=torch.float64)
    return [model.skeleton.to_data(item, **kwargs) for item in x]


def name_of(model):
    return type(model).__name__


def output(model, data):
    return first_tensor(model(data)).detach()


def without(data, *edges):
    data = copy.copy(data)
    keep = torch.ones(data.num_edges, dtype=torch.bool)
    pairs = {frozenset(e) for e in edges}
    for i, e in enumerate(data.edge_index.t().tolist()):
        keep[i] = frozenset(e) not in pairs
    data.edge_index = data.edge_index[:, keep]
    return data


@pytest.mark.parametrize("name", MAKE)
def test_its_own_edges_in_every_form(name):
    model = make(name)
    items = clips(model)
    batch = next(iter(SkeletonLoader(items, batch_size=2)))
    expected = output(model, batch)
    assert model.edges_of(batch) is None
    other = next(iter(DataLoader(items, batch_size=2)))
    assert model.edges_of(other) is None
    shuffled = copy.copy(batch)
    shuffled.edge_index = batch.edge_index[:, torch.randperm(batch.num_edges)]
    assert model.edges_of(shuffled) is not None
    hops = next(iter(SkeletonLoader(clips(model, hops=3), batch_size=2)))
    hops.edge_index_hop2 = hops.edge_index_hop2.flip(1)
    for data in (other, shuffled, hops):
        torch.testing.assert_close(output(model, data), expected)
    for layer in model.modules():
        if isinstance(layer, SkeletonConv):
            layer.fuse = False
    torch.testing.assert_close(output(model, batch), expected)


@pytest.mark.parametrize("name", LOCAL)
def test_four_bones_fewer_change_the_answer(name):
    model = make(name)
    whole, data = clips(model, 1)[0], clips(model, 1)[0]
    parents = {parent for _, parent in model.skeleton.bones}
    ends = [bone for bone in model.skeleton.bones if bone[0] not in parents][:4]
    fewer = without(data, *ends)
    assert fewer.num_edges == data.num_edges - 8
    out = output(model, fewer)
    assert not torch.allclose(out, output(model, whole), atol=1e-4)
    # In a batch, each clip has its own edges.
    batch = Batch.from_data_list([fewer, whole])
    both = output(model, batch)
    torch.testing.assert_close(both[: len(out)], out)
    torch.testing.assert_close(both[len(out) :], output(model, whole))


@pytest.mark.parametrize("name", LOCAL)
def test_weights_of_edges_change_the_answer(name):
    model, data = make(name), clips(make(name), 1)[0]
    expected = output(model, data)
    data.edge_weight = torch.ones(data.num_edges, dtype=torch.float64)
    torch.testing.assert_close(output(model, data), expected)
    data.edge_weight = torch.rand(data.num_edges, dtype=torch.float64)
    assert not torch.allclose(output(model, data), expected, atol=1e-4)


@pytest.mark.parametrize("name", ["agcn", "ctr_gcn", "info_gcn"])
def test_learned_complete_graphs_ignore_edges(name):
    model, data = make(name), clips(make(name), 1)[0]
    fewer = without(data, *model.skeleton.bones[3:7])
    torch.testing.assert_close(output(model, fewer), output(model, data))


def test_the_same_network_on_that_graph():
    """Its layers without the bones, one by one."""
    model, data = make("st_gcn"), clips(make("st_gcn"), 1)[0]
    bones = model.skeleton.bones[3:5]
    out = output(model, without(data, *bones))
    other = make("st_gcn")
    for block in other.blocks:
        conv = block.conv
        near = (model.skeleton.distances <= 1).clone()
        for a, b in bones:
            near[a, b] = near[b, a] = False
        conv.counts = (near.sum(1, keepdim=True) / (conv.pairs * near)).double()
    torch.testing.assert_close(out, output(other, data))


def test_padded_persons_keep_the_edges_of_the_layout():
    model = STGCN("kinect20", pad_persons=True, **SMALL).double().eval()
    x = torch.randn(2, 20, 12, 3, dtype=torch.float64)
    items = [model.skeleton.to_data(x), model.skeleton.to_data(x[:1])]
    batch = Batch.from_data_list(items)
    shuffled = copy.copy(batch)
    shuffled.edge_index = batch.edge_index.flip(1)
    torch.testing.assert_close(output(model, shuffled), output(model, batch))
    weighted = copy.copy(batch)
    weighted.edge_weight = torch.ones(batch.num_edges, dtype=torch.float64)
    torch.testing.assert_close(output(model, weighted), output(model, batch))


@pytest.mark.parametrize("name", MAKE)
def test_features_and_edges_alone(name):
    """PyG's own data: one person, one clip."""
    model, data = make(name), clips(make(name), 1)[0]
    expected = output(model, data)
    plain = Data(x=data.x, edge_index=data.edge_index)
    torch.testing.assert_close(output(model, plain), expected)
    torch.testing.assert_close(first_tensor(model(data.x, data.edge_index)), expected)
    torch.testing.assert_close(first_tensor(model(data.x)), expected)
    with pytest.raises(TypeError, match="a data object alone"):
        model(data, data.edge_index)
    with pytest.raises(TypeError, match="data object with features x, got str"):
        model("clip")


#: What makes the graphs of a network on a skeleton those of the network on the same edges.
EDGES_ALONE = {
    "st_gcn": {"strategy": "distance"},
    "codt": {"strategy": "distance"},
    "sem_gcn": {"groups": "none"},
    "lcn": {"max_norm": None},
}
#: Networks whose answer does not depend on unweighted edges.
FREE = ("agcn", "ctr_gcn", "info_gcn", "martinez_mlp", "si_mlpe", "sr_net", "trajectory_gcn")


@pytest.fixture
def chosen(monkeypatch):
    """The forms that the operators take: whether each call was fused."""
    forms, given = [], SkeletonConv.given

    def spy(self, *args):
        graphs = given(self, *args)
        forms.append(graphs is None)
        return graphs

    monkeypatch.setattr(SkeletonConv, "given", spy)
    return forms


@pytest.mark.parametrize("layout", list_skeletons())
@pytest.mark.parametrize("name", list_models())
def test_every_network_on_every_layout(small, chosen, name, layout):
    """Its own edges in three ways, and one bone fewer, as the network on that graph says."""
    body, options = Skeleton.get(layout), EDGES_ALONE.get(name, {})
    model = small(name, layout, **options).double().eval()
    for p in model.parameters():  # no graph starts at zero or one
        p.data.add_(0.1 * torch.randn_like(p))
    data = model.example_input(2, 8)
    x = data.x.requires_grad_()

    def run(model, *edges):
        chosen.clear()
        out = first_tensor(model(Data(x, *edges, batch=data.batch, person=data.person)))
        return out, torch.autograd.grad(out.square().sum(), x)[0]

    expected = run(model)
    assert all(chosen)
    own = union_edges(body, x.size(0) // body.num_joints)
    for edges, fused in ((own, True), (data.edge_index, True), (own.flip(1), name in FREE)):
        torch.testing.assert_close(run(model, edges), expected)
        assert all(chosen) == (fused or name == "pose_gat")  # PyG's layers have one form
    fewer = BodyGraph("fewer", body.joints, body.edges[:-1], body.parts, body.part_edges)
    fewer_edges = union_edges(fewer, x.size(0) // body.num_joints)
    if layout == "h36m17-lcn" and name in ("skeletal_gnn", "skeletal_gnn_classifier"):
        # A bone of a loop: its ends are two hops apart now, for which there is no weight.
        with pytest.raises(ValueError, match=r"edge \d+ -> \d+ .* has no weight in this layer"):
            run(model, fewer_edges)
        return
    out, grad = run(model, fewer_edges)
    assert torch.allclose(out, expected[0]) == (name in FREE)
    if name not in FREE:
        other = small(name, fewer, **options).double().eval()
        assert not transfer_weights(model, other).made
        torch.testing.assert_close((out, grad), run(other))


EXPLAINED = ("sem_gcn", "st_gcn", "ctr_gcn", "skeletal_gnn")


class Depth(torch.nn.Module):
    """The mean depth of a pose: a number to explain."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x, edge_index=None):
        return self.model(x, edge_index)[:, 2].mean().view(1, 1)


def explain(name, algorithm, node_mask_type="attributes"):
    model, data = make(name).float(), clips(make(name), 1)[0]
    lifting = name in ("sem_gcn", "skeletal_gnn")
    model = Depth(model).eval() if lifting else model
    mode = "regression" if lifting else "multiclass_classification"
    config = {"mode": mode, "task_level": "graph"}
    explainer = Explainer(
        model=model,
        algorithm=algorithm,
        explanation_type="model",
        node_mask_type=node_mask_type,
        edge_mask_type="object",
        model_config={**config, "return_type": "raw"},
    )
    x = data.x.float().flatten(1)  # of all frames
    before = first_tensor(model(x)).detach()
    explanation = explainer(x, data.edge_index)
    torch.testing.assert_close(first_tensor(model(x)).detach(), before)  # nothing is left behind
    return explanation, data


@pytest.mark.parametrize("name", EXPLAINED)
def test_gnn_explainer(name):
    explanation, data = explain(name, GNNExplainer(epochs=5), "object")
    assert explanation.edge_mask.shape == (data.num_edges,)
    assert explanation.edge_mask.unique().numel() > 10
    assert explanation.node_mask.size(0) == data.num_nodes


@requires_package("captum")
@pytest.mark.parametrize("name", EXPLAINED)
def test_captum_explainer(name):
    explanation, data = explain(name, CaptumExplainer("IntegratedGradients"))
    assert explanation.edge_mask.shape == (data.num_edges,)
    assert explanation.edge_mask.unique().numel() > 10
    assert explanation.node_mask.shape == data.x.flatten(1).shape


@pytest.mark.filterwarnings("ignore:Converting a tensor with requires_grad")  # in PyG
@pytest.mark.parametrize("name", ["sem_gcn", "skeletal_gnn"])
def test_pg_explainer_on_poses(name):
    """Its edge masks are functions of the features of joints, so that poses alone have them."""
    model, data = Depth(make(name).float()).eval(), clips(make(name), 1)[0]
    explainer = Explainer(
        model,
        PGExplainer(epochs=5, lr=0.1),
        explanation_type="phenomenon",
        edge_mask_type="object",
        model_config={"mode": "regression", "task_level": "graph", "return_type": "raw"},
    )
    x, target = data.x.float(), torch.ones(1, 1)
    for epoch in range(5):
        explainer.algorithm.train(epoch, model, x, data.edge_index, target=target)
    explanation = explainer(x, data.edge_index, target=target)
    assert explanation.edge_mask.shape == (data.num_edges,)
    assert explanation.edge_mask.unique().numel() > 10


def test_pg_explainer_of_clips_says_what_it_got():
    model, data = make("st_gcn").float(), clips(make("st_gcn"), 1)[0]
    algorithm = PGExplainer(epochs=1)
    Explainer(
        model,
        algorithm,
        explanation_type="phenomenon",
        edge_mask_type="object",
        model_config={
            "mode": "multiclass_classification",
            "task_level": "graph",
            "return_type": "raw",
        },
    )
    x = data.x.float().flatten(1)
    with pytest.raises(ValueError, match=r"one weight for each of 38 edges, got \[456\]"):
        algorithm.train(0, model, x, data.edge_index, target=torch.tensor([0]))


@requires_package("captum")
@pytest.mark.parametrize("name", ["st_gcn", "ctr_gcn"])
def test_one_explainer_after_another(name):
    """A mask that was a parameter is forgotten."""
    model = make(name).float()
    x, edges = clips(make(name), 1)[0].x.float().flatten(1), clips(make(name), 1)[0].edge_index
    config = {"mode": "multiclass_classification", "task_level": "graph", "return_type": "raw"}
    options = {"explanation_type": "model", "edge_mask_type": "object", "model_config": config}
    captum = Explainer(model, CaptumExplainer("IntegratedGradients"), **options)
    expected = captum(x, edges).edge_mask
    Explainer(model, GNNExplainer(epochs=2), **options)(x, edges)
    torch.testing.assert_close(captum(x, edges).edge_mask, expected)


@pytest.mark.parametrize("name", LOCAL)
@pytest.mark.parametrize("undirected", [False, True])
def test_dropped_edges(name, undirected):
    """PyG's `dropout_edge`; where there are loops, farther hops are those of the data."""
    model, data = make(name), clips(make(name), 1, hops=2)[0]
    torch.manual_seed(0)
    fewer = copy.copy(data)
    fewer.edge_index, _ = dropout_edge(data.edge_index, 0.3, force_undirected=undirected)
    if name != "lcn":
        assert not torch.allclose(output(model, fewer), output(model, data), atol=1e-4)
    if name == "skeletal_gnn":
        del fewer.edge_index_hop2  # the ends of the dropped edges are two hops apart now
        with pytest.raises(ValueError, match="has no weight in this layer"):
            output(model, fewer)


def test_edges_of_a_user():
    model, data = make("st_gcn"), clips(make("st_gcn"), 1)[0]
    clip = torch.zeros(1, dtype=torch.long)
    own = model.forward_clips(data.x, clip, clip, edges=Edges.of(data))
    torch.testing.assert_close(own, model.forward_clips(data.x, clip, clip))
    assert Skeleton.get("kinect20") == data.graph
    with pytest.raises(ValueError, match="not within one of 1 bodies of 20 nodes"):
        model(data.x, torch.tensor([[0], [20]]))
