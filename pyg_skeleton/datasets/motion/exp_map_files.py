"""The files of an exp-map data set: present and missing ones, duplicates, statistics."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class ExpMapFile(NamedTuple):
    """One recording: its action and its place below the root."""

    action: str
    name: str


class ExpMapFolder:
    """The files of an exp-map data set that are there, and the names of those that are not.

    Args:
        root (str or PathLike): The folder.
        splits (dict): The files that each split should have.
        inside (str, optional): A folder below the root in which they may lie instead.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        splits: Mapping[str, Sequence[ExpMapFile]],
        inside: str = "",
    ) -> None:
        given = Path(root)
        for self.path in (given, given / inside):
            self.present = {
                split: [file for file in files if (self.path / file.name).is_file()]
                for split, files in splits.items()
            }
            if any(self.present.values()):
                break
        else:
            wanted = [file.name for files in splits.values() for file in files]
            what = (
                "has none of the files" if given.is_dir() else "is not a directory with the files"
            )
            raise FileNotFoundError(f"{given}: {what} {enumerate_names(wanted, most=2)}")
        self.missing = {
            split: [file.name for file in files if file not in self.present[split]]
            for split, files in splits.items()
        }

    def hold_out(self) -> None:
        """Makes the last training recording of each action the split :obj:`"val"`."""
        last = {file.action: file for file in self.present["train"]}
        self.present["val"] = list(last.values())
        self.present["train"] = [f for f in self.present["train"] if f != last[f.action]]

    def find_twins(self, first: str, second: str) -> list[str]:
        """The pairs of files of two splits that are the same byte for byte, as ``"a = b"``.

        Files of different size are different; only the others are hashed.
        """
        sizes: dict[int, list[str]] = {}
        for name in self._names(first):
            sizes.setdefault((self.path / name).stat().st_size, []).append(name)
        hashes: dict[str, str] = {}
        pairs = []
        for name in self._names(second):
            for other in sizes.get((self.path / name).stat().st_size, []):
                for new in {name, other} - hashes.keys():
                    hashes[new] = _hash(self.path / new)
                if hashes[name] == hashes[other]:
                    pairs.append(f"{other} = {name}")
        return pairs

    def _names(self, split: str) -> Iterable[str]:
        return (file.name for file in self.present[split])


class Moments:
    """Mean and standard deviation of the columns of many tables, seen one after the other."""

    def __init__(self) -> None:
        self.count = 0
        self.mean: NDArray[np.float64] = np.zeros(())
        self._square: NDArray[np.float64] = np.zeros(())

    def update(self, table: NDArray[np.float64]) -> None:
        """Adds the rows of a table ``[T, D]``."""
        count, mean = len(table), table.mean(0)
        total, shift = self.count + count, mean - self.mean
        square = np.square(table - mean).sum(0)
        self._square = self._square + square + shift**2 * (self.count * count / total)
        self.mean = self.mean + shift * (count / total)
        self.count = total

    @property
    def std(self) -> NDArray[np.float64]:
        """The standard deviation of the population."""
        return np.sqrt(self._square / self.count)


def enumerate_names(names: Sequence[str], most: int = 12) -> str:
    """A list for a message that stays one line."""
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
