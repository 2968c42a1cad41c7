"""Compares two checkouts of this repository, a row for each operator, block, network and loader.

Each checkout has a process of its own; they run the same row in turn, on one thread. The median of
the paired ratios of CPU time is reported with their quartiles: below one, the second checkout takes
less. The garbage collector does not run in between, and memory that was freed stays with the
process: otherwise the ratios of the loaders are those of page faults.

    python benchmarks/before_after.py ../before . [--only SemGConv] [--rounds 15]
"""

import argparse
import gc
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from time import process_time
from typing import Any

#: The CPU time of one measurement at least, in seconds.
LENGTH = 0.02
#: For glibc: large blocks come from the heap, and the heap does not shrink.
MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(2**30), "MALLOC_TRIM_THRESHOLD_": str(2**32)}


def rows() -> dict[str, Callable[[], Callable[[], Any]]]:
    """The rows by name: functions that prepare and return the call to measure."""
    import torch

    from pyg_skeleton import Skeleton, SkeletonLoader, create_model, nn
    from pyg_skeleton.data import batch_poses

    body, ntu, out = Skeleton.get("h36m17"), Skeleton.get("ntu25"), {}

    def step(layer: Any, *args: Any) -> Callable[[], Any]:
        def call() -> None:
            layer.zero_grad(set_to_none=True)
            result = layer(*args)
            if not isinstance(result, torch.Tensor):  # AGIM's graph, or several results
                result = result.adjacency() if hasattr(result, "adjacency") else result[0]
            result.square().mean().backward()

        return call

    def forward(layer: Any, *args: Any) -> Callable[[], Any]:
        layer.eval()
        return torch.no_grad()(lambda: layer(*args))

    def both(name: str, make: Callable[[], tuple[Any, ...]]) -> None:
        out[f"{name}, forward"] = lambda: forward(*make())
        out[f"{name}, training step"] = lambda: step(*make())

    def poses(bodies: int, skeleton: Any, *shape: int) -> Any:
        return torch.randn(bodies * skeleton.num_joints, *shape)

    parts = ntu.part_graph()

    def clips(skeleton: Any = ntu) -> Any:
        return poses(8, skeleton, 64, 64)

    def leaf(x: Any) -> Any:
        return x.requires_grad_()

    for name, kind, options in (
        ("SemGConv", nn.SemGConv, {}),
        ("SemGConv, per channel", nn.SemGConv, {"channelwise": True}),
        ("VanillaGConv", nn.VanillaGConv, {}),
        ("LCNConv", nn.LCNConv, {}),
        ("HCSFConv", nn.HCSFConv, {}),
        ("DynamicHCSFConv", nn.DynamicHCSFConv, {}),
        ("HighOrderConv", nn.HighOrderConv, {}),
    ):
        both(
            f"{name} 128→128, 64 poses",
            lambda k=kind, o=options: (k(128, 128, body, **o), poses(64, body, 128)),
        )
    for name, kind, options in (
        ("StructuralConv, order 4", nn.StructuralConv, {"order": 4}),
        ("SpatialGraphConv", nn.SpatialGraphConv, {}),
        ("AdaptiveGraphConv", nn.AdaptiveGraphConv, {}),
        ("CTRGConv", nn.CTRGConv, {}),
        ("SelfAttentionGraphConv", nn.SelfAttentionGraphConv, {}),
    ):
        both(
            f"{name} 64→64, 8 clips",
            lambda k=kind, o=options: (k(64, 64, ntu, **o), clips()),
        )
    both("AGIM, 8 clips", lambda: (nn.AGIM(64 * 3, 25), poses(8, ntu, 64 * 3)))
    with torch.no_grad():
        graph = nn.AGIM(64 * 3, 25)(poses(8, ntu, 64 * 3))
    both("JointConv 64→64, 8 clips", lambda: (nn.JointConv(64, 64, ntu), clips(), graph))
    both("PartConv 64→64, 8 clips", lambda: (nn.PartConv(64, 64, ntu), clips(parts)))
    both("JointToPartPool, 8 clips", lambda: (nn.JointToPartPool(ntu), leaf(clips())))
    both("PartToJointUnpool, 8 clips", lambda: (nn.PartToJointUnpool(ntu), leaf(clips(parts))))
    both(
        "BidirectionalFusion, 8 clips",
        lambda: (nn.BidirectionalFusion(ntu), leaf(clips()), leaf(clips(parts))),
    )
    both("JGTCBlock 64→64, 8 clips", lambda: (nn.JGTCBlock(64, 64, 64, ntu), clips(), graph))
    both("PGTCBlock 64→64, 8 clips", lambda: (nn.PGTCBlock(64, 64, 64, ntu), clips(parts)))
    for name, preset in (("sem_gcn", "paper"), ("lcn", "paper"), ("skeletal_gnn", "paper")):
        both(
            f"{name} {preset}, 64 poses", lambda n=name, p=preset: _network(create_model(n, p), 64)
        )
    for name, preset in (
        ("ctr_gcn", "nw-ucla-small"),
        ("st_gcn", "nw-ucla"),
        ("agcn", "nw-ucla"),
        ("info_gcn", "nw-ucla"),
        ("sym_gnn", "tiny"),
    ):
        both(
            f"{name} {preset}, 2 clips",
            lambda n=name, p=preset: _network(create_model(n, p), 2, 50),
        )
    out["codt small, 8 clips of each domain, training step"] = _codt

    def loader(hops: int, persons: tuple[int, ...], shuffle: bool = False) -> Callable[[], Any]:
        count = [persons[i % len(persons)] for i in range(512)]
        items = [ntu.to_data(torch.randn(m, 25, 64, 3), y=m, hops=hops) for m in count]
        batches = SkeletonLoader(items, 64, shuffle, seed=0)
        return lambda: [None for _ in batches]

    out["SkeletonLoader, 512 clips, 4 hops"] = lambda: loader(4, (1,))
    out["SkeletonLoader, 512 clips, 1 hop"] = lambda: loader(1, (1,))
    out["SkeletonLoader, one or two persons"] = lambda: loader(4, (1, 1, 2))
    out["SkeletonLoader, one or two persons, shuffled"] = lambda: loader(4, (1, 1, 2), True)

    def batches() -> Callable[[], Any]:
        x, y, target = torch.randn(64, 17, 2), torch.arange(64), torch.randn(64, 17, 3)
        return lambda: [batch_poses(body, x, y=y, target=target) for _ in range(50)]

    out["batch_poses, 50 batches of 64"] = batches
    return out


