"""The experiments of the `"Collaborating Domain-shared and Target-specific Feature Clustering for
Cross-domain 3D Action Recognition" <https://arxiv.org/abs/2207.09767>`_ paper.

ACC of both branches, by k-means on the features of BM and by the classifiers of the others. The
paper's tasks need files; without them, rows run on the embedded domains.
"""

from pyg_skeleton.cli.tables.table import Path, Table, row

_ACC = "ACC (dominating label) %"


def _branches(*columns: str) -> dict[str, Path]:
    """The accuracies of both branches, of the only seed of a run."""
    return {
        f"{branch}, {clusters}": (0, f"{branch}, {clusters}", _ACC)
        for branch in ("B0", "B1")
        for clusters in ("spherical k-means", "classifier")
    }


def _task(title: str, *numbers: tuple[float, float], **base: str) -> Table:
    """The three methods on a task: the ACC of B0 and of B1."""
    rows = {
        name: row(*reported, method=name)
        for name, reported in zip(("bm", "ocm", "codt"), numbers, strict=True)
    }
    return Table("clustering", title, rows, base, ("B0 ACC", "B1 ACC"), _branches())


def _methods(title: str, *names: str) -> Table:
    rows = {name: row(method=name) for name in names}
    return Table("clustering", title, rows, measures=_branches())


#: By name.
CODT = {
    "ablation": _methods("each loss in turn, on the embedded domains", "bm", "ocm", "codt"),
    "ntu-skeletics": _task(
        "NTU-60 to Skeletics (Table 1)",
        *((17.9, 18.7), (22.0, 21.8), (25.0, 25.4)),
        data="ntu60-skeletics",
    ),
    "skeletics-pkummd": _task(
        "Skeletics to PKU-MMD (Table 1)",
        *((40.0, 43.3), (55.3, 54.7), (59.5, 59.4)),
        data="skeletics-pkummd",
    ),
    "ntu-pkummd": _task(
        "NTU-60+ to PKU-MMD (Table 1)",
        *((54.8, 42.7), (63.7, 52.6), (68.2, 67.8)),
        data="ntu60plus-pkummd",
    ),
    "gym-skeletics": _task(
        "FineGym to Skeletics (supplement, Table 2)",
        *((16.6, 18.7), (17.7, 21.8), (22.6, 23.4)),
        data="finegym-skeletics",
    ),
    "kinetics-ntu60": _task(
        "Kinetics-400 to NTU-60 (supplement, Table 2)",
        *((12.2, 10.4), (13.6, 12.1), (14.6, 13.9)),
        data="kinetics-ntu60",
    ),
    "collaboration": _methods("what makes a pair, and what learns", "codt", "ccm-fp", "ccm-pf"),
}
