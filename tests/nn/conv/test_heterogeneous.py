"""Layers in PyG's heterogeneous networks: persons and objects."""

import pytest
import torch
from torch_geometric.nn import HeteroConv, SAGEConv, summary, to_hetero

from pyg_skeleton import Skeleton, create_model
from pyg_skeleton.nn import SemGConv, StructuralConv
from pyg_skeleton.skeleton.edges import union_edges
from pyg_skeleton.testing import requires_package

BODY = Skeleton.get("h36m17")
BONES, HELD = ("person", "bone", "person"), ("object", "held", "person")


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = SemGConv(-1, 8, BODY)
        self.conv2 = StructuralConv(-1, 4, BODY)

    def forward(self, x, edge_index):
        return self.conv2(self.conv1(x, edge_index).relu(), edge_index)


def test_to_hetero_copies_layers_for_each_type_of_the_layout():
    """Two node types of bodies, each with weights of its own."""
    bones = {"person": union_edges(BODY, 2), "robot": BODY.edge_index()}
    edges = {(name, "bone", name): value for name, value in bones.items()}
    x = {"person": torch.randn(34, 3), "robot": torch.randn(17, 3)}
    net = to_hetero(Net(), (list(x), list(edges)))
    out = net(x, edges)
    assert {name: value.shape for name, value in out.items()} == {
        "person": (34, 4),
        "robot": (17, 4),
    }
    fewer = {**edges, BONES: edges[BONES][:, 4:]}
    changed = net(x, fewer)
    assert not torch.allclose(changed["person"], out["person"])
    assert torch.equal(changed["robot"], out["robot"])


def test_persons_and_objects():
    x = {"person": torch.randn(34, 3), "object": torch.randn(5, 6)}
    edges = {
        BONES: union_edges(BODY, 2),
        HELD: torch.tensor([[0, 1], [3, 20]]),
        ("person", "holds", "object"): torch.tensor([[3, 20], [0, 1]]),
    }
    conv = HeteroConv(
        {
            BONES: SemGConv(-1, 8, BODY),
            HELD: SAGEConv((-1, -1), 8),
            ("person", "holds", "object"): SAGEConv((-1, -1), 8),
        }
    )
    out = conv(x, edges)
    assert out["person"].shape == (34, 8)
    assert out["object"].shape == (5, 8)
    own = conv.convs[BONES](x["person"]) + conv.convs[HELD]((x["object"], x["person"]), edges[HELD])
    torch.testing.assert_close(out["person"], own)


def test_one_line_for_edges_between_types():
    layer, x = SemGConv(3, 8, BODY), torch.randn(17, 3)
    with pytest.raises(TypeError, match="got tuple: SemGConv sums within bodies of one layout"):
        layer((x, x), BODY.edge_index())
    with pytest.raises(TypeError, match=r"one number, got \(-1, -1\): SemGConv sums within"):
        SemGConv((-1, -1), 8, BODY)
    bones = (["person"], [BONES])
    with pytest.raises(TypeError, match="cannot be traced"):
        to_hetero(create_model("sem_gcn"), bones)


@requires_package("tabulate")
def test_summary():
    net = Net()
    text = summary(net, torch.randn(17, 3), BODY.edge_index())
    assert "(conv1)SemGConv       | [17, 3], [2, 32] | [17, 8]" in text
    model = create_model("st_gcn", channels=(8,), strides=(1,))
    text = summary(model, model.example_input())
    assert "(conv)SpatialGraphConv" in text
    assert f"{sum(p.numel() for p in model.parameters()):,}" in text
