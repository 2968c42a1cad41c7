"""The experiments of the Sym-GNN paper, as changes of a run's options."""

from typing import Any

_JOINT_STRUCTURAL = {"actional": False, "parts": False}
_JOINT_ACTIONAL = {"structural": False, "parts": False}
_PARTS = {"joints": False}


def _sweep(option: str, values: tuple[Any, ...]) -> dict[str, dict[str, Any]]:
    return {f"{option}={value}": {option: value} for value in values}


def _hops() -> dict[str, dict[str, Any]]:
    runs: dict[str, dict[str, Any]] = {"only J-A": _JOINT_ACTIONAL, "only P": _PARTS}
    for order in (1, 2, 3, 4):
        runs[f"only J-S, order={order}"] = {"order": order, **_JOINT_STRUCTURAL}
        runs[f"full, order={order}"] = {"order": order}
    return runs


def _observation() -> dict[str, dict[str, Any]]:
    runs: dict[str, dict[str, Any]] = {}
    for ratio in (0.1, 0.2, 0.3, 0.5, 0.7, 0.9):
        runs[f"ratio={ratio}, pred 10"] = {"observation_ratio": ratio, "future": 10}
        runs[f"ratio={ratio}, pred all"] = {"observation_ratio": ratio, "future": "all"}
        runs[f"ratio={ratio}, no pred"] = {
            "observation_ratio": ratio,
            "future": 10,
            "prediction": False,
        }
    return runs


#: By name, the runs of an experiment: what each is called, and the options that it changes.
SYM_GNN_EXPERIMENTS: dict[str, dict[str, dict[str, Any]]] = {
    # Tables 1 to 3 and 5
    "ablation": {
        "full": {},
        "only J-S": _JOINT_STRUCTURAL,
        "only J-A": _JOINT_ACTIONAL,
        "only P": _PARTS,
        "no bone": {"bone": False},
        "no pred": {"prediction": False},
        "no recg": {"recognition": False},
    },
    # Figure 8
    "speed": _sweep("num_iterations", (0, 1, 2, 3, 4)),
    # Tables 9 and 10
    "noisy-targets": {
        **_sweep("shuffle_targets", (0.0, 0.1, 0.2, 0.5, 0.7, 1.0)),
        "no pred": {"prediction": False},
    },
    "noisy-labels": {
        **_sweep("shuffle_labels", (0.0, 0.1, 0.2, 0.3, 0.5, 1.0)),
        "no recg": {"recognition": False},
    },
    # Figure 9
    "observation": _observation(),
    # Tables 11 and 12
    "hops": _hops(),
    # Figure 10
    "lambda-act": _sweep("lambda_act", tuple(i / 10 for i in range(11))),
    # Tables 13 and 14
    "differences": _sweep("differences", ((0,), (0, 1), (0, 1, 2))),
    # Table 15
    "streams": {
        "joint": {"bone": False},
        "bone": {"joint_scores": False},
        "joint and bone": {},
    },
    # Figures 14 and 15: one run, then noise on what it sees
    "perturbation": {"full": {"perturbation": True}},
    # Section 6.3.1 in short, over three seeds
    "symbiosis": {
        f"{name}, seed={seed}": {"seed": seed, **change}
        for name, change in {
            "joint": {},
            "no pred": {"prediction": False},
            "no recg": {"recognition": False},
        }.items()
        for seed in (0, 1, 2)
    },
}
