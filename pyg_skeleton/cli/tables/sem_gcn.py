"""The experiments of the `"Semantic Graph Convolutional Networks for 3D Human Pose Regression"
<https://arxiv.org/abs/1904.03345>`_ paper.
"""

from pyg_skeleton.cli.tables.table import Row, Table

_BASE: Row = {"model": "sem_gcn"}
_IMAGES: Row = {"data": "rendered", "model": "sem_gcn"}

#: By name.
SEM_GCN = {
    # The paper changes the learned weights of edges and the number of matrices at once; the last
    # two rows take them apart.
    "ablation": Table(
        "lifting",
        "non-local layers and learned edges (Section 5.3)",
        {
            "SemGCN": {},
            "without non-local": {"network": {"non_local": False}},
            "without SemGConv": {"model": "res_gcn", "network": {"non_local": True}},
            "ResGCN": {"model": "res_gcn"},
            "two matrices, fixed edges": {"model": "res_gcn", "network": {"separate_self": True}},
            "one matrix, learned edges": {"network": {"non_local": False, "separate_self": False}},
        },
        _BASE,
    ),
    "channels": Table(
        "lifting",
        "edge weights per channel or not (Equations 2 and 3, which the paper does not compare)",
        {
            "scalar": {"network": {"channelwise": False}},
            "channel-wise": {"network": {"channelwise": True}},
        },
        _BASE,
    ),
    "loss": Table(
        "lifting",
        "the loss with and without bones (Equation 7)",
        {
            "joints": {"loss": "joint_bone", "bone_weight": 0.0},
            "joints and bones": {"loss": "joint_bone", "bone_weight": 1.0},
        },
        _BASE,
    ),
    "baselines": Table(
        "lifting",
        "networks that see joints only (Table 3)",
        {
            "SemGCN": {},
            "Martinez MLP": {"model": "martinez_mlp"},
            "ResGCN": {"model": "res_gcn"},
            "GAT": {"model": "pose_gat"},
        },
        _BASE,
    ),
    "image-features": Table(
        "lifting",
        "image features at the joints (Section 5.1, Configuration 2)",
        {
            f"{name}, {stage}": {"image_features": features, "stages": steps, "max_steps": total}
            for stage, steps, total in (
                ("frozen 2-D network", (600.0, 800.0, 0.0), 1400),
                ("fine-tuned", (600.0, 800.0, 400.0), 1800),
            )
            for name, features in (("joints", False), ("joints and image features", True))
        },
        _IMAGES,
    ),
}
