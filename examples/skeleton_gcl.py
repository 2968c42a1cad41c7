r"""SkeletonGCL (https://arxiv.org/abs/2301.10900): contrasts the graphs that networks learn.

    python examples/skeleton_gcl.py                                             # embedded data
    python examples/skeleton_gcl.py --dataset nw-ucla --root DIR --gcl paper \
        --preset nw-ucla-small --recipe nw-ucla-small                         # one core, 80 minutes
    python examples/skeleton_gcl.py --dataset nw-ucla --root DIR --gcl authors_code
    python examples/skeleton_gcl.py --dataset nw-ucla --root DIR --stream bone --out runs/bone
    python examples/skeleton_gcl.py --fuse runs/skeleton_gcl runs/bone --out runs/fused
    python examples/skeleton_gcl.py --evaluate runs/skeleton_gcl --diagnose     # Tables 9, 10
    python examples/skeleton_gcl.py --experiment banks                          # Table 5

The options of the contrast are the arguments of SkeletonGCL after --gcl-. Reported and reproduced
numbers: docs/papers/skeleton_gcl.rst. Everything lands in --out.
"""

from typing import Any

from pyg_skeleton.cli import parse_recognition, run_example, run_recognition

MODELS = ("ctr_gcn", "agcn", "info_gcn")
Runs = dict[str, dict[str, Any]]


def contrasts(**variants: dict[str, Any]) -> Runs:
    """The network alone, and with variants of the contrast."""
    runs: Runs = {"baseline": {"gcl": "none"}}
    return runs | {name.replace("_", " "): {"contrast": v} for name, v in variants.items()}


def sampling() -> Runs:
    """Table 6: who is compared with whom."""
    kinds = {"R": "random", "H": "hard", "R+H": "both"}
    cells = [(p, n) for p in ("R", "H") for n in kinds] + [("R+H", "R+H")]
    return {
        f"positives {p}, negatives {n}": {
            "contrast": {"positives": kinds[p], "negatives": kinds[n]}
        }
        for p, n in cells
    }


def sweep(name: str, values: tuple[float, ...]) -> Runs:
    """Tables 14 to 20: one number at a time."""
    return {f"{name}={value}": {"contrast": {name: value}} for value in values}


#: By name, the runs of an experiment: what each is called, and the options that it changes.
EXPERIMENTS: dict[str, Runs] = {
    "recipes": {gcl: {"gcl": gcl} for gcl in ("none", "paper", "authors_code")},
    "intra-batch": contrasts(intra_batch={"bank": "none"}, inter_batch={}),  # Table 3
    "feature": contrasts(feature={"layer": "feature"}, graph={}),  # Table 4
    "banks": contrasts(  # Table 5
        instance={"bank": "instance"}, semantic={"bank": "semantic"}, both={"bank": "both"}
    ),
    "sampling": sampling(),
    "triplet": contrasts(triplet={"objective": "triplet"}, infonce={}),  # Table 7
    "cross-entropy": contrasts(cross_entropy={"objective": "cross_entropy"}, infonce={}),  # 11
    "head": contrasts(without_fc={"head": "none"}, fc={}, mlp={"head": "mlp"}),  # Table 12
    "layer": {f"layer {i}": {"contrast": {"layer": i}} for i in (-4, -3, -2, -1)},  # Table 13
    "bank-size": sweep("per_class", (128, 342, 684, 1368, 2736)),
    "width": sweep("channels", (64, 128, 256, 512)),
    "temperature": sweep("temperature", (0.5, 0.8, 1.0, 1.5)),
    "momentum": sweep("momentum", (0.75, 0.8, 0.85, 0.9)),
    "hard-positives": sweep("num_positives", (64, 128, 256, 512)),
    "hard-negatives": sweep("num_hard", (128, 256, 512, 1024)),
    "random-negatives": sweep("num_random", (128, 256, 512, 1024)),
}


def main() -> None:
    """Runs what the command line asks for."""
    args = parse_recognition(__doc__, MODELS, tuple(EXPERIMENTS), "runs/skeleton_gcl", "paper")
    run_recognition(args, EXPERIMENTS)


if __name__ == "__main__":
    run_example(main)
