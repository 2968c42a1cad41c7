"""``pyg-skeleton evaluate``: measures trained networks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from pyg_skeleton.cli.errors import UsageError, check_name
from pyg_skeleton.cli.options import Settings, read_settings
from pyg_skeleton.cli.parser import Option, create_options, options_of, parse
from pyg_skeleton.cli.reports.report import Report, finish
from pyg_skeleton.cli.saved_run import SavedRun
from pyg_skeleton.cli.tasks import TASKS, TaskCommand
from pyg_skeleton.training import Run

_PROG = "pyg-skeleton evaluate"
#: In place of a run: the baseline that predicts the last observed pose.
BASELINE = "zero-velocity"


@dataclass(frozen=True)
class Measurement:
    """The data, results folder and device of the evaluation.

    Args:
        data (str, optional): Another data set, by default that of the run.
        out (Path, optional): The folder for the results, by default that of the run; of several
            runs, each has a folder there.
        accelerator (str, optional): The device: auto, cpu, gpu or mps.
        quiet (bool, optional): Print nothing but warnings and errors.
    """

    data: str | None = None
    out: Path | None = None
    accelerator: str = "auto"
    quiet: bool = False


@dataclass(frozen=True)
class _Runs:
    """Only the runs, and what the other options depend on.

    Args:
        data (str, optional): Another data set, by default that of the run.
    """

    data: str | None = None


def read(argv: Sequence[str]) -> Callable[[], Any]:
    """Reads a command line; returns what to call."""
    first = Option("runs", tuple[Path, ...], None, "Folders of runs, or zero-velocity.")
    first = replace(first, positional=True)
    names = [word for word in argv if not word.startswith("-")]
    if not names:
        if "--help" in argv or "-h" in argv:
            target = create_options("evaluate", [first], options_of(Measurement))
            parse(target, argv, _PROG, "Measures trained networks. With a RUN, --help lists more.")
        raise UsageError(f"expected RUN, the folder of a run; see {_PROG} --help")
    if names[0] == BASELINE:
        settings = read_settings(TASKS["motion"], [w for w in argv if w != BASELINE], _PROG)
        return partial(evaluate_baseline, settings, TASKS["motion"].create_run(settings))

    saved = SavedRun.find(Path(names[0]))
    task, run = saved.task, saved.run
    known = create_options("evaluate", [first], options_of(_Runs))
    data = parse(known, argv, _PROG, partial=True).data or run.data["name"]
    check_name("data set", data, task.corpora)
    own = dict(run.data) if data == run.data["name"] else {"layout": run.data.get("layout")}
    groups = {
        "roots": task.root_options(data),
        "data": [replace(o, default=own.get(o.name, o.default)) for o in task.data_options(data)],
        "evaluation": options_of(task.evaluation),
    }
    target = create_options("evaluate", [first], options_of(Measurement), *groups.values())
    values = parse(target, argv, _PROG, f"Measures {task.name} on the test data of {data}.")
    options = {
        name: {o.name: getattr(values, o.name) for o in group} for name, group in groups.items()
    }
    given = {name: value for name, value in options["data"].items() if value is not None}
    return partial(
        evaluate,
        values.runs,
        task,
        {"name": data, **given},
        options["roots"],
        options["evaluation"],
        values.out,
        values.accelerator,
        values.quiet,
    )


def evaluate(
    paths: Sequence[Path],
    task: TaskCommand,
    data: Mapping[str, Any],
    roots: Mapping[str, Any],
    options: Mapping[str, Any],
    out: Path | None = None,
    accelerator: str = "auto",
    quiet: bool = False,
) -> dict[str, Report]:
    """Measures runs again, or on other data.

    Args:
        paths (sequence of Path): The runs.
        task (TaskCommand): Their task.
        data (dict): The name of the data set, and its options.
        roots (dict): The places of its files.
        options (dict): The options of the measurement.
        out (Path, optional): The folder for the results. (default: that of the run)
        accelerator (str, optional): The device. (default: :obj:`"auto"`)
        quiet (bool, optional): Print nothing. (default: :obj:`False`)
    """
    reports = {}
    for number, path in enumerate(paths, start=1):
        saved = SavedRun.find(path)
        if saved.task is not task:
            raise UsageError(f"expected runs of one task, got {task.name} and {saved.task.name}")
        run = replace(saved.run, data=dict(data))
        test = task.open_test(run, roots)
        folder = saved.path if out is None else out / str(number) if len(paths) > 1 else out
        folder.mkdir(parents=True, exist_ok=True)
        report = task.measure(run, saved.load(accelerator), test, folder, options)
        finish(report, folder, "evaluation.json", quiet)
        reports[str(path)] = report
    if len(reports) > 1:
        compare(task, reports, out or Path("runs/evaluation"), quiet)
    return reports


def compare(
    task: TaskCommand, reports: Mapping[str, Report], out: Path, quiet: bool = False
) -> None:
    """Writes the results of several networks together, and compares them where the task does.

    Args:
        task (TaskCommand): The task.
        reports (dict): The measurements by the name of the network.
        out (Path): The folder for the results.
        quiet (bool, optional): Print nothing. (default: :obj:`False`)
    """
    results = {
        name if len(one.results) == 1 else f"{name}: {key}": value
        for name, one in reports.items()
        for key, value in one.results.items()
    }
    out.mkdir(parents=True, exist_ok=True)
    comparison = task.compare(reports, out) or Report({}, "")
    if not quiet and comparison.text:
        print()
    comparison.results = {**results, **comparison.results}
    finish(comparison, out, "results.json", quiet)


def evaluate_baseline(settings: Settings, run: Run) -> Report:
    """Measures the zero-velocity baseline."""
    task = settings.task
    test = task.open_test(run, settings.group("roots"))
    report = task.measure(run, None, test, settings.out, settings.group("evaluation"))
    finish(report, settings.out, "evaluation.json", settings.quiet)
    return report
