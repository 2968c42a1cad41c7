"""Skeletons as dictionaries and as YAML."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml

from pyg_skeleton.skeleton.checks import LayoutError, check_names, show, suggest
from pyg_skeleton.whole_file import write_text

T = TypeVar("T")

KEYS = ("name", "joints", "root", "bones", "parts", "mirror", "links", "part_edges")
#: The largest text that is read; a layout of a thousand joints takes a fifth of it.
MAX_BYTES = 1 << 18


def read_dict(description: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a skeleton from its description.

    Only the form is checked here; the skeleton checks whether it describes a body. Joints whose
    names are all numbers are named so wherever they are mentioned: 5 is the joint "5".
    """
    if not isinstance(description, Mapping):
        raise LayoutError(f"expected a mapping with the keys {list(KEYS)}, got {show(description)}")
    for key in description:
        if key not in KEYS:
            raise LayoutError(f"unknown key {key!r}; {suggest(str(key), KEYS)}", str(key))
    needed = ("name", "joints")
    for key in needed:
        if key not in description:
            raise LayoutError(f"missing key {key!r}")

    out = {k: value for k, value in description.items() if value is not None or k in needed}
    if isinstance(out.get("joints"), Mapping):
        if "bones" in out:
            raise LayoutError("bones: not needed beside a mapping from joints to parents", "bones")
        parents = out["joints"]
        out["joints"] = list(parents)
        out["bones"] = [[child, parent] for child, parent in parents.items() if parent is not None]
    joints = out.get("joints")
    if isinstance(joints, Sequence) and joints and all(type(joint) is int for joint in joints):
        out = {key: value if key == "name" else _as_text(value) for key, value in out.items()}
    out["joints"] = check_names(_list(out.get("joints"), "joints"), "joints")
    for key in ("bones", "mirror", "links", "part_edges"):
        if key in out:
            out[key] = [_names(pair, key) for pair in _list(out[key], key)]
    if "parts" in out:
        if not isinstance(out["parts"], Mapping):
            message = f"parts: expected a mapping from names to joints, got {show(out['parts'])}"
            raise LayoutError(message, "parts")
        out["parts"] = {part: _names(v, "parts", str(part)) for part, v in out["parts"].items()}
    out.setdefault("bones", [])
    if "mirror" not in out:
        out["mirror"] = _sides(out["joints"])
    if "root" not in out:
        out["root"] = _root(out["joints"], out["bones"])
    if not isinstance(out["root"], str):
        raise LayoutError(f"root: expected the name of a joint, got {show(out['root'])}", "root")
    return out


def _as_text(value: Any) -> Any:
    """Numbers that are names of joints, wherever they are mentioned."""
    if type(value) is int:
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _as_text(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_text(item) for item in value]
    return value


def _list(value: object, section: str, item: str = "") -> Sequence[Any]:
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        raise LayoutError(f"{section}: expected a list, got {show(value)}", section, item)
    return value


def _names(value: object, section: str, item: str = "") -> Sequence[str]:
    names = _list(value, section, item)
    for name in names:
        if not isinstance(name, str):
            message = f"{section}: expected a name, got {show(name)} in {show(value)}"
            beside = next((other for other in names if isinstance(other, str)), "")
            raise LayoutError(message, section, item or beside)
    return names


def _sides(joints: Sequence[str]) -> list[tuple[str, str]]:
    pairs = [(name, f"right_{name[5:]}") for name in joints if name.startswith("left_")]
    known = set(joints)
    return [pair for pair in pairs if pair[1] in known]


def _root(joints: Sequence[str], bones: Sequence[Sequence[str]]) -> str:
    # Without any joint that lacks a parent there is a cycle, which the skeleton reports.
    children = {pair[0] for pair in bones if pair}
    touched = {name for pair in bones for name in pair}
    free = [name for name in joints if name not in children]
    return next((name for name in free if name in touched), (free or [*joints, ""])[0])


