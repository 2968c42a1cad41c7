"""The experiments of the `"Graph Contrastive Learning for Skeleton-based Action Recognition"
<https://arxiv.org/abs/2301.10900>`_ paper.
"""

from collections.abc import Iterable
from typing import Any

from pyg_skeleton.cli.tables.table import Row, Table, sweep


def _contrasts(title: str, rows: dict[str, dict[str, Any]]) -> Table:
    """The network alone, and with variants of the contrast."""
    variants = {name: {"contrast": arguments} for name, arguments in rows.items()}
    return _table(title, {"baseline": {"gcl": "none"}, **variants})


def _sampling() -> dict[str, Row]:
    kinds = {"R": "random", "H": "hard", "R+H": "both"}
    cells = [(p, n) for p in ("R", "H") for n in kinds] + [("R+H", "R+H")]
    return {
        f"positives {p}, negatives {n}": {
            "contrast": {"positives": kinds[p], "negatives": kinds[n]}
        }
        for p, n in cells
    }


def _table(title: str, rows: dict[str, Row]) -> Table:
    return Table("recognition", title, rows, {"model": "ctr_gcn", "gcl": "paper"})


# Tables 14 to 20: one number at a time.
def _sweep(title: str, option: str, values: Iterable[float]) -> Table:
    return _table(f"{title} (Tables 14 to 20)", sweep(option, values, "contrast"))


#: By name.
SKELETON_GCL = {
    "recipes": _table(
        "without contrast, the paper's, its code's",
        {gcl: {"gcl": gcl} for gcl in ("none", "paper", "authors_code")},
    ),
    "intra-batch": _contrasts(
        "within a batch or across batches (Table 3)",
        {"intra batch": {"bank": "none"}, "inter batch": {}},
    ),
    "feature": _contrasts(
        "contrast of features or of graphs (Table 4)",
        {"feature": {"layer": "feature"}, "graph": {}},
    ),
    "banks": _contrasts(
        "memory banks (Table 5)",
        {bank: {"bank": bank} for bank in ("instance", "semantic", "both")},
    ),
    "sampling": _table("which graphs are compared (Table 6)", _sampling()),
    "triplet": _contrasts(
        "triplet loss or InfoNCE (Table 7)", {"triplet": {"objective": "triplet"}, "infonce": {}}
    ),
    "cross-entropy": _contrasts(
        "cross-entropy or InfoNCE (Table 11)",
        {"cross entropy": {"objective": "cross_entropy"}, "infonce": {}},
    ),
    "head": _contrasts(
        "the projection head (Table 12)",
        {"without fc": {"head": "none"}, "fc": {}, "mlp": {"head": "mlp"}},
    ),
    "layer": _table(
        "the layer whose graphs are compared (Table 13)",
        {f"layer {i}": {"contrast": {"layer": str(i)}} for i in (-4, -3, -2, -1)},
    ),
    "bank-size": _sweep("graphs per class in the bank", "per_class", (128, 342, 684, 1368, 2736)),
    "width": _sweep("width of the head", "channels", (64, 128, 256, 512)),
    "temperature": _sweep("temperature", "temperature", (0.5, 0.8, 1.0, 1.5)),
    "momentum": _sweep("momentum of the semantic bank", "momentum", (0.75, 0.8, 0.85, 0.9)),
    "hard-positives": _sweep("hard positives", "num_positives", (64, 128, 256, 512)),
    "hard-negatives": _sweep("hard negatives", "num_hard", (128, 256, 512, 1024)),
    "random-negatives": _sweep("random negatives", "num_random", (128, 256, 512, 1024)),
}
