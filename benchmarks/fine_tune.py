"""Fine-tuning against training from scratch, on the embedded people.

    OMP_NUM_THREADS=1 python benchmarks/fine_tune.py [--layout kinect20] [--seeds 0 1 2] [--quick]

A small CTR-GCN learns the twelve embedded movements on the layout ntu25. Then it is trained for
four new movements of one arm, defined below, on another layout, with ten clips of each: from
scratch and from the trained network, with the same recipe, clips and steps. For each seed, the
learning rate, and for fine-tuning one of two recipes of the source, are those with the best
accuracy on validation clips, 25 for each movement. People and clips of the test, 50 for each
movement, are in neither. The table holds the top-1 accuracy in percent, its mean over the seeds and
the standard deviation. With --out, finished runs are kept and not repeated.
"""

import argparse
import logging
import tempfile
import warnings
from dataclasses import replace
from itertools import product
from operator import itemgetter
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from pyg_skeleton.datasets import SyntheticClips
from pyg_skeleton.datasets.actor import MOVEMENTS
from pyg_skeleton.datasets.actor.manner import WITH_ARMS
from pyg_skeleton.datasets.actor.take import Take, pulse
from pyg_skeleton.training import TASKS, Hardware, Run, train

NETWORK = {"channels": (16, 32), "strides": (1, 2)}
FRAMES = 26
#: Learning rate and batch size of the sources.
SOURCES = ((0.1, 16), (0.2, 8))


def saluting(t: Take) -> None:
    """Saluting with the right hand."""
    up = pulse(t.cycle(0.25, 0.5), t.draw(0.15, 0.25), t.draw(0.2, 0.4), t.draw(0.15, 0.25))
    t.arm("right", flex=t.draw(35, 65) * up, out=t.draw(45, 75) * up, elbow=t.draw(110, 135) * up)


def phoning(t: Take) -> None:
    """Holding a phone to the right ear."""
    up = pulse(t.cycle(0.25, 0.5), t.draw(0.15, 0.25), t.draw(0.2, 0.4), t.draw(0.15, 0.25))
    t.arm("right", flex=t.draw(30, 60) * up, out=t.draw(10, 40) * up, elbow=t.draw(120, 145) * up)
    t.bend("neck", side=t.draw(0, 15) * up)


def pointing(t: Take) -> None:
    """Pointing forward with the right arm."""
    up = pulse(t.cycle(0.25, 0.5), t.draw(0.15, 0.25), t.draw(0.2, 0.4), t.draw(0.15, 0.25))
    t.arm("right", flex=t.draw(60, 100) * up, out=t.draw(0, 25) * up, elbow=t.draw(0, 30) * up)


def reaching(t: Take) -> None:
    """Reaching upward with the right arm."""
    up = pulse(t.cycle(0.25, 0.5), t.draw(0.15, 0.25), t.draw(0.2, 0.4), t.draw(0.15, 0.25))
    t.arm("right", flex=t.draw(95, 160) * up, out=t.draw(0, 30) * up, elbow=t.draw(0, 40) * up)


NEW = {move.__name__: move for move in (saluting, phoning, pointing, reaching)}


def clips(split: str, layout: str, classes: list[str], count: int, seed: int) -> SyntheticClips:
    """Clips that are prepared as in training, or for a test."""
    options = {"classes": classes, "clips_per_class": count, "noise": 0.02, "seed": seed}
    data = SyntheticClips(split, layout, **options)
    data.transform = data.preparation(split == "train", "joint", FRAMES, "ctrgcn")
    return data


def main() -> None:
    """Trains and prints the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--layout", default="kinect20")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--clips", type=int, default=10)
    parser.add_argument("--rates", type=float, nargs="+", default=[0.1, 0.2])
    parser.add_argument("--out", type=Path, default=None)
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", module=r"lightning\..*")
    old, new, task = list(MOVEMENTS), list(NEW), TASKS["recognition"]
    MOVEMENTS.update(NEW)
    WITH_ARMS.update(NEW)
    many, (long, short) = (2, (1, 1)) if args.quick else (50, (20, 50))  # clips and epochs

    def fit(data: SyntheticClips, out: Path, epochs: int, seed: int, **options: Any) -> Any:
        settings = {"milestones": (), "num_frames": FRAMES, "repeat": 1, "epochs": epochs}
        settings |= {key: options.pop(key) for key in ("lr", "batch_size")}
        recipe = task.plan("embedded", "ctr_gcn", **settings)[1].replace(schedule="cosine")
        run = Run(task.name, {"name": "embedded"}, "ctr_gcn", None, recipe, NETWORK, seed)
        run, hardware = replace(run, **options), Hardware(accelerator="cpu")
        return train(run, data, None, out, resume=True, hardware=hardware, quiet=True)

    def top1(
        model: Any, split: str, layout: str, classes: list[str], count: int, seed: int
    ) -> float:
        data = clips(split, layout, classes, 2 if args.quick else count, seed)
        return float(task.evaluate(model, data)["top1"])

    table: dict[str, list[float]] = {"from scratch": [], "fine-tuned": []}
    with tempfile.TemporaryDirectory() as folder:
        out = args.out or Path(folder)
        for seed in args.seeds:
            sources = {}
            for lr, batch_size in SOURCES:
                path = out / f"source-{seed}-{lr}"
                data = clips("train", "ntu25", old, many, seed)
                model = fit(data, path, long, seed, lr=lr, batch_size=batch_size)
                accuracy = top1(model, "test", "ntu25", old, 20, seed)
                sources[f"source {lr}"] = str(path)
                print(f"seed {seed}, source {lr}: {accuracy:.3f} on the twelve", flush=True)
            few = clips("train", args.layout, new, args.clips, seed + 100)
            for kind, starts in (("from scratch", {"scratch": None}), ("fine-tuned", sources)):
                found = []
                for (name, start), lr in product(starts.items(), args.rates):
                    path = out / f"{name.replace(' ', '-')}-{lr}-on-{seed}"
                    model = fit(few, path, short, seed, lr=lr, batch_size=8, pretrained=start)
                    validation = top1(model, "val", args.layout, new, 25, seed + 100)
                    test = top1(model, "test", args.layout, new, 50, seed + 100)
                    found.append((validation, test))
                    line = f"validation {validation:.3f}, test {test:.3f}"
                    print(f"seed {seed}, {name}, rate {lr}: {line}", flush=True)
                table[kind].append(100 * max(found, key=itemgetter(0))[1])
    for kind, values in table.items():
        spread = stdev(values) if len(values) > 1 else 0.0
        columns = " | ".join(f"{value:.1f}" for value in values)
        print(f"| {kind} | {columns} | {mean(values):.1f} ± {spread:.1f} |")


if __name__ == "__main__":
    main()
