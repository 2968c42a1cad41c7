"""Scores of clips on the disk."""

import os
from pathlib import Path

import pandas as pd


def write_scores(scores: pd.DataFrame, path: str | os.PathLike[str]) -> None:
    """Writes what :func:`recognize` returned to a CSV file, or to a Parquet file if the name ends
    so; the file appears whole or not at all.

    Args:
        scores (pandas.DataFrame): The scores.
        path (str): The file.

    Raises:
        ImportError: If a Parquet file is wanted and nothing is installed that writes one.
    """
    path = Path(path)
    partial = path.with_name(f"{path.name}.partial")
    if path.suffix == ".parquet":
        scores.reset_index().to_parquet(partial)
    else:
        scores.to_csv(partial, float_format="%.7g")
    os.replace(partial, path)


def read_scores(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Reads what :func:`write_scores` wrote.

    Args:
        path (str): The file, or the folder of a run, in which it is :obj:`scores.csv` or
            :obj:`scores.parquet`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it holds something else; the message names it.
    """
    path = Path(path)
    if path.is_dir():
        kinds = (path / "scores.csv", path / "scores.parquet")
        path = next((file for file in kinds if file.is_file()), kinds[0])
    if not path.is_file():
        raise FileNotFoundError(f"no scores at {path}")
    try:
        if path.suffix == ".parquet":
            scores = pd.read_parquet(path).set_index("clip")
        else:
            scores = pd.read_csv(path, index_col="clip", dtype={"clip": str})
    except ImportError:
        raise
    except Exception as error:
        reason = str(error).split("\n")[0]
        raise ValueError(f"{path} holds no scores: {reason}") from error
    return check_scores(scores, str(path))


def check_scores(scores: pd.DataFrame, where: str) -> pd.DataFrame:
    """Returns a table of scores if it is one.

    Raises:
        ValueError: If it is not; the message begins with :obj:`where`.
    """
    if list(scores.columns[:1]) != ["label"] or len(scores.columns) < 2 or scores.empty:
        raise ValueError(
            f"{where}: expected clips with the columns label and one or more classes, got "
            f"{list(scores.columns)[:4]} and {len(scores)} clips"
        )
    for axis, what in ((scores.columns, "column"), (scores.index, "clip")):
        if axis.has_duplicates:
            twice = axis[axis.duplicated()][0]
            raise ValueError(f"{where}: the {what} {twice!r} is there twice")
    numbers = scores.apply(pd.to_numeric, errors="coerce")
    if bool(numbers.isna().any(axis=None)):
        row, column = numbers.isna().stack().idxmax()
        raise ValueError(
            f"{where}: {scores.loc[row, column]!r} is no score, clip {row!r}, column {column!r}"
        )
    label = numbers["label"]
    if not bool(((label % 1 == 0) & label.between(-1, len(scores.columns) - 2)).all()):
        raise ValueError(f"{where}: a label is no class")
    return numbers.astype({"label": int})
