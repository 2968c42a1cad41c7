import copy
import dataclasses
import pickle

import pytest
import torch

from pyg_skeleton.skeleton import BodyGraph, Skeleton

JOINTS = ("a", "b", "c", "d")
PARTS = {"x": ["a", "b"], "y": ["c"], "z": ["d"]}
# a - b - c   d, where d stands alone.
GRAPH = BodyGraph("path", JOINTS, [("a", "b"), ("c", "b")], PARTS)


def dense(graph: BodyGraph, k: int, mode: str) -> torch.Tensor:
    source, target = graph.hop_edge_index(k, mode)  # type: ignore[arg-type]
    out = torch.zeros(graph.num_joints, graph.num_joints)
    out[target, source] = graph.hop_weight(k, mode)  # type: ignore[arg-type]
    return out


def test_fields() -> None:
    assert GRAPH.joints == ("a", "b", "c", "d")
    assert GRAPH.edges == ((0, 1), (2, 1))
    assert GRAPH.parts == {"x": (0, 1), "y": (2,), "z": (3,)}
    assert GRAPH.part_edges is None
    assert GRAPH.num_joints == 4
    assert repr(GRAPH) == "BodyGraph('path', joints=4, edges=2, parts=3)"


def test_joint_id() -> None:
    assert Skeleton.get("ntu25").joint_id("spine_shoulder") == 20
    match = "'ntu25' has no joint 'left_elbows'; did you mean 'left_elbow' or"
    with pytest.raises(ValueError, match=match):
        Skeleton.get("ntu25").joint_id("left_elbows")


def test_distances() -> None:
    expected = [[0, 1, 2, -1], [1, 0, 1, -1], [2, 1, 0, -1], [-1, -1, -1, 0]]
    assert GRAPH.distances.tolist() == expected
    assert GRAPH.diameter == 2
    assert BodyGraph("empty", [], []).diameter == 0


def test_edge_index() -> None:
    assert GRAPH.edge_index().tolist() == [[1, 0, 2, 1], [0, 1, 1, 2]]
    assert GRAPH.edge_index(2).tolist() == [[2, 0], [0, 2]]
    assert GRAPH.edge_index(3).shape == (2, 0)
    assert GRAPH.edge_index(0).tolist() == [[0, 1, 2, 3], [0, 1, 2, 3]]
    loops = [[0, 1, 0, 1, 2, 1, 2, 3], [0, 0, 1, 1, 1, 2, 2, 3]]
    assert GRAPH.edge_index(self_loops=True).tolist() == loops
    assert GRAPH.edge_index(0, self_loops=True).tolist() == GRAPH.edge_index(0).tolist()
    assert GRAPH.edge_index(3).dtype == GRAPH.edge_index().dtype == torch.long
    assert GRAPH.edge_index().is_contiguous()


def test_hop_edge_index_and_weight() -> None:
    third, eye = 1 / 3, torch.eye(4)
    assert dense(GRAPH, 1, "ring").tolist() == [
        [0, 1, 0, 0], [0.5, 0, 0.5, 0], [0, 1, 0, 0], [0, 0, 0, 0]
    ]  # fmt: skip
    torch.testing.assert_close(
        dense(GRAPH, 1, "ball"),
        torch.tensor([[0.5, 0.5, 0, 0], [third] * 3 + [0], [0, 0.5, 0.5, 0], [0, 0, 0, 1]]),
    )
    torch.testing.assert_close(dense(GRAPH, 1, "power"), dense(GRAPH, 1, "ball"))
    walk = dense(GRAPH, 1, "power")
    for k in range(5):
        torch.testing.assert_close(dense(GRAPH, k, "power"), torch.matrix_power(walk, k))
    for mode in ("ring", "ball", "power"):
        assert torch.equal(dense(GRAPH, 0, mode), eye)
    assert GRAPH.hop_weight(3, "ring").shape == (0,)
    assert GRAPH.hop_weight(2).dtype == torch.float32
    with pytest.raises(ValueError, match="hop of at least 0, got -1"):
        GRAPH.hop_weight(-1)


def test_parts() -> None:
    assert GRAPH.part_index.tolist() == [0, 0, 1, 2]
    graph = GRAPH.part_graph()
    assert (graph.name, graph.joints, graph.edges) == ("path-parts", ("x", "y", "z"), ((0, 1),))
    stated = BodyGraph("path", JOINTS, [(0, 1)], GRAPH.parts, [("z", "x")])
    assert stated.part_graph().edges == ((2, 0),)
    assert BodyGraph("path", JOINTS, [(0, 1)], GRAPH.parts, []).part_graph().edges == ()
    for need in ("part_index", "part_graph"):
        with pytest.raises(ValueError, match="'path-parts' has no parts"):
            getattr(graph, need)()


