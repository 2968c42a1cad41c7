"""Skeletons as dictionaries and as YAML."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml

from pyg_skeleton.skeleton.checks import LayoutError, check_names, show, suggest

T = TypeVar("T")

KEYS = ("name", "joints", "root", "bones", "parts", "mirror", "links", "part_edges")


def read_dict(description: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a skeleton from its description.

    Only the form is checked here; whether it describes a body is up to the skeleton.
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
    return [pair for pair in pairs if pair[1] in joints]


def _root(joints: Sequence[str], bones: Sequence[Sequence[str]]) -> str:
    # Without any joint that lacks a parent there is a cycle, which the skeleton reports.
    children = {pair[0] for pair in bones if pair}
    touched = {name for pair in bones for name in pair}
    free = [name for name in joints if name not in children]
    return next((name for name in free if name in touched), (free or [*joints, ""])[0])


def read_yaml(path_or_text: str | os.PathLike[str], build: Callable[[Mapping[str, Any]], T]) -> T:
    """What `build` makes of a YAML text or file; errors get the file and line at fault."""
    where, text = "line ", ""
    if isinstance(path_or_text, str) and ("\n" in path_or_text or path_or_text[:1] in ("{", "")):
        text = path_or_text
    else:
        path = Path(path_or_text)
        if not path.is_file():
            raise FileNotFoundError(f"there is no skeleton file {str(path)!r}")
        where = f"{path}:"
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise LayoutError(f"{path}: not a UTF-8 text ({error.reason})") from None
    line, root = 1, None
    try:
        _check_depth(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        _check_keys(root)
        return build(yaml.safe_load(text))
    except LayoutError as error:
        line = 1 if root is None else _line(root, error)
        raise LayoutError(f"{where}{line}: {error}", error.section, error.item) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or "cannot be read"
        raise LayoutError(f"{where}{line}: no valid YAML: {problem}") from None


def _check_depth(text: str, limit: int = 20) -> None:
    # Composing recurses, and how deep that may go depends on the process: events do not.
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > limit:
            raise LayoutError(f"nested too deeply, expected at most {limit} levels")


def _nodes(root: yaml.Node | None) -> Iterator[yaml.Node]:
    """All nodes below a node, each once: aliases may repeat them or even form a cycle."""
    todo, seen = [root], set()
    while todo:
        node = todo.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node, yaml.MappingNode):
            todo.extend(child for pair in reversed(node.value) for child in reversed(pair))
        elif isinstance(node, yaml.SequenceNode):
            todo.extend(reversed(node.value))


def _check_keys(root: yaml.Node | None) -> None:
    """YAML readers keep the last of several equal keys without a word, which loses a joint."""
    for node in _nodes(root):
        if isinstance(node, yaml.MappingNode):
            seen = set()
            for key, _ in node.value:
                if isinstance(key, yaml.ScalarNode):
                    if key.value in seen:
                        line = key.start_mark.line + 1
                        raise LayoutError(f"duplicate key {key.value!r}", line=line)
                    seen.add(key.value)


def _line(root: yaml.Node | None, error: LayoutError) -> int:
    """The line of the last mention of what is at fault, in the section at fault."""
    if error.line is not None or root is None:
        return error.line or 1
    start, line = root, root.start_mark.line
    if isinstance(root, yaml.MappingNode):
        sections = {key.value: (key.start_mark.line, value) for key, value in root.value}
        # Joints with their parents stand for bones.
        section = error.section if error.section in sections else "joints"
        if error.section and section in sections:
            line, start = sections[section]
    mentions = [node for node in _nodes(start) if node.value == error.item]
    if isinstance(start, yaml.MappingNode):
        keys = [key for key, _ in start.value if key.value == error.item]
        mentions = keys or mentions
    return 1 + (mentions[-1].start_mark.line if mentions else line)


def write_yaml(description: Mapping[str, Any], path: str | os.PathLike[str] | None) -> str:
    """The description as YAML, one line a joint list, and into a file if there is a path."""
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
        Path(path).write_text(text, encoding="utf-8")
    return text
