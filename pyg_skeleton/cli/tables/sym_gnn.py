"""The experiments of the `"Symbiotic Graph Neural Networks for 3D Skeleton-based Human Action
Recognition and Motion Prediction" <https://arxiv.org/abs/1910.02212>`_ paper.

Methods of other papers stand here where the library has them. Its own data sets are
``--data ntu``, ``kinetics``, ``h36m`` and ``cmu``; without files, rows run on embedded clips.
"""

from typing import Any

from pyg_skeleton.cli.tables.table import Path, Row, Table, row, sweep

_ONLY_STRUCTURAL: dict[str, Any] = {"actional": False, "parts": False}
_ONLY_ACTIONAL: dict[str, Any] = {"structural": False, "parts": False}
_ONLY_PARTS: dict[str, Any] = {"joints": False}
_NO_PREDICTION: dict[str, Any] = {"prediction": False}
_NO_RECOGNITION: dict[str, Any] = {"recognition": False}

_TOP: dict[str, Path] = {"top-1": ("recognition", "top1"), "top-5": ("recognition", "top5")}
_PCK = "pck@0.05 torso, by frame"


def _mae(*milliseconds: int, action: str = "average", prefix: str = "") -> dict[str, Path]:
    """The errors of an action at some horizons."""
    return {
        f"{prefix}{ms} ms": ("prediction", "per_action", action, str(ms)) for ms in milliseconds
    }


def _actions(actions: tuple[str, ...], *milliseconds: int) -> dict[str, Path]:
    """The errors of several actions at some horizons, and of their average."""
    rows = [_mae(*milliseconds, action=name, prefix=f"{name} ") for name in actions]
    return {name: path for one in rows for name, path in one.items()}


# Of Table 7; the average is ours.
_CMU = _actions(
    (
        *("basketball", "basketball_signal", "directing_traffic", "jumping"),
        *("running", "soccer", "walking", "washwindow"),
    ),
    *(80, 160, 320, 400, 1000),
)
_FOUR = _actions(("walking", "eating", "smoking", "discussion"), 80, 160, 320, 400)
_FOUR_LONG = _actions(("walking", "eating", "smoking", "discussion"), 560, 1000)
_OTHERS = _actions(
    (
        *("directions", "greeting", "phoning", "posing", "purchases", "sitting", "sittingdown"),
        *("takingphoto", "waiting", "walkingdog", "walkingtogether", "average"),
    ),
    *(80, 160, 320, 400),
)


def _observation() -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for ratio in (0.1, 0.2, 0.3, 0.5, 0.7, 0.9):
        observed: dict[str, Any] = {"observation_ratio": ratio}
        rows[f"ratio={ratio}, pred 10"] = row(**observed, num_future=10)
        rows[f"ratio={ratio}, pred all"] = row(**observed)
        rows[f"ratio={ratio}, no pred"] = row(**observed, num_future=10, network=_NO_PREDICTION)
    return rows


def _recognition(title: str, columns: tuple[str, ...], rows: dict[str, Row], **base: Any) -> Table:
    return Table("motion", title, rows, base, columns, _TOP, scale=100)


def _prediction(
    title: str, columns: tuple[str, ...], rows: dict[str, Row], measures: dict[str, Path]
) -> Table:
    return Table("motion", title, rows, {}, columns, measures)


_MLP, _GCN = row(model="si_mlpe"), row(model="trajectory_gcn")