def read_yaml(path_or_text: str | os.PathLike[str], build: Callable[[Mapping[str, Any]], T]) -> T:
    """The result of `build` for a YAML text or file; errors get the file and line at fault."""
    where, text = "line ", ""
    if isinstance(path_or_text, str) and ("\n" in path_or_text or path_or_text[:1] in ("{", "")):
        text = path_or_text
    else:
        where = f"{path_or_text}:"
        text = _read_text(Path(path_or_text))
    if len(text) > MAX_BYTES:
        raise LayoutError(
            f"{where}1: has more than {MAX_BYTES:,} characters, which no layout needs"
        )
    places = _Places()
    try:
        return build(places.read(yaml.compose(text, Loader=yaml.SafeLoader)))
    except LayoutError as error:
        message = f"{where}{places.line(error)}: {error}"
        raise LayoutError(message, error.section, error.item) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "cannot be read"
        line = mark.line + 1 if mark else 1
        raise LayoutError(f"{where}{line}: no valid YAML: {problem}") from None
    except RecursionError:
        raise LayoutError(f"{where}1: nested too deeply") from None


def _read_text(path: Path) -> str:
    if not path.is_file():
        raise FileNotFoundError(f"there is no skeleton file {str(path)!r}")
    with open(path, "rb") as file:
        data = file.read(4 * MAX_BYTES + 4)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise LayoutError(f"{path}: not a UTF-8 text ({error.reason})") from None


class _Places:
    """Plain values of the nodes of a YAML text, and the lines that mention them.

    PyYAML's own constructor fails in many ways on malformed dates and numbers, copies merged keys
    without bound, and keeps the last of several equal keys silently, which loses a joint.
    """

    def __init__(self) -> None:
        #: Lines by section and name: of keys, and of all names.
        self._keys: dict[tuple[str, str], int] = {}
        self._names: dict[tuple[str, str], int] = {}
        self._seen: set[int] = set()
        self._constructor = yaml.SafeLoader("")

    def read(self, node: yaml.Node | None, section: str = "") -> Any:
        """The value of a node in a section, which is a key of the description."""
        if node is None or isinstance(node, yaml.ScalarNode):
            return node and self._read_scalar(node, section)
        if id(node) in self._seen:
            raise _error(node, "an alias repeats a list or mapping; write it out")
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode) and node.tag == _TAG + "map":
            return self._read_mapping(node, section)
        if isinstance(node, yaml.SequenceNode) and node.tag == _TAG + "seq":
            return [self.read(child, section) for child in node.value]
        raise _unknown(node)

    def _read_mapping(self, node: yaml.MappingNode, section: str) -> dict[Any, Any]:
        value: dict[Any, Any] = {}
        for key, child in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag == _TAG + "merge":
                raise _error(key, "expected a name as key, got a list, a mapping or '<<'")
            name = self._read_scalar(key, section)
            if name in value:
                raise _error(key, f"duplicate key {key.value!r}")
            self._keys[section, key.value] = key.start_mark.line + 1
            value[name] = self.read(child, section or key.value)
        return value

    def _read_scalar(self, node: yaml.ScalarNode, section: str) -> Any:
        self._names[section, node.value] = node.start_mark.line + 1
        kind = node.tag.removeprefix(_TAG)
        if kind == "str":
            return node.value
        if kind not in ("null", "bool", "int", "float"):
            raise _unknown(node)
        try:
            return self._constructor.construct_object(node)
        except (ValueError, LookupError, ArithmeticError):
            raise _error(node, f"no valid YAML: {show(node.value)} is no {kind}") from None

    def line(self, error: LayoutError) -> int:
        """The line of the last mention of what is at fault, in the section at fault."""
        if error.line is not None:
            return error.line
        # Joints with their parents stand for bones.
        section = error.section if ("", error.section) in self._keys else "joints"
        place = section, error.item
        start = self._keys.get(("", section), 1) if error.section else 1
        return self._keys.get(place) or self._names.get(place) or start


_TAG = "tag:yaml.org,2002:"


def _error(node: yaml.Node, message: str) -> LayoutError:
    return LayoutError(message, line=node.start_mark.line + 1)


def _unknown(node: yaml.Node) -> LayoutError:
    kind = str(node.tag).removeprefix(_TAG)[:40]
    hint = "; put it into quotes if it is a name" if kind == "timestamp" else ""
    return _error(node, f"no valid YAML: could not determine a name or number from {kind!a}{hint}")


def write_yaml(description: Mapping[str, Any], path: str | os.PathLike[str] | None) -> str:
    """The description as YAML, a line for each list of joints, also written to a path if given."""
    # PyYAML leaves some characters bare that it cannot read back.
    printable = json.dumps(description, ensure_ascii=False).isprintable()
    text = yaml.safe_dump(
        dict(description),
        sort_keys=False,
        default_flow_style=None,
        allow_unicode=printable,
        width=100,
    )
    if path is not None:
        write_text(text, path)
    return text
