"""Fine-tuning against training from scratch, on movements that are new to the network.

    OMP_NUM_THREADS=1 python benchmarks/fine_tune.py [--seeds 10 11 12] [--development] [--quick]

The recognizer that comes along, a CTR-GCN, has learned the twelve embedded movements on the layout
shared15. It is fine-tuned to four new movements, defined below, on the layout kinect20, with ten
clips of each; the same network is trained from scratch on the same clips. There are two rows:
movements of one arm, and of the whole body.

Both trainings have the same steps, batches and learning rate. Fine-tuning keeps the batch
statistics of the recognizer while all weights learn, and limits the norm of the gradient. This was
found on eight other movements (--development) and the seeds 1000 to 1002, and then left alone: each
network is trained once, by one recipe, and taken as it is after its last step; nothing is chosen.
The test, 50 clips for each movement, has people who are not in training, and its seeds were not
used before. The table holds the top-1 accuracy in percent, its mean over the seeds and the standard
deviation.
"""

import argparse
import logging
import math
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import torch

from pyg_skeleton.datasets import SyntheticClips
from pyg_skeleton.datasets.actor import MOVEMENTS
from pyg_skeleton.datasets.actor.manner import WITH_ARMS
from pyg_skeleton.datasets.actor.take import SIDES, Take, bump, pulse
from pyg_skeleton.nn.models import weights_card
from pyg_skeleton.training import TASKS, Hardware, Run, train

#: The network, as the recognizer is.
NETWORK = {"channels": (32, 64, 64, 128), "strides": (1, 2, 1, 2), "num_persons": 1}
FRAMES, LAYOUT = 32, "kinect20"
EPOCHS = 80
#: Settings of both kinds of training.
COMMON = {"batch_size": 8, "milestones": (), "num_frames": FRAMES, "repeat": 1, "warmup": 4}
#: Those that only one of them has.
RECIPES: dict[str, dict[str, Any]] = {
    "from scratch": {"lr": 0.1, "epochs": EPOCHS},
    "fine-tuned": {"lr": 0.1, "epochs": EPOCHS, "gradient_clip": 1.0},
}


def _raise(t: Take) -> torch.Tensor:
    """Raises an arm, holds it for a while, and lowers it."""
    return pulse(t.cycle(0.25, 0.5), t.draw(0.15, 0.25), t.draw(0.2, 0.4), t.draw(0.15, 0.25))


# Movements of the test ################################################################


def saluting(t: Take) -> None:
    """Saluting with the right hand."""
    up = _raise(t)
    t.arm("right", flex=t.draw(35, 65) * up, out=t.draw(45, 75) * up, elbow=t.draw(110, 135) * up)


def phoning(t: Take) -> None:
    """Holding a phone to the right ear."""
    up = _raise(t)
    t.arm("right", flex=t.draw(30, 60) * up, out=t.draw(10, 40) * up, elbow=t.draw(120, 145) * up)
    t.bend("neck", side=t.draw(0, 15) * up)


def pointing(t: Take) -> None:
    """Pointing forward with the right arm."""
    up = _raise(t)
    t.arm("right", flex=t.draw(60, 100) * up, out=t.draw(0, 25) * up, elbow=t.draw(0, 30) * up)


def reaching(t: Take) -> None:
    """Reaching upward with the right arm."""
    up = _raise(t)
    t.arm("right", flex=t.draw(95, 160) * up, out=t.draw(0, 30) * up, elbow=t.draw(0, 40) * up)


def lunging(t: Take) -> None:
    """Stepping forward with the right leg, down on both knees, and back."""
    down = _raise(t) * t.amplitude.clamp(max=1.1)
    t.bend("right_hip", flex=t.draw(50, 80) * down)
    t.bend("right_knee", flex=t.draw(60, 90) * down)
    t.bend("left_hip", flex=-t.draw(5, 30) * down)
    t.bend("left_knee", flex=t.draw(30, 65) * down)
    t.bend("left_ankle", flex=-t.draw(20, 40) * down)


