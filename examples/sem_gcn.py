"""SemGCN (https://arxiv.org/abs/1904.03345) and its baselines lift 2-D poses to 3-D.

    python examples/sem_gcn.py                                             # embedded data
    python examples/sem_gcn.py --dataset cmu --root DIR                    # CMU Mocap, two cores
    python examples/sem_gcn.py --dataset cmu --root DIR --model martinez_mlp
    python examples/sem_gcn.py --dataset cmu --root DIR --experiment ablation
    python examples/sem_gcn.py --dataset h36m --root DIR --recipe sem-gcn-code --preset no-non-local
    python examples/sem_gcn.py --dataset h36m --root DIR --evaluate runs/sem_gcn/model.pt

The options of a network are the arguments of its class (--model res_gcn --help lists those of
ResGCN). Reported and reproduced numbers: docs/papers/sem_gcn.rst. Everything lands in --out:
checkpoints, metrics.csv, TensorBoard events, results.json, pictures.
"""

from typing import Any

from pyg_skeleton.cli import parse_lifting, run_example, run_lifting

MODELS = ("sem_gcn", "res_gcn", "martinez_mlp", "pose_gat", "high_order_gcn", "lcn", "skeletal_gnn")
TWO_MATRICES = {"separate_self": True}
#: By name, the runs of an experiment: what each is called, and the options that it changes.
EXPERIMENTS: dict[str, dict[str, dict[str, Any]]] = {
    # Section 5.3: what becomes of the network without its two parts. The paper changes the learned
    # weights of edges and the number of matrices at once; the last two rows take them apart.
    "ablation": {
        "SemGCN": {},
        "without non-local": {"network": {"non_local": False}},
        "without SemGConv": {"model": "res_gcn", "network": {"non_local": True}},
        "ResGCN": {"model": "res_gcn"},
        "two matrices, fixed edges": {"model": "res_gcn", "network": TWO_MATRICES},
        "one matrix, learned edges": {"network": {"non_local": False, "separate_self": False}},
    },
    # Equations 2 and 3, which nobody compared.
    "channels": {
        "scalar": {"network": {"channelwise": False}},
        "channel-wise": {"network": {"channelwise": True}},
    },
    # Equation 7: with bones and without.
    "loss": {
        "joints": {"loss": "joint_bone", "bone_weight": 0.0},
        "joints and bones": {"loss": "joint_bone", "bone_weight": 1.0},
    },
    # Table 3, as far as it is about networks that see joints only.
    "baselines": {
        "SemGCN": {},
        "Martinez MLP": {"model": "martinez_mlp"},
        "ResGCN": {"model": "res_gcn"},
        "GAT": {"model": "pose_gat"},
    },
}


def main() -> None:
    """Runs what the command line asks for."""
    args = parse_lifting(__doc__, MODELS, tuple(EXPERIMENTS), "runs/sem_gcn")
    run_lifting(args, EXPERIMENTS)


if __name__ == "__main__":
    run_example(main)
