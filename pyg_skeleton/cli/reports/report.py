"""The measurements of a network: numbers first, then their text, pictures last."""

import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyg_skeleton.cli.reports.page import PAGE, Players, write_page
from pyg_skeleton.cli.reports.pictures import Pictures, curves, draw
from pyg_skeleton.training import Run, write_json


@dataclass
class Report:
    """The measurements of one network.

    Args:
        results (dict): By the name of a method, plain numbers.
        text (str): The same as text.
        files (list of str, optional): The names of tables that are written. (default: :obj:`[]`)
        pictures (dict, optional): What draws the pictures. (default: :obj:`{}`)
        players (dict, optional): What makes the players of the page, by their titles.
            (default: :obj:`{}`)
        output (Any, optional): The output of the network, for a comparison with other networks.
            (default: :obj:`None`)
        test (Any, optional): The samples of the test, likewise. (default: :obj:`None`)
        training (dict, optional): The hours and the memory of the training, and the machine.
            (default: :obj:`{}`)
    """

    results: dict[str, Any]
    text: str
    files: list[str] = field(default_factory=list)
    pictures: Pictures = field(default_factory=dict)
    players: Players = field(default_factory=dict)
    output: Any = None
    test: Any = None
    training: dict[str, Any] = field(default_factory=dict)


def finish(report: Report, out: Path, file: str, quiet: bool, run: Run | None = None) -> None:
    """Writes and prints the results; then draws the pictures and, of a run, writes its page, which
    may fail.
    """
    if report.results:
        training = {"training": report.training} if report.training else {}
        write_json({**report.results, **training}, out / file)
        report.files.append(file)
    if not quiet and report.text:
        print(report.text)
    written = show(report, out, run)
    if not quiet:
        print(f"wrote {', '.join([*report.files, *written])} to {out}")
        if PAGE in written:
            print(f"open {out / PAGE} in a browser")


def show(
    report: Report, out: Path, run: Run | None = None, folder: Path | None = None
) -> list[str]:
    """Draws the pictures and, of a run, writes its page; returns the names of the files.

    Args:
        report (Report): The measurements.
        out (Path): The folder for the files.
        run (Run, optional): The run. (default: :obj:`None`)
        folder (Path, optional): The folder of the run. (default: :obj:`out`)
    """
    pictures = draw({**curves(folder or out), **report.pictures}, out)
    if run is None:
        return list(pictures)
    try:
        write_page(report.text, report.players, pictures, run, out)
    except Exception as error:  # as for pictures: the results are worth more
        warnings.warn(f"{PAGE} is not written: {error}", stacklevel=2)
        return list(pictures)
    return [*pictures, PAGE]
