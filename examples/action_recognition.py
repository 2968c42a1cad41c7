r"""Networks that recognize actions: ST-GCN, 2s-AGCN, CTR-GCN, InfoGCN, Skeletal-GNN, Sym-GNN.

    python examples/action_recognition.py                                  # embedded data
    python examples/action_recognition.py --dataset nw-ucla --root DIR \
        --preset nw-ucla-small --recipe nw-ucla-small                      # one core, 80 minutes
    python examples/action_recognition.py --dataset nw-ucla --root DIR --stream bone --out runs/bone
    python examples/action_recognition.py --fuse runs/joint runs/bone --out runs/fused
    python examples/action_recognition.py --predict FILE --out runs/joint  # the five likeliest

The networks of SkeletonGCL's paper are in examples/skeleton_gcl.py, too. Everything lands in --out.
"""

from pyg_skeleton.cli import parse_recognition, run_example, run_recognition

MODELS = ("ctr_gcn", "st_gcn", "agcn", "info_gcn", "skeletal_gnn_classifier", "sym_gnn")


def main() -> None:
    """Runs what the command line asks for."""
    args = parse_recognition(__doc__, MODELS, (), "runs/action_recognition")
    run_recognition(args, {})


if __name__ == "__main__":
    run_example(main)