def hopping(t: Take) -> None:
    """Hopping on the right leg, the left one bent."""
    phase, size = t.cycle(1.2, 2.0), t.amplitude
    spring = 0.5 * (1 + torch.cos(phase))
    t.bend("left_hip", flex=t.draw(0, 50))
    t.bend("left_knee", flex=t.draw(50, 100))
    bent = t.draw(10, 30) * size * (1 - spring)
    t.bend("right_hip", flex=bent)
    t.bend("right_knee", flex=1.8 * bent)
    t.bend("right_ankle", flex=0.8 * bent)
    t.lift += t.draw(0.02, 0.1) * size * spring.square()


def marching(t: Take) -> None:
    """Marching on the spot with high knees and swinging arms."""
    phase, size = t.cycle(0.7, 1.1), t.amplitude
    high, swing = t.draw(45, 90) * size, t.draw(10, 40) * size
    for side, own in (("right", phase), ("left", phase + math.pi)):
        lifted = high * bump(own, 0.5, 0.12)
        t.bend(f"{side}_hip", flex=lifted)
        t.bend(f"{side}_knee", flex=1.1 * lifted)
        t.arm(side, flex=swing * torch.cos(own), elbow=t.draw(0, 60))


def side_stepping(t: Take) -> None:
    """Stepping to the side: one leg moves out, the other one follows."""
    phase, size = t.cycle(0.4, 0.8), t.amplitude
    wide, height = t.draw(10, 25) * size, t.draw(5, 25) * size
    for side, moment in (("right", 0.25), ("left", 0.75)):
        lifted = height * bump(phase, moment, 0.12)
        t.bend(f"{side}_hip", side=wide * 0.5 * (1 - torch.cos(phase)), flex=lifted)
        t.bend(f"{side}_knee", flex=1.9 * lifted)
        t.bend(f"{side}_ankle", flex=0.6 * lifted)


# Movements that the recipes were found on #############################################


def drinking(t: Take) -> None:
    """Drinking from a glass in the right hand."""
    up = _raise(t)
    flex, out, elbow = t.draw(35, 65), t.draw(0, 25), t.draw(105, 135)
    t.arm("right", flex * up, out * up, elbow * up, t.draw(-40, -15) * up)
    t.bend("neck", flex=t.draw(-15, 0) * up)


def hailing(t: Take) -> None:
    """Raising the right arm sideward."""
    up = _raise(t)
    t.arm("right", flex=t.draw(0, 30) * up, out=t.draw(80, 150) * up, elbow=t.draw(0, 35) * up)


def scratching(t: Take) -> None:
    """Scratching the head with the right hand."""
    up = _raise(t)
    t.arm("right", flex=t.draw(55, 100) * up, out=t.draw(25, 60) * up, elbow=t.draw(105, 140) * up)


def akimbo(t: Take) -> None:
    """Putting the right hand on the hip."""
    up = _raise(t)
    flex, out, elbow = t.draw(-15, 10), t.draw(25, 50), t.draw(70, 110)
    t.arm("right", flex * up, out * up, elbow * up, t.draw(-70, -40) * up)


def star_jumping(t: Take) -> None:
    """Jumping with arms and legs apart, and back."""
    phase = t.cycle(0.5, 0.9)
    apart = 0.5 * (1 - torch.cos(phase))
    for side in SIDES:
        t.arm(side, out=t.draw(90, 150) * t.amplitude * apart, elbow=t.draw(0, 25) * apart)
        t.bend(f"{side}_hip", side=t.draw(10, 25) * t.amplitude * apart)
    t.lift += t.draw(0.02, 0.1) * torch.sin(phase).square()


def side_bending(t: Take) -> None:
    """Bending to the left and to the right, one arm overhead."""
    sway = torch.sin(t.cycle(0.25, 0.5)) * t.amplitude
    for joint, share in (("spine", 0.5), ("chest", 0.5), ("neck", 0.2)):
        t.bend(joint, side=t.draw(15, 40) * share * sway)
    t.arm("right", out=t.draw(0, 120) * (-sway).clamp(min=0))
    t.arm("left", out=t.draw(0, 120) * sway.clamp(min=0))


