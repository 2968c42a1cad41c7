"""Tables of scores: files, and the sum of several networks."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from pyg_skeleton.whole_file import whole_file


def write_scores(scores: pd.DataFrame, path: str | os.PathLike[str]) -> None:
    """Writes the table of :func:`recognize` to a CSV file, or to a Parquet file if the name ends in
    ``.parquet``; the file appears whole or not at all.

    Args:
        scores (pandas.DataFrame): The scores.
        path (str): The file.

    Raises:
        ImportError: If nothing is installed that writes Parquet files.
    """
    with whole_file(path) as partial:
        if partial.suffix == ".parquet":
            scores.reset_index().to_parquet(partial)
        else:
            scores.to_csv(partial, float_format="%.7g")


def read_scores(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Reads a table of :func:`write_scores`.

    Args:
        path (str): The file, or the folder of a run, in which it is :obj:`scores.csv` or
            :obj:`scores.parquet`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it holds something else, with the reason.
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
            # Text as it is: a clip without a class has none, and "None" may be one.
            text = {"clip": str, "label": str}
            scores = pd.read_csv(path, index_col="clip", dtype=text, keep_default_na=False)
    except ImportError:
        raise
    except Exception as error:
        reason = str(error).split("\n")[0]
        raise ValueError(f"{path} holds no scores: {reason}") from error
    return check_scores(scores, str(path))


def check_scores(scores: pd.DataFrame, where: str) -> pd.DataFrame:
    """Returns a table of scores if it is one.

    Raises:
        ValueError: If it is not one; the message begins with :obj:`where`.
    """
    if list(scores.columns[:1]) != ["label"] or len(scores.columns) < 2 or scores.empty:
        raise ValueError(
            f"{where}: expected clips with the columns label and one or more classes, got "
            f"{list(scores.columns)[:4]} and {len(scores)} clips"
        )
    for axis, what in ((scores.columns, "column"), (scores.index, "clip")):
        if axis.has_duplicates:
            double = axis[axis.duplicated()][0]
            raise ValueError(f"{where}: the {what} {double!r} is there twice")
    target, label = target_of(scores), scores["label"]
    labeled = target != "classes"
    numbers = (scores if labeled else scores.iloc[:, 1:]).apply(pd.to_numeric, errors="coerce")
    if bool(numbers.isna().any(axis=None)):
        row, column = numbers.isna().stack().idxmax()
        raise ValueError(
            f"{where}: expected finite scores, got {scores.loc[row, column]!r} for clip {row!r}, "
            f"column {column!r}"
        )
    if target == "score":
        return numbers
    if target == "classes":
        known = {"", *map(str, scores.columns[1:])}
        for clip, names in label.items():
            unknown = set(str(names).split(";")) - known
            if unknown:
                raise ValueError(
                    f"{where}: expected the numbers or the names of classes as labels, got "
                    f"{min(unknown)!r} for clip {clip!r}"
                )
        numbers.insert(0, "label", label)
        return numbers
    label, last = numbers["label"], len(scores.columns) - 2
    wrong = label[(label % 1 != 0) | ~label.between(-1, last)]
    if len(wrong):
        raise ValueError(
            f"{where}: expected labels from -1 to {last}, got {wrong.iloc[0]:g} for clip "
            f"{wrong.index[0]!r}"
        )
    return numbers.astype({"label": int})


def target_of(scores: pd.DataFrame) -> str:
    """Returns the kind of the labels of a table, as :class:`~pyg_skeleton.datasets.ClipTable` has
    it: :obj:`"class"`, :obj:`"classes"` or :obj:`"score"`.

    Args:
        scores (pandas.DataFrame): The scores.
    """
    if list(scores.columns) == ["label", "score"]:
        return "score"
    several = bool(pd.to_numeric(scores["label"], errors="coerce").isna().any())
    return "classes" if several else "class"


def fuse_scores(
    runs: Mapping[str, pd.DataFrame],
    weights: Sequence[float] | None = None,
    probabilities: bool = False,
) -> pd.DataFrame:
    r"""Adds the scores of several networks, clip by clip.

    .. math::
        \mathbf{s} = \sum_i w_i \mathbf{s}_i

    Where clips have several classes or a score to regress, the sum is divided by that of the
    weights: a class is found where the mean of its logits is above zero, or with
    :obj:`probabilities` the mean of its probabilities above one half.

    Args:
        runs (dict): By name, the scores of each network. The clips are matched by name; their order
            does not matter.
        weights (sequence of float, optional): The weight of each network. CTR-GCN's code has 0.6
            for joints and bones and 0.4 for their motion; 2s-AGCN's 1.
            (default: 1 for all)
        probabilities (bool, optional): Whether to add probabilities, as pyskl and Skeletal-GNN do,
            instead of logits. (default: :obj:`False`)

    Raises:
        ValueError: If the clips, labels or classes of the networks differ, or regressed scores are
            to be taken for logits.
    """
    tables = list(runs.items())
    weights = [1.0] * len(tables) if weights is None else list(weights)
    if not tables or len(weights) != len(tables):
        raise ValueError(f"expected a weight per run, got {len(weights)} for {len(tables)} runs")
    first_name, first = tables[0]
    target = target_of(first)
    if target != "class" and sum(weights) <= 0:
        raise ValueError(f"expected weights with a sum above zero, got {weights}")
    if target == "score" and probabilities:
        raise ValueError(f"{first_name} has regressed scores, which have no probabilities")
    total = 0.0 * first.drop(columns="label")
    for (name, scores), weight in zip(tables, weights, strict=True):
        if list(scores.columns) != list(first.columns):
            raise ValueError(f"{name} and {first_name} have different classes")
        apart = scores.index.symmetric_difference(first.index)
        if len(apart):
            raise ValueError(
                f"{name} and {first_name} have different clips: {len(apart)} are in one of them "
                f"only, for example {apart[0]!r}"
            )
        scores = scores.loc[first.index]
        if not scores["label"].equals(first["label"]):
            which = first.index[scores["label"] != first["label"]][0]
            raise ValueError(f"{name} and {first_name} have different labels for clip {which!r}")
        own = scores.drop(columns="label")
        if probabilities and target == "classes":
            own = 1 / (1 + (-own).apply(np.exp))
        elif probabilities:
            own = own.sub(own.max(axis=1), axis=0).apply(np.exp)
            own = own.div(own.sum(axis=1), axis=0)
        total = total + weight * own
    if target != "class":
        total = total / sum(weights)
    if target == "classes" and probabilities:  # as logits, which a table holds
        total = total.clip(1e-12, 1 - 1e-12)
        total = (total / (1 - total)).apply(np.log)
    total.insert(0, "label", first["label"])
    return total
