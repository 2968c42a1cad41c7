"""A training run of seconds, for the tests of this folder: as a module, or as a program of its own.

`python tiny_run.py OUT` trains into the folder OUT with two processes, each of which leaves what it
ended with in `OUT/rank0.pt`, `OUT/rank1.pt`. `python tiny_run.py OUT --kill` begins two runs in
`OUT/step` and `OUT/write`; the first ends with SIGKILL in a step, the second while it writes a
checkpoint.
"""

import argparse
import logging
import math
import os
import shutil
import signal
import warnings
from pathlib import Path

import torch
from lightning.pytorch.callbacks import Callback
from torch_geometric.data import Dataset

from pyg_skeleton.nn.models import SymGNN
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.training import SymGNNModule, SymGNNRecipe, create_motion_data, create_trainer

STICK = Skeleton(
    "stick5",
    ("pelvis", "neck", "head", "left_hand", "right_hand"),
    bones=((1, 0), (2, 1), (3, 1), (4, 1)),
    root=0,
    parts={"trunk": (0, 1, 2), "left_arm": (3,), "right_arm": (4,)},
)


class Swinging(Dataset):
    """Sticks that swing at three speeds; no two clips are the same."""

    fps = 25.0
    classes = ("slow", "medium", "fast")
    num_classes = 3

    def __init__(self, num_clips=12, num_observed=8, num_future=4, persons=1, labels=True):
        self.skeleton, self.num_clips, self.persons = STICK, num_clips, persons
        self.num_observed, self.num_future, self.labels = num_observed, num_future, labels
        super().__init__()
        frames = torch.cat([self.motion(i) for i in range(num_clips)], dim=2)  # [M, V, T, 3]
        self.statistics = (frames.mean((0, 2)), frames.std((0, 2)))

    def motion(self, idx):
        total = self.num_observed + self.num_future
        size = torch.linspace(0.2, 1.0, 5 * 3).view(5, 1, 3)
        phase = torch.arange(self.persons).view(-1, 1, 1, 1) + 0.7 * idx + size
        time = torch.arange(total).view(1, 1, total, 1) / 25
        return size * torch.sin(phase + 2 * math.pi * (1 + idx % 3) * time)

    def len(self):
        return self.num_clips

    def get(self, idx):
        motion = self.motion(idx)
        target = motion[:, :, self.num_observed :] if self.num_future else None
        y = idx % 3 if self.labels else None
        return STICK.to_data(motion[:, :, : self.num_observed], y=y, target=target)


def tiny_model(skeleton=STICK, seed=0, **changes):
    torch.manual_seed(seed)
    options = {
        "num_classes": 3,
        "num_future": 4,
        "blocks": ((4, 4), (4, 8, 2, 3, True), (16, 8, 1, 3)),
        "agim_channels": 4,
        "agim_frames": 4,
        "hidden_channels": 8,
        "order": 2,
        "num_iterations": 1,
        "dropout": 0.2,
    }
    return SymGNN(skeleton, **(options | changes))


def tiny_recipe(**changes):
    options = {"max_steps": 8, "batch_size": 4, "lr": 0.01, "schedule": "cosine"}
    return SymGNNRecipe(**(options | {"num_observed": 8, "gradient_clip": 1.0} | changes))


def tiny_fit(
    out, resume=False, callbacks=(), model=None, recipe=None, seed=0, compile=False, **hardware
):
    """Trains; returns the trainer and the module."""
    train = Swinging()
    model = tiny_model() if model is None else model
    if model.skeleton == STICK:
        model.set_normalization(*train.statistics)
    recipe = tiny_recipe() if recipe is None else recipe
    data = create_motion_data(train, Swinging(5), recipe.batch_size, steps_per_epoch=3, seed=seed)
    hardware = {"accelerator": "cpu", "devices": 1, "check_val_every_n_epoch": 2} | hardware
    trainer = create_trainer(out, recipe.max_steps, resume, **hardware)
    trainer.callbacks.extend(callbacks)
    module = SymGNNModule(model, recipe, seed, compile)
    trainer.fit(module, data, ckpt_path=Path(out) / "last.ckpt" if resume else None)
    return trainer, module


class KillAt(Callback):
    """Ends the process in the middle of a step."""

    def __init__(self, step):
        self.step = step

    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
        if trainer.global_step == self.step:
            os.kill(os.getpid(), signal.SIGKILL)


class KillInWrite(Callback):
    """Ends the process when half of a checkpoint is on the disk."""

    def __init__(self, step):
        self.step = step

    def on_train_epoch_end(self, trainer, pl_module):
        if trainer.global_step < self.step:
            return

        def write_half(source, file, length=0):
            content = source.read()
            file.write(content[: len(content) // 2])
            file.flush()
            os.kill(os.getpid(), signal.SIGKILL)

        shutil.copyfileobj = write_half


class Record(Callback):
    """Keeps what each step used and what was left at the end."""

    def __init__(self, out):
        self.out, self.batches, self.weights = Path(out), [], []

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        self.batches.append((batch.x.clone(), batch.target.clone(), batch.y.clone()))
        self.weights.append(float(trainer.callback_metrics["lambda"]))

    def on_train_end(self, trainer, pl_module):
        content = {
            "state": pl_module.model.state_dict(),
            "batches": self.batches,
            "lambda": self.weights,
        }
        torch.save(content, self.out / f"rank{trainer.global_rank}.pt")


def killed(out, callback):
    """Runs in a process of its own until the callback ends it; returns the signal."""
    # Forked before anything has been computed, so that there are no threads yet.
    child = os.fork()
    if child == 0:
        tiny_fit(out, callbacks=[callback])
        os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--kill", action="store_true")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    if args.kill:
        print(killed(args.out / "step", KillAt(5)), killed(args.out / "write", KillInWrite(6)))
        return
    args.out.mkdir(parents=True, exist_ok=True)
    tiny_fit(args.out, callbacks=[Record(args.out)], model=tiny_model(dropout=0.0), devices=2)


if __name__ == "__main__":
    main()
