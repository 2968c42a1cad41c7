"""A training run of seconds for each task, for the tests of this folder: as a module, or as a
program of its own.

`python small_runs.py NAME ... --out OUT` trains into the folders OUT/NAME. With `--devices N` it
does so in N processes, whose batches together are as large as that of one; each leaves its final
weights in `rank0.pt`, `rank1.pt` and so on. `--random` switches on all that is drawn at random;
with `--stop STEP` the last process gets SIGTERM in that step, and the run is resumed. `--workers`,
`--start` and `--threads` say how many processes prepare samples, how they start, and the number of
threads; `--double` trains in 64-bit numbers, and with `--accumulate N` a step has N batches.
"""

import argparse
import logging
import os
import signal
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import torch
from lightning.pytorch.callbacks import Callback

from pyg_skeleton.datasets import ClipDataset, RenderedPoses, SyntheticLifting, SyntheticMotion
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.training import TASKS, Hardware, Interrupted, Run, load_task, train
from pyg_skeleton.transforms import RandomRotation

#: The samples of a step, over all processes.
BATCH = 8


def plan(task, model, data, network, options=None, seed=0, **changes):
    preset, recipe = TASKS[task].plan(data, model, batch_size=BATCH, **changes)
    return Run(task, {"name": data}, model, preset, recipe, network, seed, options or {})


def clips(random, num_clips=32):
    skeleton = Skeleton.get("kinect20")
    generator = torch.Generator().manual_seed(0)
    motions = torch.randn(num_clips, 2, 20, 12, 3, generator=generator).cumsum(3) / 4
    motions[::3, 1] = 0  # a single person
    labels = [i % 2 for i in range(num_clips)]
    motions[torch.tensor(labels) == 1, :, 3:9] += 1
    data = ClipDataset(
        [m if m[1].any() else m[:1] for m in motions],
        labels,
        [f"clip {i}" for i in range(num_clips)],
        skeleton,
        ["one", "two"],
    )
    data.transform = RandomRotation(30) if random else None
    return data


def recognition(random, model="ctr_gcn", options=None, **changes):
    network = {"channels": (8, 8), "strides": (1, 2), "dropout": 0.2 if random else 0.0}
    if model == "ctr_gcn":
        network = {"channels": (8, 8), "strides": (1, 2)}
    if model == "info_gcn":
        network = {"channels": (16, 16), "strides": (1, 2), "num_heads": 2}
    lengths = {"epochs": 3, "repeat": 1, "num_frames": 12, "milestones": (), "lr": 0.02}
    run = plan("recognition", model, "nw-ucla", network, options, **lengths | changes)
    return run, clips(random), clips(False, 7)


def contrast(random):
    gcl = {"channels": 8, "num_positives": 2, "num_hard": 4, "negatives": "hard", "per_class": 8}
    gcl |= {"negatives": "both", "num_random": 4} if random else {}
    return recognition(random, options={"gcl": "paper", "contrast": gcl})


def motion(random):
    sizes = {"num_observed": 10, "num_future": 3, "clips_per_class": 12}
    data = SyntheticMotion("ntu25", classes=["walking", "waving"], **sizes)
    network = {"blocks": ((4, 4), (4, 8)), "agim_channels": 4, "hidden_channels": 4}
    network["dropout"] = 0.2 if random else 0.0
    run = plan("motion", "sym_gnn", "ntu", network, max_steps=9, steps_per_epoch=3, num_observed=10)
    return run, data, None


def lifting(random):
    sizes = {"clips_per_class": 1, "clip_length": 12, "num_subjects": 3, "num_cameras": 1}
    data = SyntheticLifting("train", "h36m16", classes=["walking", "kicking"], **sizes)
    run = plan("lifting", "sem_gcn", "embedded", {"hidden_channels": 8, "num_blocks": 1})
    run = replace(run, recipe=run.recipe.replace(epochs=3, flip=random, steps_per_epoch=4))
    return run, data, None


