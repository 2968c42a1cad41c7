r"""CoDT (https://arxiv.org/abs/2207.09767) clusters actions that nobody labeled.

    python examples/codt.py                                                    # embedded data
    python examples/codt.py --experiment ablation --seed 0 1 2
    python examples/codt.py --task nw-ucla-cmu --root-source DIR --root-target DIR  # two cores
    python examples/codt.py --task ntu60plus-pkummd --root-source DIR --root-target DIR \
        --preset paper --recipe paper
    python examples/codt.py --out runs/codt --cluster FOLDER                   # your own clips

The options of the network are the arguments of CoDT. Reported and reproduced numbers:
docs/papers/codt.rst. Everything lands in --out: checkpoints, metrics.csv, TensorBoard events,
results.json, clusters.csv, pictures.
"""

from pyg_skeleton.cli import parse_codt, run_codt, run_example

#: By name, the rows of a table of the paper.
EXPERIMENTS = {
    "ablation": ("bm", "ocm", "codt"),  # Table 1, and Table 2 of the supplementary
    "collaboration": ("codt", "ccm-fp", "ccm-pf"),  # what makes a pair, and what learns from it
}


def main() -> None:
    """Runs what the command line asks for."""
    run_codt(parse_codt(__doc__, tuple(EXPERIMENTS), "runs/codt"), EXPERIMENTS)


if __name__ == "__main__":
    run_example(main)
