"""``pyg-skeleton table``: the experiments of the papers."""

import re
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pyg_skeleton.cli.errors import UsageError, check_name
from pyg_skeleton.cli.evaluate import compare
from pyg_skeleton.cli.options import Settings, read_settings
from pyg_skeleton.cli.parser import Option
from pyg_skeleton.cli.reports.report import Report
from pyg_skeleton.cli.tables import TABLES, Row, Table
from pyg_skeleton.cli.tasks import TASKS
from pyg_skeleton.cli.train import train

_PROG = "pyg-skeleton table"
_EXTRA = (
    Option("rows", tuple[str, ...], (), "Only these rows of the table."),
    Option("seeds", tuple[int, ...], (), "A run with each of these seeds in every row."),
)


def read(argv: Sequence[str]) -> Callable[[], Any]:
    """Reads a command line; returns what to call."""
    if not argv or argv[0] in ("-h", "--help"):
        if not argv:
            raise UsageError(f"expected the name of a table; see {_PROG} --help")
        print(f"usage: {_PROG} NAME [OPTIONS]\n\nOptions are those of pyg-skeleton train, --rows")
        print("and --seeds. The tables:\n")
        print("\n".join(f"  {name:<30} {table.title}" for name, table in TABLES.items()))
        sys.exit()
    name, words = argv[0], list(argv[1:])
    check_name("table", name, TABLES)
    table = TABLES[name]
    task = TASKS[table.task]
    prog = f"{_PROG} {name}"
    settings = read_settings(task, words, prog, table.base, _EXTRA)
    if settings.print_config:
        return partial(print, settings.config())
    for row in settings.rows:
        check_name("row", row, table.rows)
    out = settings.out
    if "out" not in settings.given("output"):
        out = Path("runs") / name
    runs = {}
    for row in settings.rows or table.rows:
        for seed in settings.seeds or (None,):
            label = row if seed is None else f"{row}, seed={seed}"
            config = row_config(settings, table, table.rows[row], seed)
            runs[label] = read_settings(task, [], prog, config)
            task.create_run(runs[label])  # refuses wrong values before anything is trained
    again = [word for word in words if word not in ("--resume", "--overwrite")]
    line = shlex.join([*prog.split(), *again, "--resume"])
    return partial(run_table, table, runs, out, line, settings.quiet)


def row_config(
    settings: Settings, table: Table, row: Row, seed: int | None = None
) -> dict[str, Any]:
    """The options of a row: those of the command line, and on top those of the row.

    A row with another network keeps of the network's options those that both have.
    """
    given = settings.changes()
    for name in ("rows", "seeds", "out"):
        given.pop(name, None)
    network = {**table.base.get("network", {}), **given.get("network", {})}
    if row.get("model", settings.model) != settings.model:
        given.pop("preset", None)
        kind = settings.task.training_task(settings.data).models[row["model"]]
        from inspect import signature

        network = {k: v for k, v in network.items() if k in signature(kind).parameters}
    config = {**table.base, **given, **row}
    inner: dict[str, Mapping[str, Any]] = {"network": network, "contrast": {}}
    inner["contrast"] = given.get("contrast", {})
    for name, values in inner.items():
        merged = {**values, **row.get(name, {})}
        config.pop(name, None)
        if merged:
            config[name] = {
                key: list(v) if isinstance(v, tuple) else v for key, v in merged.items()
            }
    if seed is not None:
        config["seed"] = seed
    return {key: list(v) if isinstance(v, tuple) else v for key, v in config.items()}


def run_table(
    table: Table, runs: Mapping[str, Settings], out: Path, resume_line: str, quiet: bool = False
) -> dict[str, Report]:
    """Trains the network of every row, and puts the results side by side.

    Args:
        table (Table): The table.
        runs (dict): By the name of a row, its options.
        out (Path): The folder of the table; each row has a folder there.
        resume_line (str): The command line that continues the table.
        quiet (bool, optional): Print nothing. (default: :obj:`False`)
    """
    if not quiet:
        print(f"{table.title}: {len(runs)} runs into {out}")
    task, reports = TASKS[table.task], {}
    for label, settings in runs.items():
        folder = out / re.sub(r"[^\w.=-]+", "_", label)
        stage1 = out / f"stage1-{settings.seed}"
        run = task.create_run(settings)
        report = train(settings, run, folder, resume_line, stage1, label)
        if report is not None:
            reports[label] = report
    if reports:
        compare(task, reports, out, quiet)
    return reports
