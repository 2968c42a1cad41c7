"""Fine-tuning against training from scratch, on the embedded people.

    OMP_NUM_THREADS=1 python benchmarks/fine_tune.py [--layout kinect20] [--seeds 0 1 2] [--quick]

The recognizer that comes along, a CTR-GCN, knows the twelve embedded movements on the layout
shared15. It is trained for four new movements of one arm, defined below, on another layout, with
ten clips of each; and so is the same network from scratch, with the same recipe, clips and steps.
For each seed and both of them, the learning rate is the one with the best accuracy on validation
clips, 25 for each movement. People and clips of the test, 50 for each movement, are in neither. The
table holds the top-1 accuracy in percent, its mean over the seeds and the standard deviation. With
--out, finished runs are kept and not repeated.
"""

import argparse
import logging
import tempfile
import warnings
from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from pyg_skeleton.datasets import SyntheticClips
from pyg_skeleton.datasets.actor import MOVEMENTS
from pyg_skeleton.datasets.actor.manner import WITH_ARMS
from pyg_skeleton.datasets.actor.take import Take, pulse
from pyg_skeleton.nn.models import weights_card
from pyg_skeleton.training import TASKS, Hardware, Run, train

#: As of the recognizer.
NETWORK = {"channels": (32, 64, 64, 128), "strides": (1, 2, 1, 2)}
FRAMES = 32


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
    data = SyntheticClips(split, layout, align=True, **options)
    data.transform = data.preparation(split == "train", "joint", FRAMES, "ctrgcn")
    return data


def main() -> None:
    """Trains and prints the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--layout", default="kinect20")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--clips", type=int, default=10)
    parser.add_argument("--rates", type=float, nargs="+", default=[0.02, 0.1])
    parser.add_argument("--out", type=Path, default=None)
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", module=r"lightning\..*")
    new, task, epochs = list(NEW), TASKS["recognition"], 1 if args.quick else 50
    MOVEMENTS.update(NEW)
    WITH_ARMS.update(NEW)

    def fit(data: SyntheticClips, out: Path, lr: float, seed: int, start: str | None) -> Any:
        settings = {"milestones": (), "num_frames": FRAMES, "repeat": 1, "epochs": epochs}
        plan = task.plan("embedded", "ctr_gcn", lr=lr, batch_size=8, **settings)
        recipe = plan[1].replace(schedule="cosine")
        run = Run(task.name, {"name": "embedded"}, "ctr_gcn", None, recipe, NETWORK, seed)
        run, hardware = replace(run, pretrained=start), Hardware(accelerator="cpu")
        return train(run, data, None, out, resume=True, hardware=hardware, quiet=True)

    def top1(model: Any, split: str, count: int, seed: int) -> float:
        data = clips(split, args.layout, new, 2 if args.quick else count, seed)
        return float(task.evaluate(model, data)["top1"])

    starts = {"from scratch": None, "fine-tuned": str(weights_card("recognizer").path)}
    table: dict[str, list[float]] = {kind: [] for kind in starts}
    with tempfile.TemporaryDirectory() as folder:
        out = args.out or Path(folder)
        for seed in args.seeds:
            few = clips("train", args.layout, new, args.clips, seed)
            for kind, start in starts.items():
                found = []
                for lr in args.rates:
                    model = fit(few, out / f"{kind.replace(' ', '-')}-{lr}-{seed}", lr, seed, start)
                    found.append((top1(model, "val", 25, seed), top1(model, "test", 50, seed)))
                    line = "validation {:.3f}, test {:.3f}".format(*found[-1])
                    print(f"seed {seed}, {kind}, rate {lr}: {line}", flush=True)
                table[kind].append(100 * max(found, key=itemgetter(0))[1])
    for kind, values in table.items():
        spread = stdev(values) if len(values) > 1 else 0.0
        columns = " | ".join(f"{value:.1f}" for value in values)
        print(f"| {kind} | {columns} | {mean(values):.1f} ± {spread:.1f} |")


if __name__ == "__main__":
    main()
