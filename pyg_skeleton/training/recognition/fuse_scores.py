"""The sum of the scores of several networks."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd


def fuse_scores(
    runs: Mapping[str, pd.DataFrame],
    weights: Sequence[float] | None = None,
    probabilities: bool = False,
) -> pd.DataFrame:
    r"""Adds up the scores of several networks, clip by clip.

    .. math::
        \mathbf{s} = \sum_i w_i \mathbf{s}_i

    Args:
        runs (dict): By name, the scores of each network. The clips are matched by name; their order
            does not matter.
        weights (sequence of float, optional): The weight of each network. CTR-GCN's code has 0.6
            for joints and bones and 0.4 for their motion; 2s-AGCN's 1.
            (default: 1 for all)
        probabilities (bool, optional): Whether to add probabilities, as pyskl and Skeletal-GNN do,
            instead of logits. (default: :obj:`False`)

    Raises:
        ValueError: If the networks saw other clips, labels or classes.
    """
    tables = list(runs.items())
    weights = [1.0] * len(tables) if weights is None else list(weights)
    if not tables or len(weights) != len(tables):
        raise ValueError(f"expected a weight per run, got {len(weights)} for {len(tables)} runs")
    first_name, first = tables[0]
    total = 0.0 * first.drop(columns="label")
    for (name, scores), weight in zip(tables, weights, strict=True):
        if list(scores.columns) != list(first.columns):
            raise ValueError(f"{name} and {first_name} have other classes")
        apart = scores.index.symmetric_difference(first.index)
        if len(apart):
            raise ValueError(
                f"{name} and {first_name} have other clips: {len(apart)} are in one of them only, "
                f"{apart[0]!r} say"
            )
        scores = scores.loc[first.index]
        if not scores["label"].equals(first["label"]):
            which = first.index[scores["label"] != first["label"]][0]
            raise ValueError(f"{name} and {first_name} have other labels for clip {which!r}")
        own = scores.drop(columns="label")
        if probabilities:
            own = own.sub(own.max(axis=1), axis=0).apply(np.exp)
            own = own.div(own.sum(axis=1), axis=0)
        total = total + weight * own
    total.insert(0, "label", first["label"])
    return total