#: By name.
SYM_GNN = {
    "table-1": _recognition(
        "recognition on NTU RGB+D, % by subject and by view (Table 1)",
        ("CS", "CV"),
        {
            "only J-S": row(88.3, 94.5, network=_ONLY_STRUCTURAL),
            "only J-A": row(85.7, 93.7, network=_ONLY_ACTIONAL),
            "only P": row(86.5, 87.3, network=_ONLY_PARTS),
            "no bone": row(87.1, 93.8, network={"bone": False}),
            "no pred": row(89.0, 95.7, network=_NO_PREDICTION),
            "Sym-GNN": row(90.1, 96.4),
        },
    ),
    "table-2": _recognition(
        "recognition on Kinetics, % (Table 2)",
        ("top-1", "top-5"),
        {"no pred": row(36.4, 57.4, network=_NO_PREDICTION), "Sym-GNN": row(37.2, 58.1)},
    ),
    "table-3": _recognition(
        "recognition on Human3.6M and CMU Mocap, % (Table 3)",
        ("H3.6M top-1", "H3.6M top-5", "CMU top-1", "CMU top-5"),
        {
            "only J": row(55.6, 93.9, 96.5, 99.4, network={"parts": False}),
            "only P": row(54.3, 93.1, 94.9, 98.0, network=_ONLY_PARTS),
            "no bone": row(53.5, 93.2, 93.5, 95.8, network={"bone": False}),
            "no pred": row(55.2, 94.1, 96.6, 99.4, network=_NO_PREDICTION),
            "Sym-GNN": row(56.5, 95.3, 98.8, 100.0),
        },
    ),
    "table-4": Table(
        "motion",
        "PCK@0.05 of ten predicted frames on NTU RGB+D, by subject, % (Table 4)",
        {
            "no recg": row(
                *(98.74, 97.07, 94.95, 93.94, 93.48, 91.79, 90.69, 89.27, 87.87, 86.01, 92.34),
                network=_NO_RECOGNITION,
            ),
            "Sym-GNN": row(
                *(99.00, 97.65, 95.89, 95.10, 93.44, 92.70, 91.75, 90.65, 89.54, 89.10, 93.48)
            ),
            "siMLPe": _MLP,
            "trajectory GCN": _GCN,
        },
        {"num_future": 10},
        (*(f"frame {i}" for i in range(1, 11)), "average"),
        {
            **{f"frame {i}": ("prediction", _PCK, i - 1) for i in range(1, 11)},
            "average": ("prediction", "pck@0.05 torso, average"),
        },
        scale=100,
    ),
    "table-5": _prediction(
        "short-term errors on four actions of Human3.6M (Table 5)",
        tuple(_FOUR),
        {
            "only J-A": row(
                *(0.19, 0.35, 0.54, 0.63, 0.18, 0.34, 0.54, 0.66),
                *(0.23, 0.43, 0.84, 0.82, 0.26, 0.62, 0.81, 0.87),
                network=_ONLY_ACTIONAL,
            ),
            "only J-S": row(
                *(0.19, 0.33, 0.54, 0.69, 0.17, 0.32, 0.52, 0.66),
                *(0.21, 0.41, 0.83, 0.82, 0.24, 0.64, 0.93, 1.01),
                network=_ONLY_STRUCTURAL,
            ),
            "no recg": row(
                *(0.18, 0.31, 0.50, 0.59, 0.16, 0.29, 0.49, 0.61),
                *(0.21, 0.40, 0.80, 0.80, 0.22, 0.57, 0.85, 0.93),
                network=_NO_RECOGNITION,
            ),
            "Sym-GNN": row(
                *(0.17, 0.31, 0.50, 0.60, 0.16, 0.29, 0.48, 0.60),
                *(0.21, 0.40, 0.76, 0.80, 0.21, 0.55, 0.77, 0.85),
            ),
            "siMLPe": _MLP,
            "trajectory GCN": _GCN,
        },
        _FOUR,
    ),
    "table-6": _prediction(
        "short-term errors on the other actions of Human3.6M (Table 6)",
        tuple(_OTHERS),
        {
            "no recg": row(
                *(0.24, 0.45, 0.61, 0.67, 0.36, 0.61, 0.98, 1.17, 0.50, 0.86, 1.29, 1.43),
                *(0.18, 0.44, 0.99, 1.22, 0.40, 0.62, 1.00, 1.08, 0.23, 0.41, 0.80, 0.97),
                *(0.30, 0.62, 0.91, 1.03, 0.16, 0.34, 0.55, 0.66, 0.22, 0.49, 0.89, 1.09),
                *(0.42, 0.74, 1.09, 1.25, 0.17, 0.34, 0.52, 0.57, 0.26, 0.50, 0.82, 0.94),
                network=_NO_RECOGNITION,
            ),
            "Sym-GNN": row(
                *(0.23, 0.42, 0.57, 0.65, 0.35, 0.60, 0.95, 1.15, 0.48, 0.80, 1.28, 1.41),
                *(0.18, 0.45, 0.97, 1.20, 0.40, 0.60, 1.07, 1.04, 0.24, 0.41, 0.77, 0.95),
                *(0.28, 0.60, 0.89, 0.99, 0.14, 0.32, 0.53, 0.64, 0.22, 0.48, 0.87, 1.06),
                *(0.42, 0.73, 1.08, 1.22, 0.16, 0.33, 0.50, 0.56, 0.26, 0.49, 0.79, 0.92),
            ),
            "siMLPe": _MLP,
            "trajectory GCN": _GCN,
        },
        _OTHERS,
    ),
    "table-7": _prediction(
        "errors on the eight actions of CMU Mocap (Table 7)",
        tuple(_CMU),
        {
            "no recg": row(
                *(0.33, 0.48, 0.95, 1.09, 1.47, 0.15, 0.26, 0.47, 0.56, 1.04),
                *(0.20, 0.41, 0.77, 0.89, 1.95, 0.32, 0.55, 1.40, 1.60, 1.87),
                *(0.21, 0.33, 0.53, 0.56, 0.66, 0.22, 0.38, 0.72, 0.83, 1.38),
                *(0.26, 0.32, 0.38, 0.41, 0.54, 0.22, 0.33, 0.62, 0.83, 1.07),
                network=_NO_RECOGNITION,
            ),
            "Sym-GNN": row(
                *(0.32, 0.48, 0.91, 1.06, 1.47, 0.12, 0.21, 0.38, 0.49, 0.94),
                *(0.20, 0.41, 0.75, 0.87, 1.84, 0.32, 0.55, 1.40, 1.60, 1.82),
                *(0.21, 0.33, 0.53, 0.56, 0.65, 0.19, 0.32, 0.66, 0.78, 1.32),
                *(0.26, 0.32, 0.35, 0.39, 0.52, 0.22, 0.33, 0.55, 0.73, 1.05),
            ),
            "siMLPe": _MLP,
            "trajectory GCN": _GCN,
        },
        {**_CMU, **_mae(80, 160, 320, 400, 1000, prefix="average ")},
    ),
    "table-8": _prediction(
        "long-term errors on four actions of Human3.6M (Table 8)",
        tuple(_FOUR_LONG),
        {
            "Sym-GNN": row(0.75, 0.78, 0.77, 0.88, 0.92, 1.18, 1.17, 1.28),
            "siMLPe": _MLP,
            "trajectory GCN": _GCN,
        },
        _FOUR_LONG,
    ),
    "speed": _prediction(
        "iterations of the actional graph, frames per 20 ms and error at 400 ms (Figure 8)",
        (),
        {**sweep("num_iterations", (0, 1, 2, 3, 4), "network"), "siMLPe": _MLP},
        {**_mae(400), "frames per 20 ms": ("frames per 20 ms",)},
    ),
    "noisy-targets": _recognition(
        "shuffled targets of prediction, NTU RGB+D by subject and by view (Table 9)",
        ("CS", "CV"),
        {
            **sweep(
                "shuffle_targets",
                (0.0, 0.1, 0.2, 0.5, 0.7, 1.0),
                reported=(
                    *((90.1, 96.4), (89.8, 96.1), (89.5, 96.1)),
                    *((89.1, 95.5), (88.5, 94.9), (87.7, 93.9)),
                ),
            ),
            "no pred": row(89.0, 95.7, network=_NO_PREDICTION),
        },
    ),
    "noisy-labels": _prediction(
        "shuffled labels of recognition, Human3.6M (Table 10)",
        ("80 ms", "160 ms", "320 ms", "400 ms"),
        {
            **sweep(
                "shuffle_labels",
                (0.0, 0.1, 0.2, 0.3, 0.5, 1.0),
                reported=(
                    *((0.26, 0.49, 0.79, 0.92), (0.26, 0.48, 0.79, 0.93)),
                    *((0.26, 0.49, 0.82, 0.94), (0.26, 0.50, 0.82, 0.93)),
                    *((0.26, 0.51, 0.83, 0.97), (0.27, 0.53, 0.85, 1.03)),
                ),
            ),
            "no recg": row(0.26, 0.50, 0.82, 0.94, network=_NO_RECOGNITION),
        },
        _mae(80, 160, 320, 400),
    ),
    "observation": _recognition("share of a clip that is observed (Figure 9)", (), _observation()),
    "hops": Table(
        "motion",
        "hops of the structural graph: accuracy on NTU RGB+D by subject, mean short-term error on "
        "Human3.6M (Tables 11 and 12)",
        {
            "only J-A": row(85.7, 0.618, network=_ONLY_ACTIONAL),
            "only P": row(87.3, 0.615, network=_ONLY_PARTS),
            **{
                f"only J-S, order={order}": row(
                    *numbers, network={"order": order, **_ONLY_STRUCTURAL}
                )
                for order, numbers in enumerate(
                    ((85.9, 0.622), (86.2, 0.619), (87.5, 0.613), (88.3, 0.618)), start=1
                )
            },
            **{
                f"full, order={order}": row(*numbers, network={"order": order})
                for order, numbers in enumerate(
                    ((86.1, 0.616), (86.9, 0.615), (88.3, 0.611), (90.1, 0.614)), start=1
                )
            },
        },
        {},
        ("accuracy %", "error"),
        {"top-1, of 1": ("recognition", "top1"), **_mae(80, 160, 320, 400)},
    ),
    "lambda-act": Table(
        "motion",
        "weight of the actional graph (Figure 10)",
        sweep("lambda_act", (i / 10 for i in range(11)), "network"),
        measures={"top-1, of 1": ("recognition", "top1"), **_mae(80, 160, 320, 400)},
    ),
    "differences": Table(
        "motion",
        "orders of differences in the input: NTU RGB+D by subject and by view, Human3.6M "
        "(Tables 13 and 14)",
        sweep(
            "differences",
            ((0,), (0, 1), (0, 1, 2)),
            "network",
            (
                (88.2, 95.0, 0.33, 0.59, 0.85, 0.91),
                (90.1, 96.4, 0.28, 0.52, 0.81, 0.85),
                (89.8, 96.2, 0.26, 0.49, 0.79, 0.82),
            ),
        ),
        {},
        ("CS %", "CV %", "80 ms", "160 ms", "320 ms", "400 ms"),
        {**_mae(80, 160, 320, 400), "top-1, of 1": ("recognition", "top1")},
    ),
    "streams": _recognition(
        "joints and bones, NTU RGB+D by subject and by view, % (Table 15)",
        ("CS", "CV"),
        {
            "only joint": row(87.1, 93.8, network={"bone": False}),
            "only bone": row(87.4, 93.5, network={"joint_scores": False}),
            "joint & bone": row(90.1, 96.4),
        },
    ),
    "perturbation": _recognition(
        "noise on the input of a trained network (Figures 14 and 15)",
        (),
        {"full": row(perturbation=True)},
    ),
    "symbiosis": Table(
        "motion",
        "how both tasks share the backbone, against each task alone (Section 6.3.1, not a table "
        "of the paper)",
        {
            "no pred": row(network=_NO_PREDICTION),
            "no recg": row(network=_NO_RECOGNITION),
            **{
                f"{scale}, {reduction}, {heads} heads": row(
                    balance="mgda",
                    gradient_scale=scale,
                    prediction_reduction=reduction,
                    scale_heads=heads == "scaled",
                )
                for scale in ("none", "l2", "loss", "loss+l2")
                for reduction in ("sum", "mean")
                for heads in ("scaled", "own")
            },
            "weight 0.5": row(balance=0.5),
        },
        {"gradient_clip": 0.0},
        measures={"top-1, of 1": ("recognition", "top1"), **_mae(80, 160, 320, 400, 1000)},
    ),
}
