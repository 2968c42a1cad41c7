"""A table of a paper: its rows as runs, with the numbers that the paper reports."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

#: Where a number stands in the results of a network: keys, and positions among the values.
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Row:
    """A row of a table.

    Args:
        options (dict, optional): The options of :obj:`pyg-skeleton train` that the row sets;
            :obj:`network` and :obj:`contrast` hold those behind these names. (default: :obj:`{}`)
        reported (tuple, optional): What the paper reports, one number for each column;
            :obj:`None` where it has none. (default: :obj:`()`)
        missing (str, optional): Why the row cannot be run. (default: :obj:`""`)
        by_stream (dict, optional): By stream, the options that its run has instead.
            (default: :obj:`{}`)
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    reported: tuple[float | None, ...] = ()
    missing: str = ""
    by_stream: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def row(*reported: float | None, **options: Any) -> Row:
    """A row with what the paper reports of it, and its options."""
    return Row(options, reported)


def absent(why: str, *reported: float | None) -> Row:
    """A row of the paper that cannot be run."""
    return Row({}, reported, why)


@dataclass(frozen=True)
class Table:
    """A table or figure of a paper: several runs that differ in some options.

    Args:
        task (str): The task, as in :obj:`pyg-skeleton train TASK`.
        title (str): What the table shows, and its number in the paper.
        rows (dict): The rows by name.
        base (dict, optional): Options of all rows. (default: :obj:`{}`)
        columns (tuple of str, optional): The columns of the paper. (default: :obj:`()`)
        measures (dict, optional): By name, the numbers that are measured, with their place in
            the results. A measure with the name of a column stands beside it.
            (default: :obj:`{}`)
        scale (float, optional): The factor from a measured number to a printed one.
            (default: :obj:`1.0`)
        streams (bool, optional): Whether each row is a run for each of the four streams, whose
            scores are added up. (default: :obj:`False`)

    Raises:
        ValueError: If a row reports more or fewer numbers than there are columns.
    """

    task: str
    title: str
    rows: Mapping[str, Row]
    base: Mapping[str, Any] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    measures: Mapping[str, Path] = field(default_factory=dict)
    scale: float = 1.0
    streams: bool = False

    def __post_init__(self) -> None:
        for name, one in self.rows.items():
            if one.reported and len(one.reported) != len(self.columns):
                raise ValueError(
                    f"{self.title}: expected {len(self.columns)} numbers in the row {name!r}, got "
                    f"{len(one.reported)}"
                )

    @property
    def runs(self) -> dict[str, Row]:
        """The rows that can be run."""
        return {name: one for name, one in self.rows.items() if not one.missing}

    def measure(self, results: Mapping[str, Any], training: Mapping[str, Any]) -> dict[str, float]:
        """Finds the measured numbers in the results of a network.

        Args:
            results (dict): The results of a report; the last method is the network's.
            training (dict): The time and the memory of its training.
        """
        found = {}
        for name, path in self.measures.items():
            value: Any = {"training": training}
            if path[0] != "training":
                value = list(results.values())[-1]
            for key in path:
                value = _at(value, key)
            if value is not None:
                found[name] = self.scale * float(value)
        return found

    def text(self, measured: Mapping[str, Mapping[str, float]]) -> str:
        """The rows with what the paper reports and what was measured, side by side.

        Args:
            measured (dict): By the name of a row, its numbers as :meth:`measure` returns them.
        """
        further = {name for one in measured.values() for name in one} - {*self.columns}
        names = [*self.columns, *(name for name in self.measures if name in further)]
        width = max([len(label) for label in self.rows] + [8])
        lines: list[str] = []
        for first in range(0, len(names), 6):
            shown = names[first : first + 6]
            sizes = [max(len(name), 15) for name in shown]
            cells = [f"{name:>{size}}" for name, size in zip(shown, sizes, strict=True)]
            lines += [*([""] if lines else []), f"{'':<{width}}  {'  '.join(cells)}"]
            for label, one in self.rows.items():
                reported = dict(zip(self.columns, one.reported, strict=False))
                own = measured.get(label, {})
                pairs = [f"{_number(reported.get(n))} | {_number(own.get(n))}" for n in shown]
                cells = [f"{pair:>{size}}" for pair, size in zip(pairs, sizes, strict=True)]
                lines.append(f"{label:<{width}}  {'  '.join(cells)}".rstrip())
        lines += [f"{name}: {one.missing}" for name, one in self.rows.items() if one.missing]
        return "\n".join([f"{self.title}: reported | measured", *lines])


def sweep(
    option: str,
    values: Iterable[Any],
    within: str | None = None,
    reported: Iterable[tuple[float | None, ...]] = (),
) -> dict[str, Row]:
    """A row for each value of one option, which may stand :obj:`within` a group."""
    numbers = list(reported)
    rows: dict[str, Row] = {}
    for i, value in enumerate(values):
        change = {option: value}
        options = change if within is None else {within: change}
        rows[f"{option}={value}"] = Row(options, numbers[i] if numbers else ())
    return rows


def _at(value: Any, key: str | int) -> Any:
    if isinstance(value, Mapping):
        return list(value.values())[key] if isinstance(key, int) else value.get(key)
    if isinstance(value, list) and isinstance(key, int):
        return value[key] if key < len(value) else None
    return None


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"
