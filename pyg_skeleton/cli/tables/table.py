"""A table of a paper."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

#: The options of :obj:`pyg-skeleton train` that a row sets; :obj:`network` and :obj:`contrast`
#: hold those behind these names.
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """An experiment of a paper: several runs that differ in some options.

    Args:
        task (str): The task, as in :obj:`pyg-skeleton train TASK`.
        title (str): What the table shows, and its number in the paper.
        rows (dict): By name, what each run changes.
        base (dict, optional): Options of all rows. (default: :obj:`{}`)
    """

    task: str
    title: str
    rows: Mapping[str, Row]
    base: Row = field(default_factory=dict)


def sweep(option: str, values: Iterable[Any], within: str | None = None) -> dict[str, Row]:
    """A row for each value of one option, which may stand :obj:`within` a group."""
    rows: dict[str, Row] = {}
    for value in values:
        change = {option: value}
        rows[f"{option}={value}"] = change if within is None else {within: change}
    return rows
