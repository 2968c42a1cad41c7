"""A logger that writes a CSV file."""

import csv
import io
from argparse import Namespace
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers import Logger
from lightning.pytorch.utilities import rank_zero_only

from pyg_skeleton.whole_file import write_text


class MetricsTable(Logger):
    """Logs to a CSV file, which a resumed run continues as if it had never stopped.

    Rows that a killed run wrote after its last checkpoint are replaced; Lightning's own
    :class:`CSVLogger` loses the rows before it.

    Args:
        path (Path): The file.
        resume (bool, optional): Whether to keep what is there. (default: :obj:`False`)
    """

    def __init__(self, path: Path, resume: bool = False) -> None:
        super().__init__()
        self.path, self.resume = Path(path), resume
        self._columns: list[str] = ["step"]
        self._rows: list[dict[str, Any]] | None = None

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.path.name

    @property
    def version(self) -> str:
        """Nothing: the file has one version."""
        return ""

    def log_hyperparams(self, params: dict[str, Any] | Namespace, *args: Any, **kw: Any) -> None:
        """Does nothing: hyper-parameters are not written to the CSV file."""

    @rank_zero_only
    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        """Adds a row to the file."""
        step = 0 if step is None else step
        row = {"step": step, **metrics}
        first = self._rows is None
        if self._rows is None:
            self._rows = self._read(before=step)
        new = [name for name in row if name not in self._columns]
        self._columns += new
        self._rows.append(row)
        if first or new:
            self._write()
        else:
            with open(self.path, "a", newline="") as file:
                file.write(self._text([row]))

    def _read(self, before: int) -> list[dict[str, Any]]:
        if not self.resume or not self.path.exists():
            return []
        # A row without its end was being written when the process was killed.
        lines = [line for line in self.path.read_text().splitlines(True) if line.endswith("\n")]
        reader = csv.DictReader(lines)
        self._columns = list(reader.fieldnames or ["step"])
        return [row for row in reader if int(row["step"]) < before]

    def _write(self) -> None:
        header = dict(zip(self._columns, self._columns, strict=True))
        write_text(self._text([header, *(self._rows or [])]), self.path)

    def _text(self, rows: list[dict[str, Any]]) -> str:
        text = io.StringIO()
        csv.DictWriter(text, self._columns, lineterminator="\n").writerows(rows)
        return text.getvalue()
