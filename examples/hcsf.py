"""Skeletal-GNN (https://arxiv.org/abs/2108.07181), HCSF and D-HCSF, and LCN lift hard 2-D poses.

    python examples/hcsf.py                                                # embedded data
    python examples/hcsf.py --dataset cmu --root DIR                       # CMU Mocap, two cores
    python examples/hcsf.py --dataset cmu --root DIR --preset dynamic      # D-HCSF
    python examples/hcsf.py --dataset cmu --root DIR --model lcn
    python examples/hcsf.py --dataset cmu --root DIR --experiment range    # Table 7
    python examples/hcsf.py --dataset h36m --root DIR --recipe hcsf --keypoints cpn
    python examples/hcsf.py --dataset h36m --root DIR --evaluate runs/hcsf/model.pt

The options of a network are the arguments of its class: S, L and d of the paper are --short-range,
--long-range and --squeeze. Its target space is --target-space pixel-depth, which needs the true
depth of the root to become millimeters; the default is root-relative. Reported and reproduced
numbers: docs/papers/hcsf.rst. Everything lands in --out: checkpoints, metrics.csv, TensorBoard
events, results.json, pictures.
"""

from typing import Any

from pyg_skeleton.cli import parse_lifting, run_example, run_lifting

MODELS = ("skeletal_gnn", "lcn", "high_order_gcn", "sem_gcn", "res_gcn", "martinez_mlp")
Runs = dict[str, dict[str, Any]]


def network(**changes: Any) -> dict[str, Any]:
    """A run with other arguments of the network."""
    return {"network": changes}


def dynamic(**changes: Any) -> dict[str, Any]:
    """A run of D-HCSF with other arguments."""
    return {"preset": "dynamic", "network": changes}


def lcn(hops: int) -> dict[str, Any]:
    """A run of LCN."""
    return {"model": "lcn", "network": {"hops": hops}}


def hierarchy() -> Runs:
    """Table 4: all hops alike (LCN), far hops squeezed alike, each far hop for itself."""
    runs = {}
    for hops in range(2, 7):
        runs[f"non-hierarchy, L={hops}"] = lcn(hops)
        runs[f"without hop-aware, L={hops}"] = network(long_range=hops, hop_aware=False)
        runs[f"hierarchy, L={hops}"] = network(long_range=hops)
    return runs


def ranges() -> Runs:
    """Table 7: the short range S and the long range L."""
    runs = {f"LCN, L={hops}": lcn(hops) for hops in range(1, 7)}
    for short in range(3):
        for far in range(short + 1, 7):
            runs[f"S={short}, L={far}"] = network(short_range=short, long_range=far)
    return runs


def kernels() -> Runs:
    """Table 3 of the supplement: the kernel of the temporal-aware graph."""
    clip = {"preset": "temporal-dynamic"}
    runs = {f"F={size}": clip | network(graph_kernel=size) for size in (1, 3, 5, 7)}
    runs["F=3, stride 2"] = clip | network(graph_kernel=3, graph_stride=2)
    runs["F=3, dilation 2"] = clip | network(graph_kernel=3, graph_dilation=2)
    return runs


#: By name, the runs of an experiment: what each is called, and the options that it changes.
EXPERIMENTS: dict[str, Runs] = {
    "baselines": {"HCSF": {}, "D-HCSF": dynamic(), "LCN": lcn(3)},
    "hierarchy": hierarchy(),
    # Table 5; A = M + O has a fixed weight of one for O, equation 8 learns it.
    "graph": {
        "HCSF": {},
        "M, ori": dynamic(offset=False),
        "M, dense": dynamic(offset=False, graph_init="dense"),
        "M, rand": dynamic(offset=False, graph_init="rand"),
        "only O": dynamic(graph_init="none", alpha=1.0),
        "M + O": dynamic(alpha=1.0, learn_alpha=False),
        "M + alpha O": dynamic(),
        "M + alpha O, 9 frames": {"preset": "temporal-dynamic"},
    },
    # Table 6
    "squeeze": {f"d={d}": network(squeeze=d) for d in (1.0, 0.5, 0.25, 0.125, 0.0625)},
    "range": ranges(),
    "kernel": kernels(),
    # What the paper leaves open.
    "fusion": {
        fusion: network(fusion=fusion, long_fusion=fusion, squeeze=1.0)
        for fusion in ("concat", "add", "mul")
    },
    "hops": {mode: network(hop_mode=mode) for mode in ("ring", "ball")},
    "support": {support: dynamic(support=support) for support in ("masked", "free")},
}


def main() -> None:
    """Runs what the command line asks for."""
    args = parse_lifting(__doc__, MODELS, tuple(EXPERIMENTS), "runs/hcsf")
    run_lifting(args, EXPERIMENTS)


if __name__ == "__main__":
    run_example(main)
