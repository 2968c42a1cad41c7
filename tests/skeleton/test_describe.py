from pyg_skeleton.skeleton import BodyGraph, Skeleton
from pyg_skeleton.skeleton.describe import describe


def test_describe() -> None:
    assert describe({"a": [1]}, {"a": [1]}) == ""
    assert describe({"root": "hip"}, {"root": "neck"}) == "root: hip here, neck there"
    assert describe({"root": "hip"}, {}) == "root: hip here, none there"
    assert describe({"joints": ["a", "b", "c"]}, {"joints": ["a", "c", "b"]}) == (
        "joints: same but in another order, from b here and c there"
    )
    assert describe(
        {"joints": ["a", "b"], "bones": [["b", "a"]]}, {"joints": ["a"], "bones": []}
    ) == ("joints: only here [b]; bones: only here [b-a]")
    assert describe({"parts": [["arm", ["a", "b"]]]}, {"parts": [["arm", ["a"]]]}) == (
        "parts: only here [arm (a, b)], only there [arm (a)]"
    )


def test_difference_between_layouts() -> None:
    tree, lcn = Skeleton.get("h36m17"), Skeleton.get("h36m17-lcn")
    assert tree.describe_difference(lcn) == (
        "edges: only there [left_hip-spine, left_shoulder-spine, right_hip-spine, "
        "right_shoulder-spine]"
    )
    assert lcn.describe_difference(lcn) == ""
    text = Skeleton.get("ntu25").describe_difference(Skeleton.get("kinect20"))
    assert "joints: only here [neck, left_hand_tip, left_thumb, right_hand_tip" in text
    assert "\n" not in text


def test_difference_between_a_body_and_a_bare_graph() -> None:
    body = Skeleton("s", ["a", "b"], [("b", "a")], "a")
    bare = BodyGraph("s", ["a", "b"], [("b", "a")])
    assert body.describe_difference(bare) == "root: a here, none there; bones: only here [b-a]"
    assert bare.describe_difference(body) == "root: none here, a there; bones: only there [b-a]"
