"""The experiments of the `"Learning Skeletal Graph Neural Networks for Hard 3D Pose Estimation"
<https://arxiv.org/abs/2108.07181>`_ paper.

Its data sets are ``--data h36m`` and ``--data ntu60``; without files, rows run on embedded data.
"""

from typing import Any

from pyg_skeleton.cli.tables.table import Path, Row, Table, absent, row

_MPJPE: dict[str, Path] = {"MPJPE (mm)": ("metrics", 0, "average over actions")}
_PA: dict[str, Path] = {"PA-MPJPE (mm)": ("metrics", 1, "average over actions")}


#: All hops in one sum, as LCN has them.
_FLAT: dict[str, Any] = {"short_range": 2, "long_range": 2}


def _network(*reported: float | None, **arguments: Any) -> Row:
    return row(*reported, network=arguments)


def _ablation(*reported: float | None, **arguments: Any) -> Row:
    """HCSF as in Tables 4 and 7: 64 channels, d = 1/16."""
    return row(*reported, preset="ablation", network={"squeeze": 0.0625, **arguments})


def _dynamic(*reported: float | None, **arguments: Any) -> Row:
    return row(*reported, preset="dynamic", network=arguments)


def _free(*reported: float | None, **arguments: Any) -> Row:
    """A dynamic graph over all pairs, where its inits differ."""
    return _dynamic(*reported, support="free", **arguments)


def _lcn(hops: int, *reported: float | None, **arguments: Any) -> Row:
    return row(*reported, model="lcn", network={"hops": hops, **arguments})


# Table 4, by L from 2 on.
_NON_HIERARCHY = (37.2, 36.2, 37.7, 37.4, 39.9)
_NO_HOP_AWARE = (34.6, 34.2, 34.7, 35.4, 36.2)
_HIERARCHY = (None, 32.6, 32.9, 33.7, 34.4)
# Table 7: LCN by L, then HCSF by S and L.
_LCN_RANGE = (38.0, 35.7, 36.2, 37.7, 37.4, 39.9)
_RANGE = {
    0: (35.5, 34.6, 34.8, 34.7, 35.4, 36.1),
    1: (32.6, 33.4, 34.0, 34.7, 35.7),
    2: (34.9, 35.1, 35.6, 36.2),
}


def _hierarchy() -> dict[str, Row]:
    rows = {}
    for i, hops in enumerate(range(2, 7)):
        rows[f"non-hierarchy, L={hops}"] = _lcn(hops, _NON_HIERARCHY[i], hidden_channels=64)
        rows[f"without hop-aware, L={hops}"] = _ablation(
            _NO_HOP_AWARE[i], long_range=hops, hop_aware=False
        )
        if hops > 2:  # a single far hop is the same either way
            rows[f"hierarchy, L={hops}"] = _ablation(_HIERARCHY[i], long_range=hops)
    return rows


def _ranges() -> dict[str, Row]:
    rows = {
        f"LCN, L={hops}": _lcn(hops, number, hidden_channels=64)
        for hops, number in enumerate(_LCN_RANGE, start=1)
    }
    for short, numbers in _RANGE.items():
        for far, number in enumerate(numbers, start=short + 1):
            rows[f"S={short}, L={far}"] = _ablation(number, short_range=short, long_range=far)
    return rows


def _clip(*reported: float | None, **arguments: Any) -> Row:
    return row(*reported, preset="temporal-dynamic", network=arguments)


def _hop_structures() -> dict[str, Row]:
    """Balls of k hops in one sum or in three, or HCSF; each with three kinds of graphs."""
    graphs: tuple[tuple[str, dict[str, Any]], ...] = (
        ("static", {"dynamic": False}),
        ("dynamic M", {"offset": False}),
        ("dynamic A", {}),
    )
    kinds: dict[str, tuple[tuple[float, ...], dict[str, Any]]] = {
        "1-hop": ((92.2, 93.4, 93.9), {"reaches": (1,)}),
        "5-hop": ((93.5, 94.1, 94.3), {"reaches": (5,)}),
        "7-hop": ((93.7, 94.1, 94.2), {"reaches": (7,)}),
        "MixHop": ((93.9, 94.5, 94.8), {"reaches": (1, 5, 7)}),
        "MS-Hop": ((94.1, 94.6, 94.7), {"reaches": (1, 5, 7), "fusion": "mean"}),
        "HCSF": ((94.8, 95.2, 95.3), {}),
    }
    return {
        f"{kind}, {graph}": row(number, network={**arguments, **options})
        for kind, (numbers, arguments) in kinds.items()
        for number, (graph, options) in zip(numbers, graphs, strict=True)
    }


