"""``pyg-skeleton table``: the experiments of the papers."""

import re
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from inspect import signature
from pathlib import Path
from typing import Any, NamedTuple

from pyg_skeleton.cli.errors import UsageError, check_name
from pyg_skeleton.cli.evaluate import compare
from pyg_skeleton.cli.options import Settings, read_settings
from pyg_skeleton.cli.parser import Option
from pyg_skeleton.cli.reports.report import Report
from pyg_skeleton.cli.tables import TABLES, Row, Table
from pyg_skeleton.cli.tasks import TASKS, TaskCommand
from pyg_skeleton.cli.train import train
from pyg_skeleton.whole_file import write_text

_PROG = "pyg-skeleton table"
#: The four streams in the order of the papers, and the fused ones by their column.
_STREAMS = ("joint", "bone", "joint-motion", "bone-motion")
_FUSED = {"J": 1, "J+B": 2, "4S": 4}
_EXTRA = (
    Option("rows", tuple[str, ...], (), "Only these rows of the table."),
    Option("seeds", tuple[int, ...], (), "A run with each of these seeds in every row."),
    Option("reported", bool, False, "Print the numbers of the paper, and train nothing."),
)


class Cell(NamedTuple):
    """A run of a table."""

    row: str
    seed: int | None
    stream: str | None
    settings: Settings

    @property
    def label(self) -> str:
        """The name of the run."""
        seed = None if self.seed is None else f"seed={self.seed}"
        return ", ".join(part for part in (self.row, self.stream, seed) if part is not None)


def read(argv: Sequence[str]) -> Callable[[], Any]:
    """Reads a command line; returns what to call."""
    if not argv or argv[0] in ("-h", "--help"):
        if not argv:
            raise UsageError(f"expected the name of a table; see {_PROG} --help")
        print(f"usage: {_PROG} NAME [OPTIONS]\n\nOptions are those of pyg-skeleton train, --rows,")
        print("--seeds and --reported. The tables:\n")
        print("\n".join(f"  {name:<30} {table.title}" for name, table in TABLES.items()))
        sys.exit()
    name, words = argv[0], list(argv[1:])
    check_name("table", name, TABLES)
    table = TABLES[name]
    prog = f"{_PROG} {name}"
    settings = read_settings(TASKS[table.task], words, prog, table.base, _EXTRA)
    if settings.print_config:
        return partial(print, settings.config())
    if settings.reported:
        return partial(print, table.text({}))
    for row in settings.rows:
        check_name("row", row, table.rows)
        if table.rows[row].missing:
            raise UsageError(f"the row {row!r} cannot be run: {table.rows[row].missing}")
    out = settings.out
    if "out" not in settings.given("output"):
        out = Path("runs") / name
    cells = read_cells(table, settings, prog)
    again = [word for word in words if word not in ("--resume", "--overwrite")]
    line = shlex.join([*prog.split(), *again, "--resume"])
    return partial(run_table, table, cells, out, line, settings.quiet)


def read_cells(table: Table, settings: Settings, prog: str) -> list[Cell]:
    """The runs of a table, with options that are checked before anything is trained.

    Args:
        table (Table): The table.
        settings (Settings): The options of the command line.
        prog (str): The command, for messages.
    """
    cells = []
    for row in settings.rows or table.runs:
        for seed in settings.seeds or (None,):
            for stream in _STREAMS if table.streams else (None,):
                one = table.rows[row]
                if stream is not None:
                    options = one.by_stream.get(stream, {"stream": stream})
                    one = replace(one, options={**one.options, **options})
                config = row_config(settings, table, one, seed)
                cell = Cell(row, seed, stream, read_settings(settings.task, [], prog, config))
                settings.task.create_run(cell.settings)
                cells.append(cell)
    return cells


