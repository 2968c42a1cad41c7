"""Networks on graphs that are no skeletons: bones as nodes, parts, two hands, sensors."""

import pytest
import torch
from torch_geometric.data import Data

from pyg_skeleton import create_model, list_models
from pyg_skeleton.nn.models import SkeletonModel
from pyg_skeleton.nn.models.skeleton_model import first_tensor
from pyg_skeleton.skeleton import BodyGraph, Skeleton, as_graph

BODY = Skeleton.get("h36m17")
GRAPHS = {
    "dual": BODY.dual(),
    "parts": BODY.part_graph(),
    "hands": BodyGraph("hands", list("abcdef"), [list(pair) for pair in ("ab", "bc", "de", "ef")]),
    "sensors": torch.tensor([[0, 1, 2, 4, 5], [1, 2, 3, 5, 6]]),
}


@pytest.mark.parametrize("graph", GRAPHS)
@pytest.mark.parametrize("name", [name for name in list_models() if name != "sr_net"])
def test_any_graph(small, name, graph, tmp_path):
    model = small(name, GRAPHS[graph]).eval()
    data = model.example_input(2)
    out = first_tensor(model(data)).detach()
    assert out.isfinite().all()
    one = model.example_input(1)
    plain = Data(x=one.x, edge_index=model.skeleton.edge_index())
    torch.testing.assert_close(first_tensor(model(plain)), first_tensor(model(one)))
    model.save(tmp_path / "model.pt")
    again = SkeletonModel.load(tmp_path / "model.pt")
    assert again.skeleton == model.skeleton
    torch.testing.assert_close(first_tensor(again(data)), out)


def test_a_graph_by_its_description(small):
    hands = GRAPHS["hands"]
    assert as_graph(hands.to_dict()) == hands
    assert small("st_gcn", hands.to_dict()).skeleton == hands


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        (
            "sym_gnn",
            {"bone": True},
            r"SymGNN with bone=True needs a skeleton .*graph .hands. of",
        ),
        ("sym_gnn", {"parts": True}, "'hands' has no parts"),
        ("martinez_mlp", {"predict_root": False}, "MartinezMLP with predict_root=False needs a s"),
        ("sr_net", {}, "SRNet needs a graph with parts, got BodyGraph.*hands"),
        ("info_gcn", {"bone_order": 1}, "bone_order=1 needs a skeleton"),
        ("st_gcn", {"strategy": "spatial"}, "strategy 'spatial' needs a skeleton with a root"),
    ],
)
def test_what_needs_a_tree_says_so(small, name, options, message):
    with pytest.raises(ValueError, match=message):
        small(name, GRAPHS["hands"], **options)


def test_what_needs_a_root_says_so(small):
    model = small("sem_gcn", GRAPHS["hands"])
    with pytest.raises(ValueError, match="predict needs a skeleton"):
        model.predict(torch.rand(3, 6, 2).numpy() * 500, image_size=(500, 500))
    with pytest.raises(ValueError, match="mirroring poses needs a skeleton"):
        model.lift(torch.rand(3, 6, 2), flip=True)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: create_model("stgcn"), "unknown model 'stgcn'; did you mean 'st_gcn'"),
        (
            lambda: create_model("st_gcn", "ntu6"),
            "unknown preset 'ntu6' of STGCN; did you mean",
        ),
        (lambda: create_model("st_gcn", skeleton="ntu52"), "did you mean 'ntu25'"),
        (lambda: create_model("st_gcn", skeleton=3), "expected a skeleton, the name of a layout"),
        (lambda: create_model("st_gcn", num_classes=0), "expected num_classes >= 1, got 0"),
        (lambda: create_model("st_gcn", classes=3), "STGCN: got an unexpected keyword .*'classes'"),
    ],
)
def test_one_line_for_a_wrong_argument(call, message):
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", list_models())
def test_one_line_for_wrong_data(small, name):
    model = small(name, BODY, **({"bone": True} if name == "sym_gnn" else {})).eval()
    V, C = 17, model.in_channels
    frames = (8,) if model.example_input().x.dim() == 3 else ()
    for x, message in (
        (torch.rand(V + 1, *frames, C), "expected whole bodies of 17 joints"),
        (torch.rand(V, *frames, C + 1), "expected x"),
        (torch.rand(V, *frames, 2, C), "expected x"),
        (torch.rand(0, *frames, C), "expected whole bodies of 17 joints"),
    ):
        with pytest.raises(ValueError, match=message) as caught:
            model(x)
        assert "\n" not in str(caught.value)
    with pytest.raises(TypeError, match="data object with features x, got ndarray"):
        model(torch.rand(V, *frames, C).numpy())
