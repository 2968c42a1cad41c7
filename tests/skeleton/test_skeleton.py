import dataclasses
import random

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pyg_skeleton.skeleton import BodyGraph, Skeleton

# The root in the middle of the list, a child before its parent, and a link across.
STICK = Skeleton(
    "stick",
    ["left_hand", "hip", "right_hand", "head"],
    [("left_hand", "head"), ("right_hand", "head"), ("head", "hip")],
    "hip",
    {"trunk": ["hip"], "top": ["left_hand", "right_hand", "head"]},
    [("left_hand", "right_hand")],
    [("left_hand", "right_hand")],
)


@st.composite
def skeletons(draw: st.DrawFn) -> Skeleton:
    """Any tree, with its joints in any order, with or without parts, links and mirror pairs."""
    name = st.text(min_size=1, max_size=8)
    joints = draw(st.lists(name, min_size=1, max_size=16, unique=True))
    size = len(joints)
    order = draw(st.permutations(range(size)))
    parents = [draw(st.integers(0, pos - 1)) for pos in range(1, size)]
    bones = [(order[pos], order[parent]) for pos, parent in enumerate(parents, start=1)]
    bones = draw(st.permutations(bones))
    parts: dict[str, list[int]] = {}
    if draw(st.booleans()):
        names = draw(st.lists(name, min_size=1, max_size=4, unique=True))
        for joint in order:
            parts.setdefault(draw(st.sampled_from(names)), []).append(joint)
    pairs = {tuple(sorted(pair)) for pair in bones}
    free = [(i, j) for j in range(size) for i in range(j) if (i, j) not in pairs]
    links = draw(st.lists(st.sampled_from(free), unique=True, max_size=3)) if free else []
    shuffled = draw(st.permutations(range(size)))
    mirror = list(zip(shuffled[::2], shuffled[1::2], strict=False))[: draw(st.integers(0, 3))]
    return Skeleton(draw(name), joints, bones, order[0], parts, mirror, links)


def dense(graph: BodyGraph, k: int, mode: str) -> torch.Tensor:
    out = torch.zeros(graph.num_joints, graph.num_joints, dtype=torch.long)
    source, target = graph.hop_edge_index(k, mode)  # type: ignore[arg-type]
    out[target, source] = 1
    return out


def test_fields() -> None:
    assert STICK.bones == ((0, 3), (2, 3), (3, 1))
    assert STICK.edges == ((0, 3), (2, 3), (3, 1), (0, 2))
    assert STICK.links == ((0, 2),)
    assert STICK.root == 1
    assert STICK.parents == (3, -1, 3, 1)
    assert STICK.mirror == ((0, 2),)
    assert repr(STICK) == "Skeleton('stick', joints=4, bones=3, root='hip', parts=2)"
    assert Skeleton("dot", ["a"], [], 0).parents == (-1,)


def test_dataclass_tools() -> None:
    other = dataclasses.replace(STICK, name="twig", links=())
    assert (other.name, other.edges) == ("twig", STICK.bones)
    with pytest.raises(dataclasses.FrozenInstanceError):
        STICK.root = 0  # type: ignore[misc]
    assert dataclasses.replace(STICK) == STICK
    assert dataclasses.replace(STICK, mirror=()) != STICK
    assert len({STICK, dataclasses.replace(STICK), other}) == 2


def test_mirror_index() -> None:
    assert STICK.mirror_index.tolist() == [2, 1, 0, 3]
    STICK.mirror_index.zero_()
    assert STICK.mirror_index.tolist() == [2, 1, 0, 3]


def test_dual() -> None:
    dual = STICK.dual()
    assert type(dual) is BodyGraph
    assert dual.name == "stick-dual"
    assert dual.joints == ("head-left_hand", "head-right_hand", "hip-head")
    assert dual.edges == ((0, 1), (0, 2), (1, 2))
    assert dual.parts == {"top": (0, 1, 2)}
    assert dual.part_graph().edges == ()
    assert dual.part_edges is None
    assert Skeleton("dot", ["a"], [], 0).dual().num_joints == 0
    dashes = Skeleton("dashes", ["a", "--", "a-", "-"], [(1, 0), (2, 0), (3, 2)], 0)
    assert dashes.dual().joints == ("a---#0", "a-a-#1", "a---#2")