def test_a_caller_cannot_change_the_graph() -> None:
    edge_index = GRAPH.edge_index()
    for tensor in (
        GRAPH.edge_index(), GRAPH.hop_edge_index(1), GRAPH.hop_weight(1), GRAPH.distances,
        GRAPH.part_index,
    ):  # fmt: skip
        tensor.fill_(9)
    assert torch.equal(GRAPH.edge_index(), edge_index)
    assert GRAPH.hop_edge_index(1).max() < 9
    assert GRAPH.hop_weight(1).max() <= 1
    assert GRAPH.distances.max() == 2
    assert GRAPH.part_index.max() == 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        GRAPH.name = "other"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        Skeleton.get("ntu25").whatever = 1  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        GRAPH.parts["w"] = (1,)  # type: ignore[index]


def test_what_the_surroundings_do_not_leak_into() -> None:
    graph = BodyGraph("pair", ["a", "b"], [(0, 1)])
    with torch.inference_mode(), torch.device("meta"):
        graph.hop_weight(1)
        graph.edge_index()
    assert not graph.edge_index().is_inference()
    assert graph.hop_weight(1).device.type == "cpu"


def test_equality_hash_pickle_and_copy() -> None:
    twin = BodyGraph("path", list(JOINTS), [[0, 1], [2, 1]], dict(GRAPH.parts))
    assert twin == GRAPH
    assert hash(twin) == hash(GRAPH)
    assert BodyGraph("path", JOINTS, [(0, 1), (2, 1)]) != GRAPH
    assert GRAPH != "path"
    reordered = dict(reversed(list(GRAPH.parts.items())))
    assert BodyGraph("path", JOINTS, GRAPH.edges, reordered) != GRAPH

    GRAPH.edge_index()
    for graph in (GRAPH, Skeleton.get("ntu25")):
        assert copy.copy(graph) is copy.deepcopy(graph) is graph
        again = pickle.loads(pickle.dumps(graph))
        assert again == graph
        assert hash(again) == hash(graph)
        assert again.fingerprint == graph.fingerprint
        assert torch.equal(again.edge_index(), graph.edge_index())
        assert len(pickle.dumps(again)) == len(pickle.dumps(graph)) < 3000


def test_fingerprint() -> None:
    assert (
        BodyGraph("other", JOINTS, [(1, 0), (1, 2)], GRAPH.parts).fingerprint == GRAPH.fingerprint
    )
    assert len(GRAPH.fingerprint) == 16
    int(GRAPH.fingerprint, 16)
    different = [
        BodyGraph("path", ["a", "b", "d", "c"], [(0, 1), (2, 1)], GRAPH.parts),
        BodyGraph("path", JOINTS, [(0, 1), (2, 0)], GRAPH.parts),
        BodyGraph("path", JOINTS, GRAPH.edges),
        BodyGraph("path", JOINTS, GRAPH.edges, dict(reversed(list(GRAPH.parts.items())))),
        BodyGraph("path", JOINTS, GRAPH.edges, GRAPH.parts, [("x", "z")]),
    ]
    prints = {graph.fingerprint for graph in different}
    assert len(prints) == 5
    assert GRAPH.fingerprint not in prints
    for graph in different:
        assert GRAPH.describe_difference(graph)


def test_fingerprints_stay() -> None:
    """A change would make checkpoints unreadable, as they store fingerprints."""
    assert Skeleton.get("ntu25").fingerprint == "b05c4bac14e7e32a"
    assert Skeleton.get("cmu26").dual().fingerprint == "3f46d8e63b0b5ad7"


def test_to_dict() -> None:
    assert GRAPH.to_dict() == {
        "name": "path",
        "joints": ["a", "b", "c", "d"],
        "edges": [["a", "b"], ["c", "b"]],
        "parts": {"x": ["a", "b"], "y": ["c"], "z": ["d"]},
    }


def test_to_data() -> None:
    skeleton = Skeleton.get("ntu25")
    data = skeleton.to_data(torch.rand(2, 25, 8, 3), y=4, hops=3, mode="ball", person=[1, 5])
    assert data.x.shape == (50, 8, 3)
    assert data.y.tolist() == [4]
    ball = skeleton.hop_edge_index(3, "ball")
    assert torch.equal(data.edge_index_hop3, torch.cat([ball, ball + 25], dim=1))
    assert data.person[::25].tolist() == [1, 5]
    assert data.skeleton == "ntu25"
