"""Every way in which a description can make no sense, with the name at fault in the message."""

from typing import Any

import pytest

from pyg_skeleton.skeleton import BodyGraph, LayoutError, Skeleton
from pyg_skeleton.skeleton.checks import suggest

BODY: dict[str, Any] = {
    "name": "stick",
    "joints": ["hip", "knee", "foot", "left_hand", "right_hand"],
    "bones": [("knee", "hip"), ("foot", "knee"), ("left_hand", "hip"), ("right_hand", "hip")],
    "root": "hip",
    "parts": {"leg": ["hip", "knee", "foot"], "arms": ["left_hand", "right_hand"]},
    "mirror": [("left_hand", "right_hand")],
    "links": [("left_hand", "right_hand")],
    "part_edges": [("leg", "arms")],
}
ROPE = [("knee", "hip"), ("foot", "knee"), ("left_hand", "foot"), ("right_hand", "left_hand")]


def test_the_body_is_sound() -> None:
    Skeleton(**BODY)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"name": ""}, "name: expected a name, got ''"),
        ({"joints": []}, "joints: a skeleton has at least one joint"),
        ({"joints": ["hip", "", "foot"]}, r"joints: entry 1 must be a name, got '' \(str\)"),
        ({"joints": ["hip", 5]}, r"joints: entry 1 must be a name, got 5 \(int\)"),
        ({"joints": [*BODY["joints"], "knee"]}, "joints: 'knee' occurs 2 times"),
        (
            {"bones": [*BODY["bones"], ("foots", "hip")]},
            "unknown joint 'foots'; did you mean 'foot'",
        ),
        ({"bones": [*BODY["bones"], ("foot", "knee")]}, "bones: duplicate bone 'foot', 'knee'"),
        ({"bones": [*BODY["bones"], ("knee", "foot")]}, "bones: duplicate bone 'knee', 'foot'"),
        ({"bones": [*BODY["bones"], ("foot", "foot")]}, "bones: 'foot' is paired with itself"),
        ({"bones": [*BODY["bones"], ("foot", "hip")]}, "'foot' has two parents, 'knee' and 'hip'"),
        ({"bones": [*BODY["bones"], ("foot",)]}, r"bones: expected a pair, got \('foot',\)"),
        ({"bones": [*BODY["bones"], "ab"]}, "bones: expected a pair, got 'ab'"),
        ({"bones": [*BODY["bones"], ("foot", None)]}, "bones: expected a joint, got None"),
        ({"bones": [*BODY["bones"], (2, 9)]}, "bones: joint 9 is out of range, there are 5"),
        ({"bones": [(1, 0), (2, -1)]}, "bones: joint -1 is out of range"),
        ({"bones": BODY["bones"][1:]}, "bones: two roots, neither 'hip' nor 'knee' has a parent"),
        ({"bones": BODY["bones"][:-1]}, "bones: no bone touches joint 'right_hand'"),
        (
            {"bones": [*BODY["bones"][2:], ("knee", "foot"), ("foot", "hip"), ("hip", "knee")]},
            "bones: cycle hip -> knee -> foot -> hip",
        ),
        (
            {"bones": [*ROPE[:1], *ROPE[2:], ("foot", "right_hand")]},
            "bones: cycle foot -> right_hand -> left_hand -> foot",
        ),
        ({"root": "knee"}, "root: 'knee' is not a root, its parent is 'hip'"),
        ({"root": "head"}, "root: unknown joint 'head'; expected one of"),
        ({"root": 7}, "root: joint 7 is out of range"),
        ({"root": True}, "root: expected a joint, got True"),
        (
            {"parts": {"leg": ["hip"], "arms": ["hip"]}},
            "overlap: joint 'hip' occurs twice, in 'leg'",
        ),
        ({"parts": {"leg": ["hip", "hip"]}}, "parts: joint 'hip' occurs twice, in 'leg'"),
        ({"parts": {"leg": ["hip"]}}, "in no part: 'knee', 'foot', 'left_hand', 'right_hand'"),
        ({"parts": {**BODY["parts"], "head": []}}, "parts: 'head' has no joint"),
        ({"parts": {"leg": "hip"}}, "parts: 'leg' must be a list of joints, got 'hip'"),
        ({"parts": {"leg": ["hipp"]}}, "parts: unknown joint 'hipp'; did you mean 'hip'"),
        ({"parts": {1: ["hip"]}}, r"parts: entry 0 must be a name, got 1 \(int\)"),
        ({"mirror": [("left_hand", "hand")]}, "mirror: unknown joint 'hand'; did you mean"),
        ({"mirror": [("left_hand", "knee"), ("knee", "foot")]}, "joint 'knee' is in 2 pairs"),
        ({"mirror": [("knee", "knee")]}, "mirror: 'knee' is paired with itself"),
        ({"links": [("hip", "knee")]}, "links: duplicate link 'hip', 'knee'"),
        ({"links": [("foot", "nose")]}, "links: unknown joint 'nose'"),
        ({"part_edges": [("leg", "arm")]}, "part_edges: unknown part 'arm'; did you mean 'arms'"),
        ({"part_edges": [("leg", "leg")]}, "part_edges: 'leg' is paired with itself"),
        ({"part_edges": [("leg", "arms")] * 2}, "part_edges: duplicate link 'leg', 'arms'"),
    ],
)
def test_layout_errors(change: dict[str, Any], match: str) -> None:
    with pytest.raises(LayoutError, match=match) as info:
        Skeleton(**(BODY | change))
    assert "\n" not in str(info.value)
    assert isinstance(info.value, ValueError)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"joints": "hip"}, "joints: expected a sequence of names, got 'hip'"),
        ({"joints": 3}, "joints: expected a sequence of names, got 3"),
        ({"parts": [("leg", ["hip"])]}, "parts: expected a mapping from names to joints"),
    ],
)
def test_type_errors(change: dict[str, Any], match: str) -> None:
    with pytest.raises(TypeError, match=match):
        Skeleton(**(BODY | change))


def test_graphs_that_are_no_trees() -> None:
    BodyGraph("ring", ["a", "b", "c"], [("a", "b"), ("b", "c"), ("c", "a")])
    BodyGraph("empty", [], [])
    with pytest.raises(LayoutError, match="edges: duplicate edge 'b', 'a'"):
        BodyGraph("twice", ["a", "b"], [("a", "b"), ("b", "a")])


def test_what_is_shown_of_a_huge_value() -> None:
    with pytest.raises(LayoutError) as info:
        Skeleton(**(BODY | {"bones": [list(range(10**5))]}))
    assert len(str(info.value)) < 100


def test_suggest() -> None:
    assert suggest("left_elbo", ["left_elbow", "right_elbow", "hip"]).startswith(
        "did you mean 'left"
    )
    assert suggest("x", ["hip"]) == "expected one of ['hip']"
