import pytest

from pyg_skeleton.datasets.options import check_options, choices, load_layout, parameters
from pyg_skeleton.skeleton import Skeleton


def test_layouts_by_name_and_by_file(tmp_path):
    coco = Skeleton.get("coco17")
    coco.to_yaml(tmp_path / "mine.yaml")
    coco.to_yaml(tmp_path / "layout")
    assert load_layout(coco) is coco
    assert load_layout("coco17") == coco
    assert load_layout(str(tmp_path / "mine.yaml")) == coco
    assert load_layout(str(tmp_path / "layout")) == coco
    with pytest.raises(ValueError, match="coco18"):
        load_layout("coco18")


def test_check_options():
    def function(root, split, *, size, color="red"):
        return root, split, size, color

    known = parameters(function, "root", "split")
    assert list(known) == ["size", "color"]
    check_options("it", known, {"size": 3})
    with pytest.raises(ValueError, match=r"^it has no option 'colour', expected one of size, col"):
        check_options("it", known, ["size", "colour"])
    with pytest.raises(ValueError, match=r"^it needs the option size$"):
        check_options("it", known, [])


def test_choices():
    assert choices("ntu6", ["ntu60", "cmu"]) == "one of ntu60, cmu (did you mean 'ntu60'?)"
    assert choices("xyz", ["ntu60", "cmu"]) == "one of ntu60, cmu"
    assert choices("xyz", []) == "none"