def _network(model: Any, size: int, *frames: int) -> tuple[Any, Any]:
    import torch
    from torch_geometric.data import Batch

    shape = (model.skeleton.num_joints, *frames, 3 if frames else 2)
    return model, Batch.from_data_list(
        [model.skeleton.to_data(torch.rand(shape)) for _ in range(size)]
    )


def _codt() -> Callable[[], Any]:
    """A step of the second stage, on views that are given."""
    import torch

    from pyg_skeleton import Skeleton
    from pyg_skeleton.nn.models import CoDT

    module, layout = sys.modules[CoDT.__module__], Skeleton.get("ntu25")
    options = {**CoDT.presets["small"], "num_samples": 512, "skeleton": layout, "shared": layout}
    model, V = CoDT(**options), 25
    bodies = module.Bodies(torch.arange(8), torch.zeros(8, dtype=torch.long), 8)
    source = torch.randn(8 * V, 50, 3)
    views = module.TargetViews(*(torch.randn(8 * V, 50, 3) for _ in range(5)))
    y, sample = torch.arange(8), torch.arange(8)

    def call() -> None:
        model.zero_grad(set_to_none=True)
        losses = model.source_losses(source, source, bodies, y)
        own = model.target_losses(views, bodies, sample, online=True, pairs="features")
        torch.stack([*losses.values(), *own.values()]).sum().backward()

    return call


def work() -> None:
    """Answers the names of rows with the CPU milliseconds of a call."""
    table, ready, count = rows(), {}, 1
    for line in sys.stdin:
        name = line.strip()
        if name == "rows":
            print("\t".join(table), flush=True)
            continue
        if name not in ready:
            ready.clear()
            ready[name] = table[name]()
            gc.collect()
            gc.disable()
            for _ in range(3):
                once = _seconds(ready[name], 1)
            count = math.ceil(LENGTH / once)
            _seconds(ready[name], count)
        print(1e3 * _seconds(ready[name], count), flush=True)


def _seconds(call: Callable[[], Any], count: int) -> float:
    start = process_time()
    for _ in range(count):
        call()
    return (process_time() - start) / count


class Checkout:
    """A process that measures the rows of one checkout."""

    def __init__(self, path: Path) -> None:
        own = {"PYTHONPATH": str(path.resolve()), "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--work"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=path,
            env={**os.environ, **MEMORY, **own},
        )

    def ask(self, line: str) -> str:
        """The answer to a line."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(line, file=self.process.stdin, flush=True)
        return self.process.stdout.readline().strip()


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("before", type=Path, nargs="?", default=Path())
    parser.add_argument("after", type=Path, nargs="?", default=Path())
    parser.add_argument("--only", default="", help="only run rows whose name contains this text")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.work:
        work()
        return
    checkouts = [Checkout(path) for path in (args.before, args.after)]
    print("| row | before, ms | after, ms | after / before | quartiles |\n|---|--:|--:|--:|--:|")
    for name in checkouts[1].ask("rows").split("\t"):
        if args.only not in name:
            continue
        times: tuple[list[float], list[float]] = ([], [])
        for i in range(args.rounds):
            for k in (0, 1) if i % 2 == 0 else (1, 0):
                times[k].append(float(checkouts[k].ask(name)))
        low, ratio, high = quantiles([b / a for a, b in zip(*times, strict=True)])
        columns = f"{ratio:.2f} | {low:.2f} to {high:.2f}"
        print(
            f"| {name} | {median(times[0]):.2f} | {median(times[1]):.2f} | {columns} |", flush=True
        )
    for checkout in checkouts:
        checkout.process.stdin.close()  # type: ignore[union-attr]
        checkout.process.wait()


if __name__ == "__main__":
    main()