def test_dual_of_ntu25() -> None:
    dual = Skeleton.get("ntu25").dual()
    assert dual.num_joints == 24
    # Every joint of degree d makes d bones neighbors of each other.
    degree = Skeleton.get("ntu25").edge_index()[1].bincount()
    assert len(dual.edges) == int((degree * (degree - 1) // 2).sum())
    assert "left_elbow-left_wrist" in dual.joints
    assert [dual.joints[i] for i in dual.parts["left_crus"]] == [
        "left_knee-left_ankle",
        "left_ankle-left_foot",
    ]
    assert tuple(dual.parts) == tuple(Skeleton.get("ntu25").parts)


def test_bone_vectors() -> None:
    x = torch.randn(5, 4, 3, requires_grad=True)
    bones = STICK.bone_vectors(x, dim=1)
    assert bones.shape == (5, 3, 3)
    torch.testing.assert_close(bones[:, 0], x[:, 0] - x[:, 3])
    torch.testing.assert_close(bones[:, 2], x[:, 3] - x[:, 1])
    bones.sum().backward()
    assert x.grad is not None
    assert x.grad[0, :, 0].tolist() == [1, -1, 1, -1]

    array = x.detach().numpy()
    np.testing.assert_array_equal(STICK.bone_vectors(array, dim=-2), bones.detach().numpy())
    assert isinstance(STICK.bone_vectors(array[0]), np.ndarray)
    with pytest.raises(ValueError, match=r"4 joints \('stick'\) along dimension 0, got 5"):
        STICK.bone_vectors(x)


@given(skeletons())
def test_rings_partition_all_pairs(skeleton: Skeleton) -> None:
    rings = [dense(skeleton, k, "ring") for k in range(skeleton.diameter + 1)]
    assert bool((sum(rings) == 1).all())
    assert all(bool(ring.any()) for ring in rings)
    assert all(torch.equal(ring, ring.t()) for ring in rings)
    assert torch.equal(rings[0], torch.eye(skeleton.num_joints, dtype=torch.long))
    assert dense(skeleton, skeleton.diameter + 1, "ring").sum() == 0
    if not skeleton.links and skeleton.num_joints > 1:
        assert int(rings[1].sum()) == 2 * (skeleton.num_joints - 1)


@given(skeletons(), st.integers(0, 8))
def test_balls_are_unions_of_rings_and_supports_of_powers(skeleton: Skeleton, k: int) -> None:
    ball = dense(skeleton, k, "ball")
    assert torch.equal(ball, torch.stack([dense(skeleton, i, "ring") for i in range(k + 1)]).sum(0))
    assert torch.equal(ball, dense(skeleton, k, "power"))
    assert torch.equal(skeleton.hop_edge_index(k, "ball"), skeleton.hop_edge_index(k, "power"))


@given(skeletons(), st.integers(0, 6), st.sampled_from(["ring", "ball", "power"]))
def test_edges_are_sorted_and_weights_sum_to_one(skeleton: Skeleton, k: int, mode: str) -> None:
    edge_index = skeleton.hop_edge_index(k, mode)  # type: ignore[arg-type]
    source, target = edge_index
    key = target * skeleton.num_joints + source
    assert bool((key.diff() > 0).all())
    weight = skeleton.hop_weight(k, mode)  # type: ignore[arg-type]
    total = torch.zeros(skeleton.num_joints).index_add(0, target, weight)
    torch.testing.assert_close(total[target.unique()], torch.ones(len(target.unique())))


@given(skeletons(), st.randoms(use_true_random=False))
def test_hops_survive_relabeling(skeleton: Skeleton, rng: random.Random) -> None:
    order = list(range(skeleton.num_joints))
    rng.shuffle(order)
    new = {joint: pos for pos, joint in enumerate(order)}
    other = Skeleton(
        skeleton.name,
        [skeleton.joints[joint] for joint in order],
        [(new[child], new[parent]) for child, parent in skeleton.bones],
        new[skeleton.root],
        links=[(new[i], new[j]) for i, j in skeleton.links],
    )
    perm = torch.tensor(order)
    assert torch.equal(other.distances, skeleton.distances[perm][:, perm])
    for mode in ("ring", "ball", "power"):
        for k in range(4):
            assert torch.equal(dense(other, k, mode), dense(skeleton, k, mode)[perm][:, perm])


@given(skeletons())
def test_parents_and_dual_of_any_tree(skeleton: Skeleton) -> None:
    parents = skeleton.parents
    assert parents.count(-1) == 1
    assert parents[skeleton.root] == -1
    dual = skeleton.dual()
    assert dual.num_joints == skeleton.num_joints - 1
    joined = {frozenset(edge) for edge in dual.edges}
    for i, one in enumerate(skeleton.bones):
        for j, two in enumerate(skeleton.bones[:i]):
            assert (frozenset((i, j)) in joined) == bool(set(one) & set(two))
    if skeleton.parts and dual.parts:
        names = list(dual.parts)
        for bone, (child, _) in enumerate(skeleton.bones):
            own = list(skeleton.parts)[skeleton.part_index[child]]
            assert names[dual.part_index[bone]] == own
    if not skeleton.links and skeleton.num_joints > 1:
        # The distance of two bones is that of their nearer ends plus one.
        far = skeleton.distances
        for i, one in enumerate(skeleton.bones):
            for j, two in enumerate(skeleton.bones[:i]):
                near = min(int(far[a, b]) for a in one for b in two)
                assert int(dual.distances[i, j]) == near + 1


@given(skeletons())
def test_part_graph_of_any_tree(skeleton: Skeleton) -> None:
    if skeleton.parts:
        index = skeleton.part_index
        crossing = {
            frozenset((int(index[i]), int(index[j])))
            for i, j in skeleton.edges
            if index[i] != index[j]
        }
        assert {frozenset(edge) for edge in skeleton.part_graph().edges} == crossing
        assert skeleton.part_graph().diameter <= skeleton.diameter


@given(skeletons())
def test_mirror_is_an_involution(skeleton: Skeleton) -> None:
    mirror = skeleton.mirror_index
    assert torch.equal(mirror[mirror], torch.arange(skeleton.num_joints))
    assert int((mirror != torch.arange(skeleton.num_joints)).sum()) == 2 * len(skeleton.mirror)


@given(skeletons())
def test_dictionary_and_yaml_round_trip(skeleton: Skeleton) -> None:
    assert Skeleton.from_dict(skeleton.to_dict()) == skeleton
    again = Skeleton.from_yaml(skeleton.to_yaml())
    assert again == skeleton
    assert again.fingerprint == skeleton.fingerprint
    assert again.describe_difference(skeleton) == ""


@given(skeletons(), skeletons())
def test_a_difference_is_described(one: Skeleton, two: Skeleton) -> None:
    assert (one.describe_difference(two) == "") == (one.fingerprint == two.fingerprint)


@pytest.mark.parametrize(
    ("change", "start"),
    [
        (
            {"root": "head", "bones": [(0, 3), (2, 3), (1, 3)]},
            "root: hip here, head there; bones: ",
        ),
        ({"mirror": ()}, "mirror: only here [left_hand-right_hand]"),
        ({"links": ()}, "edges: only here [left_hand-right_hand]"),
        ({"bones": [(2, 3), (0, 3), (3, 1)]}, "bones: same but in another order, from left_hand"),
        ({"parts": {}}, "parts: only here [trunk (hip), top (head, left_hand, right_hand)]"),
    ],
)
def test_what_is_described(change: dict[str, object], start: str) -> None:
    other = dataclasses.replace(STICK, **change)  # type: ignore[arg-type]
    assert STICK.describe_difference(other).startswith(start)
    assert other.fingerprint != STICK.fingerprint
