"""The experiments of the `"Symbiotic Graph Neural Networks for 3D Skeleton-based Human Action
Recognition and Motion Prediction" <https://arxiv.org/abs/1910.02212>`_ paper.
"""

from typing import Any

from pyg_skeleton.cli.tables.table import Row, Table, sweep


def _network(**arguments: Any) -> Row:
    return {"network": arguments}


_ONLY_STRUCTURAL = {"actional": False, "parts": False}
_ONLY_ACTIONAL = _network(structural=False, parts=False)
_ONLY_PARTS = _network(joints=False)
_NO_PREDICTION = _network(prediction=False)
_NO_RECOGNITION = _network(recognition=False)


def _hops() -> dict[str, Row]:
    rows: dict[str, Row] = {"only J-A": _ONLY_ACTIONAL, "only P": _ONLY_PARTS}
    for order in (1, 2, 3, 4):
        rows[f"only J-S, order={order}"] = _network(order=order, **_ONLY_STRUCTURAL)
        rows[f"full, order={order}"] = _network(order=order)
    return rows


def _observation() -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for ratio in (0.1, 0.2, 0.3, 0.5, 0.7, 0.9):
        observed: Row = {"observation_ratio": ratio}
        rows[f"ratio={ratio}, pred 10"] = {**observed, "num_future": 10}
        rows[f"ratio={ratio}, pred all"] = observed
        rows[f"ratio={ratio}, no pred"] = {**observed, "num_future": 10, **_NO_PREDICTION}
    return rows


def _table(title: str, rows: dict[str, Row]) -> Table:
    return Table("motion", title, rows)


#: By name.
SYM_GNN = {
    "ablation": _table(
        "what each part contributes (Tables 1 to 3 and 5)",
        {
            "full": {},
            "only J-S": _network(**_ONLY_STRUCTURAL),
            "only J-A": _ONLY_ACTIONAL,
            "only P": _ONLY_PARTS,
            "no bone": _network(bone=False),
            "no pred": _NO_PREDICTION,
            "no recg": _NO_RECOGNITION,
        },
    ),
    "speed": _table(
        "iterations of the actional graph (Figure 8)",
        sweep("num_iterations", (0, 1, 2, 3, 4), "network"),
    ),
    "noisy-targets": _table(
        "shuffled targets of prediction (Table 9)",
        {
            **sweep("shuffle_targets", (0.0, 0.1, 0.2, 0.5, 0.7, 1.0)),
            "no pred": _NO_PREDICTION,
        },
    ),
    "noisy-labels": _table(
        "shuffled labels of recognition (Table 10)",
        {
            **sweep("shuffle_labels", (0.0, 0.1, 0.2, 0.3, 0.5, 1.0)),
            "no recg": _NO_RECOGNITION,
        },
    ),
    "observation": _table("share of a clip that is observed (Figure 9)", _observation()),
    "hops": _table("hops of the structural graph (Tables 11 and 12)", _hops()),
    "lambda-act": _table(
        "weight of the actional graph (Figure 10)",
        sweep("lambda_act", (i / 10 for i in range(11)), "network"),
    ),
    "differences": _table(
        "orders of differences in the input (Tables 13 and 14)",
        sweep("differences", ((0,), (0, 1), (0, 1, 2)), "network"),
    ),
    "streams": _table(
        "joints and bones (Table 15)",
        {
            "joint": _network(bone=False),
            "bone": _network(joint_scores=False),
            "joint and bone": {},
        },
    ),
    "perturbation": _table(
        "noise on the input of a trained network (Figures 14 and 15)",
        {"full": {"perturbation": True}},
    ),
    "symbiosis": _table(
        "both tasks against one (Section 6.3.1), three seeds",
        {
            f"{name}, seed={seed}": {"seed": seed, **change}
            for name, change in {
                "joint": {},
                "no pred": _NO_PREDICTION,
                "no recg": _NO_RECOGNITION,
            }.items()
            for seed in (0, 1, 2)
        },
    ),
}