def row_config(
    settings: Settings, table: Table, row: Row, seed: int | None = None
) -> dict[str, Any]:
    """The options of a row: those of the command line, and on top those of the row.

    A row with another network keeps of the network's options those that both have.
    """
    given, options = settings.changes(), row.options
    for name in ("rows", "seeds", "out", "reported"):
        given.pop(name, None)
    network = {**table.base.get("network", {}), **given.get("network", {})}
    if options.get("model", settings.model) != settings.model:
        given.pop("preset", None)
        given.pop("recipe", None)
        kind = settings.task.training_task(settings.data).models[options["model"]]
        network = {k: v for k, v in network.items() if k in signature(kind).parameters}
    config = {**table.base, **given, **options}
    inner: dict[str, Mapping[str, Any]] = {"network": network, "contrast": {}}
    inner["contrast"] = given.get("contrast", {})
    for name, values in inner.items():
        merged = {**values, **options.get(name, {})}
        config.pop(name, None)
        if merged:
            config[name] = {
                key: list(v) if isinstance(v, tuple) else v for key, v in merged.items()
            }
    if seed is not None:
        config["seed"] = seed
    return {key: list(v) if isinstance(v, tuple) else v for key, v in config.items()}


def run_table(
    table: Table, cells: Sequence[Cell], out: Path, resume_line: str, quiet: bool = False
) -> dict[str, Report]:
    """Trains the network of every row, and puts the results side by side with those of the paper.

    Args:
        table (Table): The table.
        cells (list of Cell): Its runs.
        out (Path): The folder of the table; each run has a folder there.
        resume_line (str): The command line that continues the table.
        quiet (bool, optional): Print nothing. (default: :obj:`False`)
    """
    if not quiet:
        print(f"{table.title}: {len(cells)} runs into {out}")
    task, reports = TASKS[table.task], {}
    check_data(task, cells)
    for cell in cells:
        stage1 = out / f"stage1-{cell.settings.seed}"
        run = task.create_run(cell.settings)
        report = train(cell.settings, run, _folder(out, cell), resume_line, stage1, cell.label)
        if report is not None:
            reports[cell.label] = report
    if reports:
        compare(task, reports, out, quiet)
        text = table.text(_measured(table, cells, reports, out))
        write_text(f"{text}\n", out / "table.txt")
        if not quiet:
            print(f"\n{text}\nwrote table.txt to {out}")
    return reports


def check_data(task: TaskCommand, cells: Sequence[Cell]) -> None:
    """Opens the data of all runs that differ in them, so that a row whose data cannot be read ends
    the table before the first training, and not after it.
    """
    seen: list[dict[str, Any]] = []
    for cell in cells:
        run = task.create_run(cell.settings)
        if (reading := task.reading(run)) not in seen:
            seen.append(reading)
            if len(seen) > 1:  # the first ones are opened by their training
                roots = cell.settings.group("roots")
                try:
                    task.open_test(run, roots, task.open_training(run, roots)[0])
                except (ValueError, OSError) as error:
                    raise ValueError(f"the row {cell.row!r}: {error}") from error


def _folder(out: Path, cell: Cell) -> Path:
    return out / re.sub(r"[^\w.=-]+", "_", cell.label)


def _measured(
    table: Table, cells: Sequence[Cell], reports: Mapping[str, Report], out: Path
) -> dict[str, dict[str, float]]:
    """The numbers of each row, the mean over seeds."""
    found: dict[str, list[dict[str, float]]] = {}
    if table.streams:
        for row, seed in dict.fromkeys((cell.row, cell.seed) for cell in cells):
            found.setdefault(row, []).append(_fused(table, row, seed, cells, out))
    else:
        for cell in cells:
            report = reports[cell.label]
            numbers = table.measure(report.results, report.training)
            found.setdefault(cell.row, []).append(numbers)
    return {
        row: {
            name: sum(one[name] for one in runs) / len(runs)
            for name in runs[0]
            if all(name in one for one in runs)
        }
        for row, runs in found.items()
    }


def _fused(
    table: Table, row: str, seed: int | None, cells: Sequence[Cell], out: Path
) -> dict[str, float]:
    """The accuracies of the streams of a row, and of sums of their scores."""
    from pyg_skeleton.training import evaluate_recognition, fuse_scores, read_scores

    scores = {
        cell.stream: read_scores(_folder(out, cell) / "scores.csv")
        for cell in cells
        if (cell.row, cell.seed) == (row, seed)
    }
    chosen = {name: list(_STREAMS[:count]) for name, count in _FUSED.items()} | {"B": ["bone"]}
    accuracy = {}
    for name in table.measures:
        tables = {str(stream): scores[stream] for stream in chosen[name]}
        accuracy[name] = table.scale * float(evaluate_recognition(fuse_scores(tables))["top1"])
    return accuracy
