"""The optimized form of a network gives the answers of the network."""

import pytest
import torch
from torch_geometric.nn import MessagePassing

from pyg_skeleton.nn import SemGConv, SpatialGraphConv, VanillaGConv
from pyg_skeleton.nn.models import PlainNetwork, SemGCN, create_model, list_models
from pyg_skeleton.testing import assert_close

VARIANTS = [
    *((name, {}) for name in list_models()),
    ("sym_gnn", {"parts": True, "bone": True, "num_iterations": 2}),
    ("sym_gnn", {"parts": True, "joints": False}),
    *(("sym_gnn", {"parts": True, part: False}) for part in ("structural", "actional")),
    *(("sym_gnn", {"parts": True, part: False}) for part in ("recognition", "prediction")),
    ("sym_gnn", {"carry": "convolved", "lambda_act": 0.5}),
    ("agcn", {"preset": "aagcn-ntu60"}),
    ("agcn", {"pad_persons": True}),
    ("st_gcn", {"strategy": "distance", "edge_importance": False}),
    ("sem_gcn", {"preset": "channelwise"}),
    ("sem_gcn", {"separate_self": False, "groups": "none"}),
    ("res_gcn", {"preset": "st-gcn"}),
    ("res_gcn", {"conv": SpatialGraphConv}),
    ("ctr_gcn", {"conv": VanillaGConv}),
    ("ctr_gcn", {"conv": SemGConv, "channels": (8, 4)}),
    ("lcn", {"max_norm": 0.0}),
    *(("skeletal_gnn", {"preset": preset}) for preset in ("paper", "dynamic", "temporal")),
    ("skeletal_gnn", {"preset": "paper", "sharing": "hop", "fusion": "add", "long_fusion": "mul"}),
    ("skeletal_gnn", {"preset": "paper", "sharing": "hop", "hop_aware": False}),
    ("skeletal_gnn", {"preset": "dynamic", "offset": False}),
    ("skeletal_gnn", {"preset": "dynamic", "sharing": "hop"}),
]


def difference(model, other, x):
    """How far the outputs of two networks are apart, relative to the largest number."""
    with torch.no_grad():
        outputs = [PlainNetwork(m)(x) for m in (model, other)]
    pairs = zip(*(out if isinstance(out, tuple) else (out,) for out in outputs), strict=True)
    return max(float((a - b).abs().max() / a.abs().max()) for a, b in pairs)


@pytest.mark.parametrize(("name", "changes"), VARIANTS)
def test_equals_the_network(make, name, changes):
    model = make(name, **changes)
    fast, double = model.optimized(), model.double().optimized()
    for batch_size, frames in ((1, 3 if name == "sym_gnn" else 1), (3, 17)):
        x = PlainNetwork(model).example(batch_size, frames)
        assert difference(model, double, x) < 1e-13
        if x.dim() == 5:  # a clip of one person
            assert difference(model, double, x[:1, :1]) < 1e-13
        model.float()
        assert difference(model, fast, x.float()) < 1e-5
        model.double()
    assert not any(isinstance(module, MessagePassing) for module in fast.modules())
    norms = [m for m in fast.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
    assert not norms
    assert not fast.training
    assert not any(parameter.requires_grad for parameter in fast.parameters())


@pytest.mark.parametrize("name", ["st_gcn", "agcn", "ctr_gcn", "info_gcn"])
def test_continual_networks(make, name):
    """Without padding, with graphs of single frames, and norms whose factors have both signs."""
    model = make(name, continual=True).double()
    for norm in (m for m in model.modules() if isinstance(m, torch.nn.BatchNorm1d)):
        torch.nn.init.normal_(norm.weight)
    x = PlainNetwork(model).example(2, model.receptive_field + 4)
    assert difference(model, model.optimized(), x) < 1e-13


def test_predicts_like_the_network(make):
    model, clip = make("ctr_gcn", num_classes=3), torch.rand(2, 12, 25, 3).numpy()
    fast, expected = model.optimized(), model.predict(clip).probability
    assert_close(*(torch.from_numpy(p) for p in (fast.predict(clip).probability, expected)), "")
    assert fast.embed(clip).shape == model.embed(clip).shape == (1, 16)


def test_other_edges_are_refused(make):
    model = make("st_gcn").optimized()
    data = model.example_input(num_frames=8)
    model(data)
    data.edge_index = data.edge_index[:, 1:]
    with pytest.raises(ValueError, match="edges of its layout, the data have others"):
        model(data)


def test_neither_trains_nor_saves(make, tmp_path):
    model = make("st_gcn").optimized()
    with pytest.raises(RuntimeError, match="cannot be trained"):
        model.train()
    with pytest.raises(ValueError, match="cannot be saved"):
        model.save(tmp_path / "model.pt")
    assert model.eval().optimized() is model
    assert list(tmp_path.iterdir()) == []


def test_the_network_itself_does_not_change(make):
    model = make("info_gcn").train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    model.optimized()
    assert model.training
    assert not model.is_optimized
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_presets_of_full_size():
    for name in ("ctr_gcn", "sem_gcn"):
        model = create_model(name).eval()
        x = PlainNetwork(model).example(1, 16)
        assert difference(model, model.optimized(), x) < 1e-5


def test_compiles_without_a_break(make):
    model = make("sem_gcn")
    assert isinstance(model, SemGCN)
    fast = PlainNetwork(model.optimized())
    compiled = torch.compile(fast, backend="eager", fullgraph=True)
    x = fast.example(2, 1)
    assert torch.equal(compiled(x), fast(x))
