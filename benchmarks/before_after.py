"""Compares two checkouts of this repository, a row for each operator, network and loader.

Each checkout has a process of its own; they run the same row in turn, on one thread, and the
median of the paired ratios of CPU time is reported: below one, the second checkout takes less.

    python benchmarks/before_after.py ../before . [--only SemGConv] [--rounds 15]
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any


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
            first = result if isinstance(result, torch.Tensor) else result[0]
            first.square().mean().backward()

        return call

    def forward(layer: Any, *args: Any) -> Callable[[], Any]:
        layer.eval()
        return torch.no_grad()(lambda: layer(*args))

    def both(name: str, make: Callable[[], tuple[Any, ...]]) -> None:
        out[f"{name}, forward"] = lambda: forward(*make())
        out[f"{name}, training step"] = lambda: step(*make())

    def poses(bodies: int, skeleton: Any, *shape: int) -> Any:
        return torch.randn(bodies * skeleton.num_joints, *shape)

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
            lambda k=kind, o=options: (k(64, 64, ntu, **o), poses(8, ntu, 64, 64)),
        )
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

    def loader(hops: int, persons: tuple[int, ...]) -> Callable[[], Any]:
        count = [persons[i % len(persons)] for i in range(512)]
        clips = [ntu.to_data(torch.randn(m, 25, 64, 3), y=m, hops=hops) for m in count]
        batches = SkeletonLoader(clips, 64)
        return lambda: [None for _ in batches]

    out["SkeletonLoader, 512 clips, 4 hops"] = lambda: loader(4, (1,))
    out["SkeletonLoader, 512 clips, 1 hop"] = lambda: loader(1, (1,))
    out["SkeletonLoader, one or two persons"] = lambda: loader(4, (1, 1, 2))

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


def work() -> None:
    """Answers the names of rows with the CPU milliseconds of a call."""
    table, ready = rows(), {}
    for line in sys.stdin:
        name = line.strip()
        if name == "rows":
            print("\t".join(table), flush=True)
            continue
        if name not in ready:
            ready.clear()
            ready[name] = table[name]()
            ready[name]()
            ready[name]()
        start = process_time()
        ready[name]()
        print(1e3 * (process_time() - start), flush=True)


class Checkout:
    """A process that measures the rows of one checkout."""

    def __init__(self, path: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": str(path.resolve()), "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--work"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=path,
            env=environment,
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
    print("| row | before, ms | after, ms | after / before |\n|---|--:|--:|--:|")
    for name in checkouts[1].ask("rows").split("\t"):
        if args.only not in name:
            continue
        times: tuple[list[float], list[float]] = ([], [])
        for i in range(args.rounds):
            for k in (0, 1) if i % 2 == 0 else (1, 0):
                times[k].append(float(checkouts[k].ask(name)))
        ratio = median(b / a for a, b in zip(*times, strict=True))
        print(
            f"| {name} | {median(times[0]):.2f} | {median(times[1]):.2f} | {ratio:.2f} |",
            flush=True,
        )
    for checkout in checkouts:
        checkout.process.stdin.close()  # type: ignore[union-attr]
        checkout.process.wait()


if __name__ == "__main__":
    main()
