"""The experiments of the `"Graph Contrastive Learning for Skeleton-based Action Recognition"
<https://arxiv.org/abs/2301.10900>`_ paper.

Its data sets are ``--data ntu60``, ``ntu120`` and ``nw-ucla``; without files, rows run on embedded
clips. Tables 3 to 22 are of CTR-GCN on NTU RGB+D 60 by subject.
"""

from collections.abc import Sequence
from typing import Any

from pyg_skeleton.cli.tables.table import Path, Row, Table, row, sweep

_TOP1: dict[str, Path] = {"top-1": ("top1",)}
_BASELINE = row(89.8, gcl="none")
#: InfoGCN computes the bones of joints and of their motion itself, as its mode k = 1.
_FIRST_MODE = {
    bone: {"stream": joint, "network": {"bone_order": 1}}
    for bone, joint in (("bone", "joint"), ("bone-motion", "joint-motion"))
}
#: The columns of a table with four streams.
_STREAMS = ("J", "B", "J+B", "4S")


def _table(title: str, rows: dict[str, Row], base: dict[str, Any] | None = None) -> Table:
    base = {"model": "ctr_gcn", "gcl": "paper", **(base or {})}
    columns = ("top-1",) if any(one.reported for one in rows.values()) else ()
    return Table("recognition", title, rows, base, columns, _TOP1, scale=100)


def _contrast(*reported: float | None, **arguments: Any) -> Row:
    return row(*reported, contrast=arguments)


def _streams(title: str, numbers: Sequence[tuple[float, ...]]) -> Table:
    """Three networks without and with contrast, four streams each."""
    rows = {}
    for i, model in enumerate(("agcn", "ctr_gcn", "info_gcn")):
        by_stream = _FIRST_MODE if model == "info_gcn" else {}
        for j, gcl in enumerate(("none", "paper")):
            name = model if gcl == "none" else f"{model} with SkeletonGCL"
            options = {"model": model, "gcl": gcl}
            rows[name] = Row(options, numbers[2 * i + j], by_stream=by_stream)
    return Table(
        "recognition", title, rows, {}, _STREAMS, dict.fromkeys(_STREAMS, ("top1",)), 100, True
    )


def _sampling() -> dict[str, Row]:
    kinds = {"R": "random", "H": "hard", "R+H": "both"}
    cells = [(p, n) for p in ("R", "H") for n in kinds] + [("R+H", "R+H")]
    numbers = (90.1, 90.2, 90.5, 90.4, 90.6, 90.8, 90.3)
    return {
        f"positives {p}, negatives {n}": _contrast(number, positives=kinds[p], negatives=kinds[n])
        for (p, n), number in zip(cells, numbers, strict=True)
    }


# Tables 14 to 20: one number at a time.
def _sweep(title: str, option: str, numbers: dict[float, float]) -> Table:
    reported = [(number,) for number in numbers.values()]
    return _table(title, sweep(option, numbers, "contrast", reported))


