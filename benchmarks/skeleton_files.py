"""Compares our reader of `.skeleton` files with line-by-line parsers, on one core, in CPU time.

There are two reference parsers: one keeps every field of every joint, like the common readers of
ST-GCN and 2s-AGCN; the lean parser only converts the three coordinates.

    python benchmarks/skeleton_files.py
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from pyg_skeleton.io import read_ntu_skeleton

Reader = Callable[[Path], Any]


def write_file(path: Path, frames: int, bodies: int) -> None:
    """Writes a file in the format of the sensor's software, with seven significant digits."""
    generator = np.random.default_rng(0)
    lines = [str(frames)]
    for _ in range(frames):
        lines.append(str(bodies))
        for body in range(bodies):
            lines += [f"{72057594037931101 + body} 0 1 1 0 0 0 0.02764709 -0.05745611 2", "25"]
            scale = [0.5, 0.5, 3, 250, 200, 900, 500, 0.3, 0.3, 0.3, 0.3]
            for row in (generator.normal(size=(25, 11)) * scale).astype(np.float32):
                lines.append(" ".join(f"{value:.7g}" for value in row) + " 2")
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode())


def every_field(path: Path) -> Any:
    """Reads line by line, with every field in a dictionary."""
    fields = ["x", "y", "z", *(str(number) for number in range(9))]
    content = []
    with open(path) as file:
        for _ in range(int(file.readline())):
            frame = []
            for _ in range(int(file.readline())):
                body = {"info": [float(value) for value in file.readline().split()], "joints": []}
                for _ in range(int(file.readline())):
                    values = map(float, file.readline().split())
                    body["joints"].append(dict(zip(fields, values, strict=True)))
                frame.append(body)
            content.append(frame)
    return [
        np.array([[joint["x"], joint["y"], joint["z"]] for joint in body["joints"]])
        for frame in content
        for body in frame
    ]


def lean(path: Path) -> Any:
    """Reads line by line, only the coordinates."""
    bodies: dict[str, list[Any]] = {}
    with open(path) as file:
        for _ in range(int(file.readline())):
            for _ in range(int(file.readline())):
                name = file.readline().split()[0]
                joints = range(int(file.readline()))
                rows = [[float(v) for v in file.readline().split()[:3]] for _ in joints]
                bodies.setdefault(name, []).append(rows)
    return {name: np.array(rows) for name, rows in bodies.items()}


def measure(path: Path, readers: dict[str, Reader], rounds: int) -> dict[str, list[float]]:
    """Returns the CPU milliseconds of each reader in each round."""
    times: dict[str, list[float]] = {name: [] for name in readers}
    for i in range(rounds + 1):
        for name, reader in readers.items():
            start = time.thread_time()
            reader(path)
            if i:  # The first round is a warm-up.
                times[name].append((time.thread_time() - start) * 1e3)
    return times


def main() -> None:
    """Runs the benchmark and prints the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    args = parser.parse_args()
    readers = {"ours": read_ntu_skeleton, "every field": every_field, "lean": lean}
    with tempfile.TemporaryDirectory() as folder:
        for frames, bodies in ((80, 1), (80, 2), (300, 2)):
            path = Path(folder) / "a.skeleton"
            write_file(path, frames, bodies)
            times = measure(path, readers, args.rounds)
            size = path.stat().st_size / 1e6
            print(f"\n{frames} frames, {bodies} bodies, {size:.1f} MB")
            for name, values in times.items():
                pairs = zip(values, times["ours"], strict=True)
                ratio = median(value / ours for value, ours in pairs)
                best = min(values)
                print(
                    f"  {name:12} {best:8.2f} ms ({size / best * 1e3:6.0f} MB/s), "
                    f"{best / min(times['ours']):5.1f} times ours (median {ratio:.1f})"
                )


if __name__ == "__main__":
    main()
