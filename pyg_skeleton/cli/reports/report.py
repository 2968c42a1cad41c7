"""The measurements of a network: numbers first, then their text, pictures last."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyg_skeleton.cli.reports.pictures import Pictures, draw
from pyg_skeleton.training import write_json


@dataclass
class Report:
    """The measurements of one network.

    Args:
        results (dict): By the name of a method, plain numbers.
        text (str): The same as text.
        files (list of str, optional): The names of tables that are written. (default: :obj:`[]`)
        pictures (dict, optional): What draws the pictures. (default: :obj:`{}`)
        output (Any, optional): The output of the network, for a comparison with other networks.
            (default: :obj:`None`)
        test (Any, optional): The samples of the test, likewise. (default: :obj:`None`)
    """

    results: dict[str, Any]
    text: str
    files: list[str] = field(default_factory=list)
    pictures: Pictures = field(default_factory=dict)
    output: Any = None
    test: Any = None


def finish(report: Report, out: Path, file: str, quiet: bool) -> None:
    """Writes and prints the results; then draws the pictures, which may fail."""
    if report.results:
        write_json(report.results, out / file)
        report.files.append(file)
    if not quiet and report.text:
        print(report.text)
    pictures = draw(report.pictures, out)
    if not quiet:
        print(f"wrote {', '.join([*report.files, *pictures])} to {out}")
