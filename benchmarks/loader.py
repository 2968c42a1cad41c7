"""Compares SkeletonLoader with PyG's loader and with a plain torch.stack.

All variants run alternately in the same process. The ratios are taken within a round, in CPU time,
and their median over the rounds is reported, so that other load on the machine has little effect.

    python benchmarks/loader.py
"""

from __future__ import annotations

import argparse
import copy
import time
from collections.abc import Callable, Iterable
from statistics import median
from typing import Any

import torch
from torch_geometric.loader import DataLoader

from pyg_skeleton import Skeleton, SkeletonData, SkeletonLoader

OURS = "SkeletonLoader"
PYG = "PyG DataLoader"
IN_LOADER = "torch.stack of x, in a torch DataLoader"
IN_LOOP = "torch.stack of x, in a loop"
PREPARED = "torch.stack of a list of tensors, in a loop"


def make_clips(num_clips: int, hops: int, persons: tuple[int, ...]) -> list[SkeletonData]:
    """Creates clips of the size of NTU RGB+D."""
    skeleton = Skeleton.get("ntu25")
    shapes = [(persons[i % len(persons)], 25, 64, 3) for i in range(num_clips)]
    return [skeleton.to_data(torch.randn(s), y=i % 60, hops=hops) for i, s in enumerate(shapes)]


def stack(clips: list[SkeletonData]) -> torch.Tensor:
    """Batches clips without a graph."""
    return torch.stack([clip.x for clip in clips])


def variants(clips: list[SkeletonData], batch_size: int) -> dict[str, Callable[[], Iterable[Any]]]:
    """Returns functions that load one epoch of batches, by name."""
    tensors = [clip.x for clip in clips]
    starts = range(0, len(clips), batch_size)
    ours = SkeletonLoader(clips, batch_size)
    pyg = DataLoader(clips, batch_size)
    in_loader: Any = torch.utils.data.DataLoader(clips, batch_size, collate_fn=stack)  # type: ignore[arg-type]
    out: dict[str, Callable[[], Iterable[Any]]] = {OURS: lambda: ours, PYG: lambda: pyg}
    if len({clip.num_nodes for clip in clips}) == 1:
        out[IN_LOADER] = lambda: in_loader
        out[IN_LOOP] = lambda: (stack(clips[i : i + batch_size]) for i in starts)
        out[PREPARED] = lambda: (torch.stack(tensors[i : i + batch_size]) for i in starts)
    return out


def measure(makers: dict[str, Callable[[], Iterable[Any]]], rounds: int) -> dict[str, list[float]]:
    """Returns the CPU milliseconds per epoch of each variant in each round."""
    times: dict[str, list[float]] = {name: [] for name in makers}
    for i in range(rounds + 1):
        for name, make in makers.items():
            start = time.thread_time()
            for _ in make():
                pass
            if i:  # The first round is a warm-up.
                times[name].append((time.thread_time() - start) * 1e3)
    return times


def report(title: str, clips: list[SkeletonData], batch_size: int, rounds: int) -> dict[str, float]:
    """Prints a table and returns the ratio of each variant to ours."""
    times = measure(variants(clips, batch_size), rounds)
    print(f"\n{title}")
    print(f"{'':46}{'ms/epoch':>10}{'to ours':>10}")
    ratios = {}
    for name, values in times.items():
        pairs = zip(values, times[OURS], strict=True)
        ratios[name] = median(value / ours for value, ours in pairs)
        print(f"  {name:44}{median(values):10.2f}{ratios[name]:10.2f}")
    return ratios


def main() -> None:
    """Runs the benchmark and prints the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=512)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--hops", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=15)
    args = parser.parse_args()
    torch.set_num_threads(1)

    size = f"{args.clips} clips [25, 64, 3], {args.hops} hops, batches of {args.batch_size}"
    clips = make_clips(args.clips, args.hops, persons=(1,))
    ratios = report(size, clips, args.batch_size, args.rounds)
    loaded = copy.deepcopy(clips)
    report(f"{size}, edges equal but not shared", loaded, args.batch_size, args.rounds)
    mixed = make_clips(args.clips, args.hops, persons=(1, 1, 2))
    report(f"{size}, every third with two persons", mixed, args.batch_size, args.rounds)

    print(f"\nfaster than {PYG}: {ratios[PYG]:.1f} times (target: 10)")
    for name in (IN_LOADER, IN_LOOP, PREPARED):
        print(f"of the time of {name}: {1 / ratios[name]:.2f} times (target: 1.5)")


if __name__ == "__main__":
    main()