#: By name.
SKELETON_GCL = {
    "ntu60-xsub": _streams(
        "NTU RGB+D 60 by subject, four streams (Table 1)",
        (
            *((88.9, 89.2, 91.0, 91.5), (89.9, 90.0, 91.6, 92.2)),
            *((89.8, 90.2, 92.0, 92.4), (90.8, 91.1, 92.6, 93.1)),
            *((89.4, 90.6, 91.3, 92.3), (90.1, 91.0, 91.9, 92.8)),
        ),
    ),
    "ntu60-xview": _streams(
        "NTU RGB+D 60 by view, four streams (Table 1)",
        (
            *((94.5, 94.1, 95.7, 95.9), (95.0, 94.4, 96.1, 96.4)),
            *((94.8, 94.8, 96.3, 96.8), (95.3, 95.4, 96.6, 97.0)),
            *((95.2, 95.4, 96.2, 96.7), (95.5, 95.7, 96.6, 97.1)),
        ),
    ),
    "ntu120-xsub": _streams(
        "NTU RGB+D 120 by subject, four streams (Table 1)",
        (
            *((84.0, 85.1, 87.8, 88.2), (84.7, 86.0, 88.4, 88.7)),
            *((84.9, 85.7, 88.7, 88.9), (85.6, 86.9, 89.2, 89.5)),
            *((84.2, 86.9, 88.2, 89.2), (85.2, 87.4, 88.8, 89.8)),
        ),
    ),
    "ntu120-xset": _streams(
        "NTU RGB+D 120 by setup, four streams (Table 1)",
        (
            *((85.3, 86.3, 89.0, 89.6), (86.1, 86.8, 89.7, 90.2)),
            *((86.7, 87.5, 90.1, 90.5), (87.3, 88.2, 90.5, 91.0)),
            *((86.3, 88.5, 89.4, 90.7), (87.2, 88.7, 90.0, 91.2)),
        ),
    ),
    "nw-ucla": _streams(
        "NW-UCLA, four streams (Table 2)",
        (
            *((92.0, 92.2, 95.0, 95.5), (92.6, 93.0, 95.7, 96.3)),
            *((94.6, 91.8, 94.2, 96.5), (95.1, 95.0, 95.9, 96.8)),
            *((93.8, 94.2, 95.5, 96.1), (94.8, 94.6, 96.1, 96.8)),
        ),
    ),
    "recipes": _table(
        "without contrast, the paper's, its code's; per class as in Tables 21 and 22",
        {
            "none": row(89.8, gcl="none"),
            "paper": row(90.8, gcl="paper"),
            "authors_code": row(None, gcl="authors_code"),
        },
    ),
    "intra-batch": _table(
        "within a batch or across batches (Table 3)",
        {
            "baseline": _BASELINE,
            "intra batch": _contrast(90.2, bank="none"),
            "inter batch": row(90.8),
        },
    ),
    "feature": _table(
        "contrast of features or of graphs (Table 4)",
        {"baseline": _BASELINE, "feature": _contrast(90.2, layer="feature"), "graph": row(90.8)},
    ),
    "banks": _table(
        "memory banks (Table 5)",
        {
            "baseline": _BASELINE,
            "instance": _contrast(90.3, bank="instance"),
            "semantic": _contrast(90.2, bank="semantic"),
            "both": _contrast(90.8, bank="both"),
        },
    ),
    "sampling": _table("which graphs are compared (Table 6)", _sampling()),
    "triplet": _table(
        "triplet loss or InfoNCE (Table 7)",
        {
            "baseline": _BASELINE,
            "triplet": _contrast(90.7, objective="triplet"),
            "infonce": row(90.8),
        },
    ),
    "hours": Table(
        "recognition",
        "hours of training on NTU RGB+D 60, one V100 in the paper (Table 8)",
        {
            "agcn": row(3.4, model="agcn"),
            "agcn with SkeletonGCL": row(3.5, model="agcn", gcl="paper"),
            "ctr_gcn": row(11.4, model="ctr_gcn"),
            "ctr_gcn with SkeletonGCL": row(11.7, model="ctr_gcn", gcl="paper"),
            "info_gcn": row(4.3, model="info_gcn"),
            "info_gcn with SkeletonGCL": row(4.6, model="info_gcn", gcl="paper"),
        },
        {},
        ("hours",),
        {"hours": ("training", "hours"), "memory (GiB)": ("training", "memory (GiB)")},
    ),
    "graphs": _table(
        "distances of graphs, and accuracy by their rank: tables of --diagnose in each folder "
        "(Tables 9 and 10)",
        {"baseline": row(gcl="none"), "SkeletonGCL": row()},
        {"diagnose": True},
    ),
    "cross-entropy": _table(
        "cross-entropy or InfoNCE (Table 11)",
        {
            "baseline": _BASELINE,
            "cross entropy": _contrast(89.7, objective="cross_entropy"),
            "infonce": row(90.8),
        },
    ),
    "head": _table(
        "the projection head (Table 12)",
        {
            "baseline": _BASELINE,
            "without fc": _contrast(90.1, head="none"),
            "fc": row(90.8),
            "mlp": _contrast(90.6, head="mlp"),
        },
    ),
    # From the last one, so that networks with fewer than ten layers have them, too.
    "layer": _table(
        "the layer whose graphs are compared, of ten in the paper (Table 13)",
        {
            "baseline": _BASELINE,
            "layer 7 of 10": _contrast(89.8, layer="-4"),
            "layer 8 of 10": _contrast(90.0, layer="-3"),
            "layer 9 of 10": _contrast(90.4, layer="-2"),
            "layer 10 of 10": _contrast(90.8, layer="-1"),
        },
    ),
    "bank-size": _sweep(
        "graphs per class in the bank (Table 14)",
        "per_class",
        {128: 90.3, 342: 90.5, 684: 90.8, 1368: 90.4, 2736: 90.0},
    ),
    "width": _sweep(
        "width of the head (Table 15)", "channels", {64: 90.4, 128: 90.6, 256: 90.8, 512: 90.5}
    ),
    "temperature": _sweep(
        "temperature (Table 16)", "temperature", {0.5: 90.4, 0.8: 90.6, 1.0: 90.8, 1.5: 90.5}
    ),
    "momentum": _sweep(
        "momentum of the semantic bank (Table 17)",
        "momentum",
        {0.75: 90.6, 0.8: 90.7, 0.85: 90.8, 0.9: 90.6},
    ),
    "hard-positives": _sweep(
        "hard positives (Table 18)", "num_positives", {64: 90.6, 128: 90.8, 256: 90.6, 512: 90.5}
    ),
    "hard-negatives": _sweep(
        "hard negatives (Table 19)", "num_hard", {128: 90.5, 256: 90.7, 512: 90.8, 1024: 90.5}
    ),
    "random-negatives": _sweep(
        "random negatives (Table 20)", "num_random", {128: 90.6, 256: 90.7, 512: 90.8, 1024: 90.6}
    ),
}
