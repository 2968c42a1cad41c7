"""Clusters in numbers, as text."""

from collections.abc import Mapping
from typing import Any

import pandas as pd


def codt_table(results: Mapping[str, Mapping[int, Mapping[str, Mapping[str, float]]]]) -> Any:
    """The scores of several methods, the mean over seeds.

    Args:
        results (dict): By method, seed, and the name of a variant, what
            :func:`~pyg_skeleton.metrics.cluster_scores` returned.

    Returns:
        A table with a row for each method and variant, and :obj:`seeds`, how many there are.
    """
    rows = [
        {"method": method, "clusters by": variant, "seed": seed, **scores}
        for method, seeds in results.items()
        for seed, variants in seeds.items()
        for variant, scores in variants.items()
    ]
    groups = pd.DataFrame(rows).groupby(["method", "clusters by"], sort=False)
    table = groups.mean().drop(columns="seed")
    table.insert(0, "seeds", groups.size())
    return table
