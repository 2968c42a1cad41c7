"""The experiments of the `"Semantic Graph Convolutional Networks for 3D Human Pose Regression"
<https://arxiv.org/abs/1904.03345>`_ paper.

Its data set is ``--data h36m``; without files, rows run on embedded poses.
"""

from typing import Any

from pyg_skeleton.cli.tables.table import Path, Row, Table, absent, row

_BASE: dict[str, Any] = {"model": "sem_gcn"}
#: The first metric is MPJPE.
_MPJPE: dict[str, Path] = {"MPJPE (mm)": ("metrics", 0, "average over actions")}
_PG = "the pose-grammar network's code and its trained weights were never released"

_ABLATION = {
    "ResGCN": row(94.4, model="res_gcn"),
    "without SemGConv": row(65.9, model="res_gcn", network={"non_local": True}),
    "without non-local": row(52.5, network={"non_local": False}),
    "SemGCN": row(43.8),
}


def _table(title: str, rows: dict[str, Row], *columns: str, **base: Any) -> Table:
    return Table("lifting", title, rows, {**_BASE, **base}, columns, _MPJPE)


#: By name.
SEM_GCN = {
    # The paper changes the learned weights of edges and the number of matrices at once; the last
    # two rows take them apart.
    "ablation": _table(
        "non-local layers and learned edges, from true joints (Table 1)",
        {
            **_ABLATION,
            "two matrices, fixed edges": row(model="res_gcn", network={"separate_self": True}),
            "one matrix, learned edges": row(network={"non_local": False, "separate_self": False}),
        },
        "MPJPE (mm)",
    ),
    # Each action in the order of the paper's header, which seems not to be that of its numbers.
    "hourglass": _table(
        "SemGCN on Human3.6M by source of the 2-D joints, average over actions (Table 2)",
        {
            "Ours (HG)": row(60.8, keypoints="sh"),
            "Ours (RN w/ FP)": absent(
                "the images of Human3.6M are not redistributed; see sem-gcn/image-features", 57.6
            ),
            "Ours (GT)": row(43.8, keypoints="gt"),
        },
        "MPJPE (mm)",
        data="h36m",
    ),
    "baselines": _table(
        "networks that see joints only; in brackets from hourglass (Table 3)",
        {
            "GAT": row(82.9, None, model="pose_gat"),
            "ST-GCN": row(57.4, None, model="res_gcn", preset="st-gcn"),
            "Martinez MLP": row(45.5, 62.9, model="martinez_mlp"),
            "Martinez MLP w/ PG": absent(_PG, 43.3, 60.4),
            "SemGCN": row(43.8, 61.1),
            "SemGCN w/ PG": absent(_PG, 42.5, 59.8),
            "ResGCN": row(model="res_gcn"),
        },
        *("MPJPE (mm)", "MPJPE (mm), hourglass"),
    ),
    "curves": _table(
        "test errors by epoch, in metrics.csv and curves.png of each run (Figure 4)",
        {name: Row(one.options) for name, one in _ABLATION.items()},
        test_curve=True,
    ),
    "channels": _table(
        "edge weights per channel or not (Equations 2 and 3, which the paper does not compare)",
        {
            "scalar": row(network={"channelwise": False}),
            "channel-wise": row(network={"channelwise": True}),
        },
    ),
    "loss": _table(
        "the loss with and without bones (Equation 7)",
        {
            "joints": row(loss="joint_bone", bone_weight=0.0),
            "joints and bones": row(loss="joint_bone", bone_weight=1.0),
        },
    ),
    "image-features": _table(
        "image features at the joints (Section 5.1, Configuration 2)",
        {
            f"{name}, {stage}": row(image_features=features, stages=steps, max_steps=total)
            for stage, steps, total in (
                ("frozen 2-D network", (600.0, 800.0, 0.0), 1400),
                ("fine-tuned", (600.0, 800.0, 400.0), 1800),
            )
            for name, features in (("joints", False), ("joints and image features", True))
        },
        data="rendered",
    ),
}
