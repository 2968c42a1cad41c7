"""``pyg-skeleton train``: trains a network, measures it and draws what it learned."""

import logging
import platform
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch.callbacks import Callback

from pyg_skeleton.cli.errors import Stopped, UsageError, did_you_mean
from pyg_skeleton.cli.options import Settings, read_settings
from pyg_skeleton.cli.reports.report import Report, finish
from pyg_skeleton.cli.tasks import TASKS, TaskCommand
from pyg_skeleton.training import Hardware, Interrupted, Run
from pyg_skeleton.training import train as train_network
from pyg_skeleton.training.checks import check_classes
from pyg_skeleton.training.train import claim_folder


def read(argv: Sequence[str]) -> Callable[[], Any]:
    """Reads a command line; returns what to call."""
    task, words = find_task(argv, "pyg-skeleton train")
    settings = read_settings(task, words, f"pyg-skeleton train {task.name}")
    run = task.create_run(settings)
    if settings.print_config:
        return partial(print, settings.config())
    again = [word for word in words if word not in ("--resume", "--overwrite")]
    line = shlex.join(["pyg-skeleton", "train", task.name, *again, "--resume"])
    return partial(train, settings, run, settings.out, resume_line=line)


def find_task(argv: Sequence[str], prog: str) -> tuple[TaskCommand, list[str]]:
    """The task that a command line starts with, and the other words."""
    names = ", ".join(TASKS)
    if not argv or argv[0] in ("-h", "--help"):
        if not argv:
            raise UsageError(f"expected a task: {names}; see {prog} --help")
        print(f"usage: {prog} TASK [OPTIONS]\n\nTASK is one of {names}; each has its own --help.")
        sys.exit()
    if argv[0] not in TASKS:
        raise UsageError(f"unknown task {argv[0]!r}; {did_you_mean(argv[0], TASKS)}")
    return TASKS[argv[0]], list(argv[1:])


def train(
    settings: Settings,
    run: Run,
    out: Path,
    resume_line: str = "",
    stage1: Path | None = None,
    label: str = "",
) -> Report | None:
    """Trains a network, measures it, writes and prints the results, and draws them last.

    Args:
        settings (Settings): The options.
        run (Run): What they describe.
        out (Path): The folder of the run.
        resume_line (str, optional): The command line that continues the run.
            (default: :obj:`""`)
        stage1 (Path, optional): The folder of a first stage that several runs share.
            (default: :obj:`None`)
        label (str, optional): The name of the run in a table. (default: :obj:`""`)

    Returns:
        The measurements; :obj:`None` in all processes but the first.
    """
    task, quiet = settings.task, settings.quiet
    for name in ("lightning.pytorch", "lightning.fabric"):  # advice about loggers and devices
        logging.getLogger(name).setLevel(logging.WARNING)
    if not settings.resume and not settings.overwrite:
        claim_folder(out, run)  # before any data are read
    roots = settings.group("roots")
    train_set, val_set = task.open_training(run, roots)
    test = task.open_test(run, roots, train_set)
    known, found = (getattr(data, "classes", None) for data in (train_set, test))
    check_classes(known, found, "the training data")
    hardware = Hardware(**settings.group("hardware"))
    start = time.monotonic()
    try:
        model = train_network(
            run,
            train_set,
            val_set,
            out,
            resume=settings.resume,
            overwrite=settings.overwrite,
            hardware=hardware,
            stage1=stage1,
            callbacks=[] if quiet else [Announcement(settings, label)],
            quiet=quiet,
        )
    except Interrupted as stop:
        hint = f"continue with: {resume_line}" if stop.resumable else "there is no checkpoint yet"
        raise Stopped(f"interrupted at step {stop.step}; {hint}", stop.signal) from None
    if model is None:
        return None
    hours = (time.monotonic() - start) / 3600
    report = task.measure(run, model, test, out, settings.group("evaluation"))
    report.training = {"hours": hours, **machine()}
    finish(report, out, "results.json", quiet, run)
    return report


class Announcement(Callback):
    """Prints what is trained when training starts, and an estimate of the time soon after.

    Args:
        settings (Settings): The options.
        label (str, optional): The name of the run in a table. (default: :obj:`""`)
    """

    #: The number of steps that the estimate is based on, after one that warms up.
    STEPS = 3

    def __init__(self, settings: Settings, label: str = "") -> None:
        self.settings, self.label = settings, label
        self.start, self.first_step = 0.0, 0

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """Network, parameters, recipe, samples and steps."""
        self.first_step = trainer.global_step
        self.steps = total_steps(trainer) - self.first_step
        settings, recipe = self.settings, pl_module.recipe
        data, network = trainer.datamodule, pl_module.network
        parameters = sum(p.numel() for p in network.parameters())
        held_out = "" if data.val is None else f", {len(data.val):,} held out"
        length = f"{recipe.epochs} epochs" if recipe.epochs else f"{recipe.max_steps:,} steps"
        lines = [
            f"{settings.model} ({settings.preset}), {parameters:,} parameters",
            f"{settings.data}: {len(data.train):,} samples{held_out}",
            f"recipe {settings.recipe}: {length}, batches of {recipe.batch_size}, "
            f"learning rate {recipe.lr:g}; {self.steps:,} steps to go",
        ]
        if self.label:
            lines[0] = f"{self.label}: {lines[0]}"
        if settings.from_ is not None and self.first_step == 0:
            report = network.transfer or "all weights taken from the file"
            lines += [f"from {settings.from_}:", *(f"  {line}" for line in str(report).split("\n"))]
        if network.frozen:
            learns = sum(p.numel() for p in network.parameters() if p.requires_grad)
            lines.append(f"frozen: {', '.join(network.frozen)}; {learns:,} parameters learn")
        self._print(trainer, "\n".join(lines))

    def on_train_batch_end(self, trainer: Any, *args: Any, **kwargs: Any) -> None:
        """An estimate of the time."""
        if (args[-1] + 1) % trainer.accumulate_grad_batches:
            return
        done = trainer.global_step - self.first_step
        if done == 1:
            self.start = time.monotonic()
        elif done == 1 + self.STEPS:
            seconds = (time.monotonic() - self.start) / self.STEPS
            self._print(trainer, f"about {duration(seconds * self.steps)}")

    def _print(self, trainer: Any, text: str) -> None:
        if trainer.is_global_zero:
            bar = trainer.progress_bar_callback
            (print if bar is None else bar.print)(text)


def machine() -> dict[str, Any]:
    """The peak memory of this process and of its accelerator so far, and what it ran on."""
    found: dict[str, Any] = {"device": platform.processor() or platform.machine()}
    try:
        import resource
    except ImportError:  # Windows
        pass
    else:
        unit = 1 if sys.platform == "darwin" else 1024
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
        found["memory (GiB)"] = peak / 2**30
    if torch.cuda.is_available() and torch.cuda.max_memory_allocated():
        found["device"] = torch.cuda.get_device_name()
        found["device memory (GiB)"] = torch.cuda.max_memory_allocated() / 2**30
    return {**found, "threads": torch.get_num_threads()}


def total_steps(trainer: Any) -> int:
    """The number of steps of a training run."""
    from pyg_skeleton.training import StopAfter

    return next(c.max_steps for c in trainer.callbacks if isinstance(c, StopAfter))


def duration(seconds: float) -> str:
    """A time span in a unit that fits."""
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} seconds" if seconds >= 1.5 else "1 second"
