"""A readable description of the difference between two body graphs."""

from __future__ import annotations

from typing import Any


def describe(here: dict[str, Any], there: dict[str, Any]) -> str:
    """Returns one line on all sections in which two descriptions differ, empty if none does."""
    lines = []
    for section in dict.fromkeys([*here, *there]):
        one, two = here.get(section), there.get(section)
        if isinstance(one, list) or isinstance(two, list):
            one, two = one or [], two or []
        if one != two:
            lines.append(f"{section}: {_section(one, two)}")
    return "; ".join(lines)


def _section(one: Any, two: Any) -> str:
    if not isinstance(one, list):
        return f"{_word(one)} here, {_word(two)} there"
    ours, theirs = [_word(item) for item in one], [_word(item) for item in two]
    out = []
    for where, only in (("here", _without(ours, theirs)), ("there", _without(theirs, ours))):
        if only:
            out.append(f"only {where} [{', '.join(only)}]")
    if not out:
        pos = next(i for i, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b)
        out.append(f"same but in another order, from {ours[pos]} here and {theirs[pos]} there")
    return ", ".join(out)


def _without(items: list[str], others: list[str]) -> list[str]:
    return [item for item in items if item not in others]


def _word(item: Any) -> str:
    if item is None:
        return "none"
    if isinstance(item, list) and len(item) == 2 and isinstance(item[1], list):
        return f"{item[0]} ({', '.join(item[1])})"
    if isinstance(item, list):
        return "-".join(item)
    return str(item)