def _table(title: str, rows: dict[str, Row], measures: dict[str, Path] = _MPJPE) -> Table:
    reports = any(one.reported for one in rows.values())
    columns = tuple(measures) if reports else ()
    return Table("lifting", title, rows, {"model": "skeletal_gnn"}, columns, measures)


def _actions(title: str, rows: dict[str, Row], *columns: str, **base: Any) -> Table:
    """A table of the action network."""
    base = {"model": "skeletal_gnn_classifier", "preset": "ntu60", **base}
    return Table("recognition", title, rows, base, columns, {"top-1": ("top1",)}, scale=100)


#: By name.
HCSF = {
    "baselines": _table(
        "on Human3.6M from true joints (Table 1)",
        {
            "SemGCN": row(43.8, model="sem_gcn"),
            "LCN": _lcn(3, 36.3),
            "SRNet": row(33.9, model="sr_net"),
            "HCSF": row(30.8),
            "D-HCSF": _dynamic(30.4),
        },
    ),
    "aligned": _table(
        "after rigid alignment, on Human3.6M from true joints (supplement, Table 1)",
        {
            "SRNet": row(27.8, model="sr_net"),
            "HCSF": row(25.2),
            "D-HCSF": _dynamic(24.8),
        },
        _PA,
    ),
    "temporal": Table(
        "lifting",
        "nine detected frames of Human3.6M (Table 2)",
        {
            "w/o T": row(46.4, network={"graph_kernel": 1}),
            "with T": row(45.7),
        },
        {"model": "skeletal_gnn", "preset": "temporal-dynamic"},
        ("MPJPE (mm)",),
        _MPJPE,
    ),
    "3dhp": Table(
        "lifting",
        "trained on Human3.6M, tested on MPI-INF-3DHP: train, then pyg-skeleton evaluate RUN "
        "--data 3dhp --root DIR (Table 3)",
        {
            "FCN": row(31.2, 42.5, 17.0, model="martinez_mlp", layout="h36m17"),
            "LCN": row(77.3, 74.0, 36.7, model="lcn", network={"hops": 3}),
            "SRNet": row(80.3, 77.6, 43.8, model="sr_net"),
            "HCSF": row(84.6, 82.1, 46.2),
        },
        {"model": "skeletal_gnn"},
        ("outdoor PCK %", "PCK %", "AUC %"),
        {
            "PCK %": ("metrics", 3, "average over poses"),
            "AUC %": ("metrics", 4, "average over poses"),
        },
    ),
    "hierarchy": _table(
        "all hops alike (LCN), far hops squeezed alike, each far hop for itself (Table 4)",
        _hierarchy(),
    ),
    # A = M + O has a fixed weight of one for O, Equation 8 learns it.
    "graph": _table(
        "the dynamic graph (Table 5)",
        {
            "HCSF": row(30.8),
            "M, ori": _free(32.1, offset=False),
            "M, dense": _free(35.7, offset=False, graph_init="dense"),
            "M, rand": _free(40.8, offset=False, graph_init="rand"),
            "only O": _free(44.3, graph_init="none", alpha=1.0),
            "M + O": _free(30.5, alpha=1.0, learn_alpha=False),
            "M + alpha O": _free(30.4),
            "M + alpha O, 9 frames": row(
                29.7, preset="temporal-dynamic", network={"support": "free"}
            ),
        },
    ),
    "graph-flat": _table(
        "the dynamic graph, all hops alike (supplement, Table 2)",
        {
            "LCN": _lcn(2, 35.7),
            "M, ori": _free(34.8, **_FLAT, offset=False),
            "M, dense": _free(35.5, **_FLAT, offset=False, graph_init="dense"),
            "M, rand": _free(41.2, **_FLAT, offset=False, graph_init="rand"),
            "only O": _free(46.1, **_FLAT, graph_init="none", alpha=1.0),
            "M + O": _free(34.3, **_FLAT, alpha=1.0, learn_alpha=False),
            "M + alpha O": _free(34.0, **_FLAT),
            "M + alpha O, 9 frames": row(
                33.5, preset="temporal-dynamic", network={"support": "free", **_FLAT}
            ),
        },
    ),
    "squeeze": _table(
        "how much far hops are squeezed (Table 6)",
        {
            f"d={d}": _ablation(number, squeeze=d)
            for d, number in (
                *((1.0, 35.4), (0.5, 34.7), (0.25, 33.8)),
                *((0.125, 31.4), (0.0625, 32.6)),
            )
        },
    ),
    "range": _table("the short range S and the long range L (Table 7)", _ranges()),
    "kernel": _table(
        "the kernel of the temporal-aware graph (supplement, Table 3)",
        {
            **{
                f"F={size}": _clip(number, graph_kernel=size)
                for size, number in ((1, 30.8), (3, 30.4), (5, 30.6), (7, 30.7))
            },
            "F=3, stride 2": _clip(30.7, graph_kernel=3, graph_stride=2),
            "F=3, dilation 2": _clip(30.7, graph_kernel=3, graph_dilation=2),
        },
    ),
    "action-streams": Table(
        "recognition",
        "recognition on NTU RGB+D 60 by subject and by view, and on 120 by subject and by setup: "
        "each stream, and the sum of their scores (Table 8; supplement, Table 4)",
        {
            "joint": row(89.0, 95.3, 83.5, 85.7, stream="joint"),
            "bone": row(89.3, 94.9, 85.0, 86.6, stream="bone"),
            "joint-motion": row(86.9, 93.5, 80.1, 81.5, stream="joint-motion"),
            "bone-motion": row(86.9, 93.1, 80.6, 83.0, stream="bone-motion"),
            "multi-stream": absent("pyg-skeleton fuse of the four runs", 91.6, 96.7, 87.5, 89.2),
        },
        {"model": "skeletal_gnn_classifier", "preset": "ntu60"},
        ("X-Sub 60", "X-View 60", "X-Sub 120", "X-Set 120"),
        {"top-1": ("top1",)},
        scale=100,
    ),
    "action-squeeze": _actions(
        "recognition on NTU RGB+D 60 by view: how much far hops are squeezed, by graph "
        "(supplement, Table 5)",
        {
            f"{graph}, d={d}": row(number, network={"squeeze": d, **arguments})
            for graph, arguments, numbers in (
                ("static", {"dynamic": False}, (93.9, 94.5, 94.6, 94.8, 94.5)),
                ("dynamic M", {"offset": False}, (94.4, 94.9, 95.1, 94.9, 95.1)),
                ("dynamic A", {}, (94.6, 95.0, 95.2, 95.3, 95.3)),
            )
            for d, number in zip((1.0, 0.5, 0.25, 0.125, 0.0625), numbers, strict=True)
        },
        "top-1",
    ),
    "action-hops": _actions(
        "recognition on NTU RGB+D 60 by view: ways to use several hops, by graph (supplement, "
        "Table 6)",
        _hop_structures(),
        "top-1",
    ),
    "action-kernel": _actions(
        "recognition on NTU RGB+D 60 by view: the kernel of the temporal-aware graph "
        "(supplement, Table 7)",
        {
            **{
                f"F={size}": row(number, network={"graph_kernel": size})
                for size, number in ((1, 94.7), (3, 95.3), (5, 95.1), (7, 94.7))
            },
            "F=3, stride 2": row(95.0, network={"graph_kernel": 3, "graph_stride": 2}),
            "F=3, dilation 2": row(94.8, network={"graph_kernel": 3, "graph_dilation": 2}),
        },
        "top-1",
    ),
    "fusion": _table(
        "how hops are fused (left open by the paper)",
        {
            fusion: _network(fusion=fusion, long_fusion=fusion, squeeze=1.0)
            for fusion in ("concat", "add", "mul")
        },
    ),
    "hops": _table(
        "rings or balls of hops (left open by the paper)",
        {mode: _network(hop_mode=mode) for mode in ("ring", "ball")},
    ),
    "support": _table(
        "which edges the dynamic graph has (left open by the paper)",
        {support: _dynamic(support=support) for support in ("masked", "free")},
    ),
}
