from pathlib import Path
from typing import Any

import pytest
import yaml

from pyg_skeleton.skeleton import LayoutError, Skeleton, list_skeletons

TEXT = """\
name: stick  # a comment
joints:
  hip: null
  left_knee: hip
  right_knee: hip
parts:
  trunk: [hip]
  legs: [left_knee, right_knee]
"""
BODY: dict[str, Any] = yaml.safe_load(TEXT)


def test_a_body_from_parents() -> None:
    skeleton = Skeleton.from_dict(BODY)
    assert skeleton.joints == ("hip", "left_knee", "right_knee")
    assert skeleton.bones == ((1, 0), (2, 0))
    assert skeleton.root == 0
    assert skeleton.mirror == ((1, 2),)
    assert skeleton.parts == {"trunk": (0,), "legs": (1, 2)}
    assert Skeleton.from_yaml(TEXT) == skeleton
    assert yaml.safe_load(TEXT) == BODY


def test_a_body_from_bones() -> None:
    body = {
        "name": "stick",
        "joints": ["left_knee", "hip", "right_knee"],
        "bones": [("right_knee", "hip"), ("left_knee", "hip")],
        "mirror": [],
        "links": [["left_knee", "right_knee"]],
    }
    skeleton = Skeleton.from_dict(body)
    assert skeleton.bones == ((2, 1), (0, 1))
    assert skeleton.root == 1
    assert skeleton.mirror == ()
    assert skeleton.links == ((0, 2),)
    assert Skeleton.from_dict(body | {"root": "hip", "mirror": None}).mirror == ((0, 2),)


def test_one_joint() -> None:
    assert Skeleton.from_yaml("{name: dot, joints: [here]}").joints == ("here",)
    assert Skeleton.from_dict({"name": "dot", "joints": {"here": None}}).root == 0


@pytest.mark.parametrize("name", list_skeletons())
def test_named_layouts_survive_a_file(name: str, tmp_path: Path) -> None:
    skeleton = Skeleton.get(name)
    path = tmp_path / f"{name}.yaml"
    text = skeleton.to_yaml(path)
    assert path.read_text(encoding="utf-8") == text
    assert Skeleton.from_yaml(path) == Skeleton.from_yaml(str(path)) == skeleton
    assert Skeleton.from_dict(skeleton.to_dict()) == skeleton


def test_unusual_names_survive() -> None:
    names = [
        "yes",
        "null",
        "1",
        "1e3",
        "左膝",
        "a: b",
        "#",
        " ",
        "line\nbreak",
        "'",
        "\x07",
        "left_",
    ]
    bones = [(child, 0) for child in range(1, len(names))]
    skeleton = Skeleton("~", names, bones, 0, {"true": range(len(names))})
    assert Skeleton.from_yaml(skeleton.to_yaml()) == skeleton
    readable = Skeleton("人", ["左膝"], [], 0)
    assert "左膝" in readable.to_yaml()
    for odd in ("\x85", "\ufeff", "\u2028", "\r", "\x00", "\U0006b6e1"):
        skeleton = Skeleton("odd", [f"a{odd}b", odd], [(1, 0)], 0)
        assert Skeleton.from_yaml(skeleton.to_yaml()) == skeleton


