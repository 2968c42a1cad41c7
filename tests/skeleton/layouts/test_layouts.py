"""Properties of all named layouts."""

import re

import pytest
import torch

from pyg_skeleton.skeleton import Skeleton, list_skeletons

NAMES = list_skeletons()
BODIES = [name for name in NAMES if Skeleton.get(name).mirror]
# fmt: off
PARTS = (
    "head", "torso", "left_upper_arm", "left_forearm", "right_upper_arm", "right_forearm",
    "left_thigh", "left_crus", "right_thigh", "right_crus",
)
# The nine links of DMGNN, by its own numbers and the order in which it lists the parts.
DMGNN = (
    "left_thigh", "left_crus", "right_thigh", "right_crus", "torso", "head", "left_upper_arm",
    "left_forearm", "right_upper_arm", "right_forearm",
)
LINKS = [(0, 1), (2, 3), (0, 4), (2, 4), (4, 5), (4, 6), (6, 7), (4, 8), (8, 9)]
# fmt: on


def test_all_but_a_hand_are_bodies() -> None:
    assert set(NAMES).difference(BODIES) == {"hand21"}


@pytest.mark.parametrize("name", BODIES)
def test_ten_parts_and_their_nine_links(name: str) -> None:
    skeleton = Skeleton.get(name)
    assert tuple(skeleton.parts) == PARTS
    graph = skeleton.part_graph()
    got = {frozenset((graph.joints[i], graph.joints[j])) for i, j in graph.edges}
    assert got == {frozenset((DMGNN[i], DMGNN[j])) for i, j in LINKS}
    assert skeleton.part_index.bincount().min() >= 1


@pytest.mark.parametrize("name", NAMES)
def test_sides(name: str) -> None:
    """Mirroring keeps bones and links, and turns the left parts into the right ones."""
    skeleton = Skeleton.get(name)
    mirror = skeleton.mirror_index.tolist()
    for joint, other in enumerate(mirror):
        swapped = skeleton.joints[joint].replace("left_", "<").replace("right_", "left_")
        assert skeleton.joints[other] == swapped.replace("<", "right_")
    for pairs in (skeleton.bones, skeleton.edges):
        sets = {frozenset(pair) for pair in pairs}
        assert {frozenset((mirror[i], mirror[j])) for i, j in pairs} == sets
    for part, members in skeleton.parts.items():
        twin = part.replace("left_", "<").replace("right_", "left_").replace("<", "right_")
        assert {mirror[joint] for joint in members} == set(skeleton.parts[twin])


@pytest.mark.parametrize("name", NAMES)
def test_names(name: str) -> None:
    skeleton = Skeleton.get(name)
    assert skeleton.name == name
    for joint in skeleton.joints:
        assert joint == joint.lower()
        assert joint.replace("_", "").isalnum()
    assert len(skeleton.bones) == skeleton.num_joints - 1
    assert bool((skeleton.distances >= 0).all())


def test_number_of_joints() -> None:
    for name in NAMES:
        digits = re.search(r"\d+$", name.removesuffix("-lcn"))
        assert Skeleton.get(name).num_joints == int(digits[0])


def test_fingerprints_differ() -> None:
    assert len({Skeleton.get(name).fingerprint for name in NAMES}) == len(NAMES)


RINGS = [
    ("h36m16", [16, 30, 36, 38, 44, 36, 32, 16, 8]),
    ("h36m17", [17, 32, 38, 44, 50, 44, 36, 20, 8]),
    ("h36m17-lcn", [17, 40, 54, 64, 62, 36, 16]),
    ("ntu25", [25, 48, 54, 60, 66, 72, 72, 72, 56, 40, 30, 20, 10]),
]


@pytest.mark.parametrize(("name", "rings"), RINGS)
def test_pairs_at_each_distance(name: str, rings: list[int]) -> None:
    skeleton = Skeleton.get(name)
    assert skeleton.diameter == len(rings) - 1
    assert skeleton.distances.flatten().bincount().tolist() == rings
    for k, number in enumerate(rings):
        assert skeleton.edge_index(k).size(1) == number
        assert skeleton.hop_edge_index(k, "ball").size(1) == sum(rings[: k + 1])


@pytest.mark.parametrize(
    ("name", "numbers"),
    [("ntu25", [73, 127, 187, 253]), ("openpose18", [52, 92, 144, 206])],
)
def test_non_zeros_of_the_powers(name: str, numbers: list[int]) -> None:
    skeleton = Skeleton.get(name)
    adj = torch.eye(skeleton.num_joints, dtype=torch.double)
    for i, j in skeleton.bones:
        adj[i, j] = adj[j, i] = 1
    walk = adj / adj.sum(1, keepdim=True)
    for k, number in enumerate(numbers, start=1):
        source, target = skeleton.hop_edge_index(k, "power")
        assert source.numel() == number
        power = torch.matrix_power(walk, k)
        torch.testing.assert_close(skeleton.hop_weight(k), power[target, source].float())
        torch.testing.assert_close(power[target, source].sum(), power.sum())
