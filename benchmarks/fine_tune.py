"""Fine-tuning against training from scratch, on the embedded people.

    OMP_NUM_THREADS=1 python benchmarks/fine_tune.py [--layout kinect20] [--seeds 0 1 2] [--quick]

A small CTR-GCN learns the twelve embedded movements on the layout ntu25. Then it is trained for
four new movements of one arm, defined below, on another layout, with ten clips of each: from
scratch, from the trained network, and from it with a frozen backbone. All runs have the same
recipe, clips and steps. People and clips of the test, 50 for each movement, are new. The table
holds the top-1 accuracy in percent, its mean over the seeds and the standard deviation.
"""

import argparse
import logging
import tempfile
import warnings
from dataclasses import replace
from pathlib import Path

import torch

from pyg_skeleton.datasets import SyntheticClips
from pyg_skeleton.datasets.actor import MOVEMENTS
from pyg_skeleton.datasets.actor.manner import WITH_ARMS
from pyg_skeleton.datasets.actor.take import Take, pulse
from pyg_skeleton.training import TASKS, Hardware, Run, train

NETWORK = {"channels": (16, 32), "strides": (1, 2)}
FRAMES = 26


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
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", module=r"lightning\..*")
    old, task = list(MOVEMENTS), TASKS["recognition"]
    MOVEMENTS.update(NEW)
    WITH_ARMS.update(NEW)
    many, lengths = (2, (1, 1)) if args.quick else (50, (20, 50))  # clips and epochs
    recipes = [
        task.plan("embedded", "ctr_gcn", epochs=epochs, milestones=(), num_frames=FRAMES, repeat=1)[
            1
        ]
        for epochs in lengths
    ]
    recipes = [recipe.replace(schedule="cosine") for recipe in recipes]
    scores: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for seed in args.seeds:
            source, tuned = Path(folder, f"source{seed}"), list(NEW)
            run = Run(task.name, {"name": "embedded"}, "ctr_gcn", None, recipes[0], NETWORK, seed)
            options = {"hardware": Hardware(accelerator="cpu"), "quiet": True}
            twelve = train(run, clips("train", "ntu25", old, many, seed), None, source, **options)
            few = clips("train", args.layout, tuned, args.clips, seed + 100)
            test = clips("test", args.layout, tuned, 2 if args.quick else 50, seed + 100)
            held_out = clips("test", "ntu25", old, 2 if args.quick else 20, seed)
            run = replace(run, recipe=recipes[1])
            kinds = {
                "from scratch": run,
                "fine-tuned": replace(run, pretrained=str(source)),
                "fine-tuned, frozen backbone": replace(
                    run, pretrained=str(source), freeze=("backbone",)
                ),
            }
            results = {"the twelve movements": task.evaluate(twelve, held_out)["top1"]}
            for number, (kind, settings) in enumerate(kinds.items()):
                out = Path(folder, f"{seed}-{number}")
                results[kind] = task.evaluate(train(settings, few, None, out, **options), test)[
                    "top1"
                ]
            for kind, value in results.items():
                scores.setdefault(kind, []).append(float(value))
            print(f"seed {seed}: {results}", flush=True)
    for kind, values in scores.items():
        mean, spread = torch.tensor(values).mean(), torch.tensor(values).std()
        print(f"| {kind} | {100 * mean:.1f} ± {100 * spread:.1f} |")


if __name__ == "__main__":
    main()