@pytest.mark.parametrize(
    ("body", "match"),
    [
        ([1, 2], r"expected a mapping with the keys \['name', 'joints', .*, got \[1, 2\] \(list\)"),
        ({"joints": {"hip": None}}, "missing key 'name'"),
        ({"name": "x"}, "missing key 'joints'"),
        (BODY | {"name": 3}, "name: expected a name, got 3"),
        (BODY | {"name": None}, "name: expected a name, got None"),
        (BODY | {"joint": []}, "unknown key 'joint'; did you mean 'joints'"),
        (BODY | {"joints": None}, "joints: expected a list, got None"),
        (BODY | {"joints": "hip"}, "joints: expected a list, got 'hip'"),
        (BODY | {"joints": [True]}, r"joints: entry 0 must be a name, got True \(bool\)"),
        (
            BODY | {"joints": {"hip": None, 7: "hip"}},
            r"joints: entry 1 must be a name, got 7 \(int\)",
        ),
        (
            BODY | {"joints": {"hip": None, "knee": ["hip"]}},
            r"bones: expected a name, got \['hip'\]",
        ),
        (BODY | {"joints": {"hip": None, "knee": "hips"}}, "bones: unknown joint 'hips'; did you"),
        (BODY | {"joints": {"hip": "knee", "knee": "hip"}}, "bones: duplicate bone 'knee', 'hip'"),
        (BODY | {"joints": {"a": "b", "b": "c", "c": "a"}}, "bones: cycle a -> b -> c -> a"),
        (BODY | {"joints": {"a": None, "b": None, "c": "a"}}, "no bone touches joint 'b'"),
        (
            BODY | {"joints": {"a": None, "b": None, "c": "a", "d": "b"}},
            "bones: two roots, neither 'a' nor 'b' has a parent",
        ),
        (BODY | {"bones": [["a", "b"]]}, "bones: not needed beside a mapping"),
        (BODY | {"joints": ["a", "b"], "bones": [["a", 0]]}, "bones: expected a name, got 0"),
        (BODY | {"joints": ["a", "b"], "bones": {"a": "b"}}, "bones: expected a list, got {'a'"),
        (BODY | {"joints": ["a", "b"], "bones": [["a"]]}, r"bones: expected a pair, got \['a'\]"),
        (BODY | {"joints": ["a", "b"], "bones": [[]]}, r"bones: expected a pair, got \[\]"),
        (BODY | {"joints": []}, "joints: a skeleton has at least one joint"),
        (BODY | {"root": 0}, "root: expected the name of a joint, got 0"),
        (BODY | {"root": "left_knee"}, "root: 'left_knee' is not a root, its parent is 'hip'"),
        (BODY | {"parts": ["hip"]}, "parts: expected a mapping from names to joints, got"),
        (BODY | {"parts": {"all": "hip"}}, "parts: expected a list, got 'hip'"),
        (BODY | {"parts": {"all": [0]}}, "parts: expected a name, got 0"),
        (BODY | {"parts": {True: ["hip"]}}, "parts: entry 0 must be a name, got True"),
        (
            BODY | {"mirror": ["left_knee", "right_knee"]},
            "mirror: expected a list, got 'left_knee'",
        ),
        (BODY | {"mirror": [["hip", "knee"]]}, "mirror: unknown joint 'knee'; did you mean"),
        (BODY | {"links": 3}, "links: expected a list, got 3"),
        (BODY | {"part_edges": [["legs", "arms"]]}, "part_edges: unknown part 'arms'"),
    ],
)
def test_errors_of_a_description(body: Any, match: str) -> None:
    with pytest.raises(LayoutError, match=match) as info:
        Skeleton.from_dict(body)
    assert "\n" not in str(info.value)


@pytest.mark.parametrize(
    ("old", "new", "line", "match"),
    [
        ("right_knee: hip", "right_knee: hipp", 5, "bones: unknown joint 'hipp'"),
        ("right_knee: hip", "left_knee: hip", 5, "duplicate key 'left_knee'"),
        ("right_knee: hip", "right_knee: null", 5, "no bone touches joint 'right_knee'"),
        ("hip: null", "hip: right_knee", 5, "bones: duplicate bone"),
        ("trunk: [hip]", "trunk: [hip, left_knee]", 8, "overlap: joint 'left_knee'"),
        ("trunk: [hip]", "legs: [hip]", 8, "duplicate key 'legs'"),
        ("trunk: [hip]", "trunk: [no]", 7, r"parts: expected a name, got False \(bool\)"),
        ("trunk: [hip]", "trunk: hip", 7, "parts: expected a list, got 'hip'"),
        ("trunk: [hip]", "trunk: [", 9, "no valid YAML"),
        ("trunk: [hip]", "trunk: {}{", 7, "no valid YAML"),
        ("name: stick", "title: stick", 1, "unknown key 'title'"),
        ("name: stick", "name: [stick]", 1, "name: expected a name"),
        ("parts:", "limbs:", 6, "unknown key 'limbs'"),
        (TEXT, "- 1\n- 2\n", 1, "expected a mapping with the keys"),
        (TEXT, "\n", 1, "expected a mapping with the keys"),
        (TEXT, "name: &a [*a]\njoints: *a\n", 1, "an alias repeats a list"),
        (TEXT, "joints: [" + "[" * 800 + "\n", 1, "nested too deeply"),
        (TEXT, "name: \x00\njoints: [a]\n", 1, "no valid YAML"),
        (TEXT, "name: !!python/object:os.system x\n", 1, "no valid YAML: could not determine"),
    ],
)
def test_errors_of_a_file_name_the_line(
    old: str, new: str, line: int, match: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(TEXT.replace(old, new), encoding="utf-8")
    with pytest.raises(LayoutError, match=match) as info:
        Skeleton.from_yaml(path)
    message = str(info.value)
    assert message.startswith(f"{path}:{line}: ")
    assert "\n" not in message
    with pytest.raises(LayoutError, match=match):
        Skeleton.from_yaml(TEXT.replace(old, new))


def test_aliases_may_repeat_without_end() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 60)]
    with pytest.raises(LayoutError, match="line 1: an alias repeats a list"):
        Skeleton.from_yaml("\n".join(lines))


