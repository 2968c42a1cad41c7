import pytest

from pyg_skeleton.skeleton import LayoutError, Skeleton, registry
from pyg_skeleton.skeleton.layouts.build import layout

BODY = """
hip neck:hip head:neck
left_elbow:neck left_hand:left_elbow right_elbow:neck right_hand:right_elbow
left_knee:hip left_foot:left_knee right_knee:hip right_foot:right_knee
"""


def test_layout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_skeletons", {})
    rest = {"torso": "hip neck", "forearm": "hand", "thigh": "knee", "crus": "foot"}
    skeleton = layout(
        "doll", BODY, head="head", upper_arm="elbow", links="left_hand:right_hand", **rest
    )
    assert Skeleton.get("doll") is skeleton
    assert skeleton.joints[:4] == ("hip", "neck", "head", "left_elbow")
    assert skeleton.root == 0
    assert skeleton.links == ((4, 6),)
    assert skeleton.part_edges is None
    assert skeleton.parts["right_crus"] == (10,)
    assert len(skeleton.mirror) == 4
    stated = layout("puppet", BODY, head="head", upper_arm="elbow", part_edges="head:torso", **rest)
    assert stated.part_edges == (("head", "torso"),)
    with pytest.raises(LayoutError, match="parts: unknown joint 'left_arm'"):
        layout("broken", BODY, head="head", upper_arm="arm", **rest)