def kneeling(t: Take) -> None:
    """Kneeling down on the right knee."""
    phase = t.cycle(0.2, 0.4)
    down = pulse(phase, t.draw(0.2, 0.32), t.draw(0.1, 0.3), t.draw(0.2, 0.3))
    down = down * t.amplitude.clamp(max=1.1)
    t.bend("left_hip", flex=t.draw(70, 95) * down)
    t.bend("left_knee", flex=t.draw(75, 100) * down)
    t.bend("right_hip", flex=t.draw(-10, 10) * down)
    t.bend("right_knee", flex=t.draw(75, 100) * down)
    t.bend("right_ankle", flex=-30 * down)


def leg_raising(t: Take) -> None:
    """Raising the right leg sideward."""
    phase = t.cycle(0.35, 0.7)
    up = pulse(phase, t.draw(0.2, 0.32), t.draw(0.02, 0.2), t.draw(0.2, 0.3)) * t.amplitude
    t.bend("right_hip", side=t.draw(25, 55) * up, flex=t.draw(-10, 15) * up)
    t.bend("chest", side=t.draw(0, 12) * up)
    t.arm("left", out=t.draw(0, 50) * up)


Movements = dict[str, tuple[Callable[[Take], None], ...]]
DEVELOPMENT: Movements = {
    "one arm": (drinking, hailing, scratching, akimbo),
    "whole body": (star_jumping, side_bending, kneeling, leg_raising),
}
TEST: Movements = {
    "one arm": (saluting, phoning, pointing, reaching),
    "whole body": (lunging, hopping, marching, side_stepping),
}


def clips(split: str, classes: list[str], count: int, seed: int) -> SyntheticClips:
    """Clips that are prepared as the recognizer's, for training or for a test."""
    options = {"classes": classes, "clips_per_class": count, "noise": 0.02, "seed": seed}
    data = SyntheticClips(split, LAYOUT, align=True, **options)
    data.transform = data.preparation(split == "train", "joint", FRAMES, "ctrgcn")
    return data


def main() -> None:
    """Trains and prints the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, nargs="+", default=[10, 11, 12])
    parser.add_argument("--clips", type=int, default=10)
    parser.add_argument("--development", action="store_true")
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", module=r"lightning\..*")
    task, source = TASKS["recognition"], str(weights_card("recognizer").path)
    for rows in (DEVELOPMENT, TEST):
        MOVEMENTS.update({move.__name__: move for row in rows.values() for move in row})
        WITH_ARMS.update(move.__name__ for move in rows["one arm"])

    def fit(kind: str, data: SyntheticClips, seed: int, out: Path) -> Any:
        settings = {**COMMON, **RECIPES[kind], **({"epochs": 1} if args.quick else {})}
        recipe = task.plan("embedded", "ctr_gcn", **settings)[1].replace(schedule="cosine")
        run = Run(task.name, {"name": "embedded"}, "ctr_gcn", None, recipe, NETWORK, seed)
        if kind == "fine-tuned":
            run = replace(run, network={}, pretrained=source, freeze_statistics=True)
        return train(run, data, None, out, hardware=Hardware(accelerator="cpu"), quiet=True)

    table: dict[tuple[str, str], list[float]] = {}
    for row, movements in (DEVELOPMENT if args.development else TEST).items():
        classes = [move.__name__ for move in movements]
        for seed in args.seeds:
            few = clips("train", classes, args.clips, seed)
            many = clips("test", classes, 2 if args.quick else 50, seed)
            for kind in RECIPES:
                with tempfile.TemporaryDirectory() as folder:
                    model = fit(kind, few, seed, Path(folder))
                top1 = 100 * float(task.evaluate(model, many)["top1"])
                table.setdefault((row, kind), []).append(top1)
                print(f"{row}, seed {seed}, {kind}: {top1:.1f}", flush=True)
    for (row, kind), values in table.items():
        spread = stdev(values) if len(values) > 1 else 0.0
        columns = " | ".join(f"{value:.1f}" for value in values)
        print(f"| {row} | {kind} | {columns} | {mean(values):.1f} ± {spread:.1f} |")


if __name__ == "__main__":
    main()