def test_an_alias_of_a_name() -> None:
    skeleton = Skeleton.from_yaml("name: x\njoints: {&hip a: null, b: *hip}")
    assert skeleton.bones == ((1, 0),)


@pytest.mark.parametrize("width", [1, 12])
@pytest.mark.parametrize("levels", [1, 30])
def test_merged_keys_may_repeat_without_end(width: int, levels: int) -> None:
    lines = ["name: x", "joints: [a]", "q0: &q0 {a: 1, b: 2}"]
    for i in range(1, levels + 1):
        lines.append(f"q{i}: &q{i} {{<<: [{', '.join([f'*q{i - 1}'] * width)}]}}")
    with pytest.raises(LayoutError, match=r"line \d+: expected a name as key, got"):
        Skeleton.from_yaml("\n".join(lines))


KINDS = ["2020-13-45", "2020-01-01", "2020-01-01 10:00:00", "1:99", "0o9", "12", "1e3", "yes", "~"]
TAGS = ["bool", "int", "float", "null", "timestamp", "binary", "set", "omap", "pairs", "seq", "map"]
ODD = [*KINDS, *(f"!!{tag} x" for tag in TAGS), "=", "<<", "!x y", "! 1_", "!!int ''", "!!float ''"]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(
    "text",
    [
        "name: {}\njoints: [a]\n",
        "name: x\njoints: [a, {}]\n",
        "name: x\njoints: {{a: , ? {} : a}}\n",
        "name: x\njoints:\n  a:\n  b: {}\n",
        "name: x\njoints: {{a: }}\nparts: {{? {} : [a]}}\n",
        "name: x\njoints: [a]\nroot: {}\n",
        "{}: x\njoints: [a]\n",
        "? [{}]\n: x\n",
    ],
)
def test_names_that_are_no_text(text: str, odd: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(text.format(odd))
    try:
        message = str(Skeleton.from_yaml(path))
    except LayoutError as error:
        message = str(error)
        assert message.startswith(f"{path}:")
        assert message.removeprefix(f"{path}:")[0].isdigit()
    assert "\n" not in message


def test_a_long_chain_in_little_time() -> None:
    """Work is counted, as clocks differ: bones are compared a few times each."""
    count = 4000
    lines = [f"  j{i}: {f'j{i - 1}' if i else ''}" for i in range(count)]
    skeleton = Skeleton.from_yaml("name: chain\njoints:\n" + "\n".join(lines))
    assert skeleton.num_joints == count
    assert skeleton.parents[-1] == count - 2


def test_a_large_text(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_bytes(b"name: x\njoints: [" + b"[]," * 20_000_000)
    with pytest.raises(LayoutError, match=r"large.yaml:1: has more than 262,144 characters"):
        Skeleton.from_yaml(path)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no skeleton file 'stick\.yml'"):
        Skeleton.from_yaml("stick.yml")
    with pytest.raises(FileNotFoundError, match="there is no skeleton file"):
        Skeleton.from_yaml(tmp_path)
    path = tmp_path / "bytes.yaml"
    path.write_bytes(b"name: \xff\xfe\x00")
    with pytest.raises(LayoutError, match=r"bytes\.yaml: not a UTF-8 text"):
        Skeleton.from_yaml(path)


def test_joints_that_are_numbers():
    text = "name: n\njoints: [5, 3, 1]\nbones: [[3, 5], [1, 3]]\nroot: 5\n"
    skeleton = Skeleton.from_yaml(text + "parts: {a: [5, 3], 2: [1]}\n")
    assert skeleton.joints == ("5", "3", "1")
    assert skeleton.bones == ((1, 0), (2, 1))
    assert skeleton.root == 0
    assert skeleton.parts == {"a": (0, 1), "2": (2,)}
    assert Skeleton.from_yaml(skeleton.to_yaml()) == skeleton
    assert Skeleton.from_yaml("name: n\njoints: {5: null, 3: 5, 1: 3}\n").bones == skeleton.bones
    with pytest.raises(LayoutError, match="bones: unknown joint '4'"):
        Skeleton.from_yaml("name: n\njoints: [5, 3]\nbones: [[3, 4]]\n")