def images(random):
    sizes = {"clips_per_class": 1, "clip_length": 8, "num_subjects": 3, "num_cameras": 1}
    poses = SyntheticLifting("train", "h36m16", classes=["walking", "kicking"], **sizes)
    data = RenderedPoses(poses.sequences, poses.skeleton, image_size=32)
    run = plan("image-lifting", "sem_gcn", "rendered", {}, max_steps=9, steps_per_epoch=3)
    return run, data, None


def clustering(random):
    names = {"source_classes": ["walking", "waving"], "target_classes": ["running", "bowing"]}
    data = load_task("embedded", clips_per_class=9, test_clips_per_class=4, **names)
    network = {"channels": (8, 8), "strides": (2, 2), "momentum": 0.9, "num_clusters": 2}
    network["dropout"] = 0.2 if random else 0.0
    still = {"weak_shear": 0.0, "weak_crop": 10**6, "mask": 0.0, "strong": False}
    lengths = {"epochs": 4, "clustering_epoch": 2, "lr": 0.05}
    run = plan("clustering", "codt", "embedded", network, **lengths, **({} if random else still))
    return replace(run, options={"method": "codt"}), data, None


#: By name, what makes run, training samples and held-out samples.
RUNS = {
    "recognition": recognition,
    "contrast": contrast,
    "motion": motion,
    "lifting": lifting,
    "images": images,
    "clustering": clustering,
}


class Keep(Callback):
    """Keeps the weights of each process at the end."""

    def __init__(self, out):
        self.out = Path(out)

    def on_train_end(self, trainer, pl_module):
        torch.save(pl_module.model.state_dict(), self.out / f"rank{trainer.global_rank}.pt")


class Signal(Callback):
    """Sends a signal to the last process, in the middle of a step."""

    def __init__(self, step, number=signal.SIGTERM):
        self.step, self.number = step, number

    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
        last = trainer.global_rank == trainer.world_size - 1
        if trainer.global_step == self.step and last:
            os.kill(os.getpid(), self.number)


class Double(Callback):
    """Trains in 64-bit numbers."""

    def setup(self, trainer, pl_module, stage):
        move = pl_module.transfer_batch_to_device
        pl_module.double().transfer_batch_to_device = lambda *args: in_double(move(*args))

    def on_train_end(self, trainer, pl_module):
        pl_module.float()


def in_double(batch):
    """A batch, or a pair of them, in 64-bit numbers."""
    if isinstance(batch, tuple):
        return tuple(map(in_double, batch))
    return batch.apply(lambda x: x.double() if x.is_floating_point() else x)


def small_train(name, out, devices=1, workers=0, random=False, accumulate=1, **options):
    """Trains; returns the network."""
    run, train_set, val_set = RUNS[name](random)
    size = run.recipe.batch_size // (devices * accumulate)
    recipe = run.recipe.replace(batch_size=size, accumulate=accumulate)
    sync = options.pop("sync_batchnorm", True)
    hardware = Hardware("cpu", str(devices), num_workers=workers, sync_batchnorm=sync)
    options = {"hardware": hardware, "quiet": True} | options
    return train(replace(run, recipe=recipe), train_set, val_set, out, **options)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="+", choices=RUNS)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--devices", type=int, default=1)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--start", default="fork")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--random", action="store_true")
    parser.add_argument("--stop", type=int)
    parser.add_argument("--own-statistics", action="store_true")
    parser.add_argument("--double", action="store_true")
    parser.add_argument("--accumulate", type=int, default=1)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    torch.set_num_threads(args.threads)
    torch.multiprocessing.set_start_method(args.start)
    for name in args.names:
        out = args.out / name
        options = {"sync_batchnorm": not args.own_statistics, "random": args.random}
        options |= {"devices": args.devices, "workers": args.workers}
        options["accumulate"] = args.accumulate
        if args.stop is not None:
            try:
                small_train(name, out, callbacks=[Signal(args.stop)], **options)
            except Interrupted as stopped:
                sys.stdout.write(f"stopped at {stopped.step}\n")
        callbacks = [Keep(out), Double()] if args.double else [Keep(out)]
        small_train(name, out, callbacks=callbacks, resume=args.stop is not None, **options)


if __name__ == "__main__":
    main()
