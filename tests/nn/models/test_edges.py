"""Networks with the edges of their data: the same, fewer, weighted; and explainers."""

import copy

import pytest
import torch
from torch_geometric.data import Batch, Data
from torch_geometric.explain import CaptumExplainer, Explainer, GNNExplainer
from torch_geometric.loader import DataLoader

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
)
from pyg_skeleton.nn.models.skeleton_model import first_tensor
from pyg_skeleton.skeleton import Skeleton
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
    "sym_gnn": lambda: create_model("sym_gnn"),
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


def test_edges_of_a_user():
    model, data = make("st_gcn"), clips(make("st_gcn"), 1)[0]
    clip = torch.zeros(1, dtype=torch.long)
    own = model.forward_clips(data.x, clip, clip, edges=Edges.of(data))
    torch.testing.assert_close(own, model.forward_clips(data.x, clip, clip))
    assert Skeleton.get("kinect20") == data.graph
    with pytest.raises(ValueError, match="not within one of 1 bodies of 20 nodes"):
        model(data.x, torch.tensor([[0], [20]]))
