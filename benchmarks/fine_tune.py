"""Fine-tuning against training from scratch, on the embedded people.

    OMP_NUM_THREADS=1 python benchmarks/fine_tune.py [--layout kinect20] [--seeds 0 1 2] [--quick]

A small CTR-GCN learns the twelve embedded movements on the layout ntu25. Then it is trained for
four new movements of one arm, defined below, on another layout, with ten clips of each: from
scratch, from the trained network, and from it with a frozen backbone. These runs have the same
recipe, clips and steps; for each kind, the learning rate is the one with the best mean accuracy
over the seeds on validation clips, 25 for each movement. People and clips of the test, 50 for each
movement, are in neither. The table holds the top-1 accuracy in percent, its mean over the seeds and
the standard deviation. With --out, finished runs are kept and not repeated.
"""

import argparse
import logging
import tempfile
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

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
    parser.add_argument("--rates", type=float, nargs="+", default=[0.1, 0.2, 0.4])
    parser.add_argument("--out", type=Path, default=None)
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", module=r"lightning\..*")
    old, new, task = list(MOVEMENTS), list(NEW), TASKS["recognition"]
    MOVEMENTS.update(NEW)
    WITH_ARMS.update(NEW)
    many, lengths = (2, (1, 1)) if args.quick else (50, (20, 50))  # clips and epochs
    plan = {"milestones": (), "num_frames": FRAMES, "repeat": 1}
    recipes = [
        task.plan("embedded", "ctr_gcn", epochs=epochs, **plan)[1].replace(
            schedule="cosine", batch_size=8, lr=0.2
        )
        for epochs in lengths
    ]
    # The accuracy on the clips of validation and test, for each seed.
    scores: dict[tuple[str, float], list[tuple[float, float]]] = {}

    def fit(run: Run, data: SyntheticClips, out: Path) -> Any:
        hardware = Hardware(accelerator="cpu")
        return train(run, data, None, out, resume=True, hardware=hardware, quiet=True)

    def top1(model: Any, split: str, layout: str, classes: list[str], count: int) -> float:
        data = clips(split, layout, classes, 2 if args.quick else count, seed)
        return float(task.evaluate(model, data)["top1"])

    with tempfile.TemporaryDirectory() as folder:
        out = args.out or Path(folder)
        for seed in args.seeds:
            source = out / f"source-{seed}"
            run = Run(task.name, {"name": "embedded"}, "ctr_gcn", None, recipes[0], NETWORK, seed)
            model = fit(run, clips("train", "ntu25", old, many, seed), source)
            print(f"seed {seed}: source {top1(model, 'test', 'ntu25', old, 20):.3f}", flush=True)
            seed += 100
            few = clips("train", args.layout, new, args.clips, seed)
            for rate in args.rates:
                run = replace(run, recipe=recipes[1].replace(lr=rate))
                kinds = {
                    "from scratch": run,
                    "fine-tuned": replace(run, pretrained=str(source)),
                    "frozen backbone": replace(run, pretrained=str(source), freeze=("backbone",)),
                }
                for kind, settings in kinds.items():
                    model = fit(settings, few, out / f"{kind}-{rate}-{seed}".replace(" ", "-"))
                    pair = (
                        top1(model, "val", args.layout, new, 25),
                        top1(model, "test", args.layout, new, 50),
                    )
                    scores.setdefault((kind, rate), []).append(pair)
                    print(f"  {kind}, rate {rate}: validation %.3f, test %.3f" % pair, flush=True)
    means = {key: torch.tensor(pairs).mean(0)[0] for key, pairs in scores.items()}
    for kind in dict.fromkeys(kind for kind, _ in scores):
        rate = max(args.rates, key=lambda rate: means[kind, rate])
        test = 100 * torch.tensor(scores[kind, rate])[:, 1]
        values = " | ".join(f"{value:.1f}" for value in test)
        print(f"| {kind}, rate {rate} | {values} | {test.mean():.1f} ± {test.std():.1f} |")


if __name__ == "__main__":
    main()
