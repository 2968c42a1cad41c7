"""The experiments of the `"Learning Skeletal Graph Neural Networks for Hard 3D Pose Estimation"
<https://arxiv.org/abs/2108.07181>`_ paper.
"""

from typing import Any

from pyg_skeleton.cli.tables.table import Row, Table


def _network(**arguments: Any) -> Row:
    return {"network": arguments}


def _ablation(**arguments: Any) -> Row:
    """HCSF as in Tables 4 and 7: 64 channels, d = 1/16."""
    return {"preset": "ablation", "network": {"squeeze": 0.0625, **arguments}}


def _dynamic(**arguments: Any) -> Row:
    return {"preset": "dynamic", "network": arguments}


def _free(**arguments: Any) -> Row:
    """A dynamic graph over all pairs, where its inits differ."""
    return _dynamic(support="free", **arguments)


def _lcn(hops: int, **arguments: Any) -> Row:
    return {"model": "lcn", "network": {"hops": hops, **arguments}}


def _hierarchy() -> dict[str, Row]:
    rows = {}
    for hops in range(2, 7):
        rows[f"non-hierarchy, L={hops}"] = _lcn(hops, hidden_channels=64)
        rows[f"without hop-aware, L={hops}"] = _ablation(long_range=hops, hop_aware=False)
        if hops > 2:  # a single far hop is the same either way
            rows[f"hierarchy, L={hops}"] = _ablation(long_range=hops)
    return rows


def _ranges() -> dict[str, Row]:
    rows = {f"LCN, L={hops}": _lcn(hops, hidden_channels=64) for hops in range(1, 7)}
    for short in range(3):
        for far in range(short + 1, 7):
            rows[f"S={short}, L={far}"] = _ablation(short_range=short, long_range=far)
    return rows


def _kernels() -> dict[str, Row]:
    def clip(**arguments: Any) -> Row:
        return {"preset": "temporal-dynamic", "network": arguments}

    return {
        **{f"F={size}": clip(graph_kernel=size) for size in (1, 3, 5, 7)},
        "F=3, stride 2": clip(graph_kernel=3, graph_stride=2),
        "F=3, dilation 2": clip(graph_kernel=3, graph_dilation=2),
    }


def _table(title: str, rows: dict[str, Row]) -> Table:
    return Table("lifting", title, rows, {"model": "skeletal_gnn"})


#: By name.
HCSF = {
    "baselines": _table("HCSF, D-HCSF and LCN", {"HCSF": {}, "D-HCSF": _dynamic(), "LCN": _lcn(3)}),
    "hierarchy": _table(
        "all hops alike (LCN), far hops squeezed alike, each far hop for itself (Table 4)",
        _hierarchy(),
    ),
    # A = M + O has a fixed weight of one for O, Equation 8 learns it.
    "graph": _table(
        "the dynamic graph (Table 5)",
        {
            "HCSF": {},
            "M, ori": _free(offset=False),
            "M, dense": _free(offset=False, graph_init="dense"),
            "M, rand": _free(offset=False, graph_init="rand"),
            "only O": _free(graph_init="none", alpha=1.0),
            "M + O": _free(alpha=1.0, learn_alpha=False),
            "M + alpha O": _free(),
            "M + alpha O, 9 frames": {
                "preset": "temporal-dynamic",
                "network": {"support": "free"},
            },
        },
    ),
    "squeeze": _table(
        "how much far hops are squeezed (Table 6)",
        {f"d={d}": _ablation(squeeze=d) for d in (1.0, 0.5, 0.25, 0.125, 0.0625)},
    ),
    "range": _table("the short range S and the long range L (Table 7)", _ranges()),
    "kernel": _table("the kernel of the temporal-aware graph (supplement, Table 3)", _kernels()),
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
