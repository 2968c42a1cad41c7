"""Callbacks of all training runs: repeatable numbers, the last step, the progress bar."""

import sys
from typing import Any

import torch
import torch.utils.deterministic
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback
from tqdm import tqdm

_debugging: Any = torch.utils.deterministic


class DeterministicOnCPU(Callback):
    """Makes PyTorch use deterministic algorithms while a network is trained on the CPU.

    Otherwise, with two or more threads, the gradients of `x[ids]` are added in the order in which
    the threads arrive, and two runs differ in the last bits. It costs no time. To reproduce a run,
    the number of threads must be the same, because sums are split among them. The previous setting
    is restored afterwards.
    """

    def __init__(self) -> None:
        self._before: tuple[bool, bool, bool] | None = None

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Changes the setting."""
        if stage != "fit" or trainer.strategy.root_device.type != "cpu":
            return
        self._before = (
            torch.are_deterministic_algorithms_enabled(),
            torch.is_deterministic_algorithms_warn_only_enabled(),
            _debugging.fill_uninitialized_memory,
        )
        torch.use_deterministic_algorithms(True, warn_only=True)
        # For debugging: it would write to all new memory.
        _debugging.fill_uninitialized_memory = False

    def teardown(self, *args: Any, **kwargs: Any) -> None:
        """Restores the setting."""
        if self._before is not None:
            enabled, warn_only, fill = self._before
            torch.use_deterministic_algorithms(enabled, warn_only=warn_only)
            _debugging.fill_uninitialized_memory = fill
            self._before = None

    def on_exception(self, *args: Any) -> None:
        """Restores the setting."""
        self.teardown()


class StopAfter(Callback):
    """Ends a run after a number of steps, in the middle of an epoch if necessary.

    Lightning's own :obj:`max_steps` resumes such a run at the wrong batch (2.6).

    Args:
        max_steps (int): The number of steps.
    """

    def __init__(self, max_steps: int) -> None:
        self.max_steps = max_steps

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Ends a finished run that is resumed."""
        self._stop(trainer)

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, *args: Any) -> None:
        """Ends the run after its last step."""
        self._stop(trainer)

    def _stop(self, trainer: Trainer) -> None:
        if trainer.global_step >= self.max_steps:
            trainer.should_stop = True


class StepProgressBar(Callback):
    """Shows the steps of the whole run and the logged losses on the standard error stream.

    Lightning's own bars start again in each epoch and validation, and fill the standard output,
    also where that is a file. Without a terminal, this one writes twice a minute.

    Args:
        max_steps (int): The number of steps.
    """

    def __init__(self, max_steps: int) -> None:
        self.max_steps = max_steps
        self._bar: Any = None

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Starts the bar at the first step or, in a resumed run, at the next one."""
        self._bar = tqdm(
            total=self.max_steps,
            initial=trainer.global_step,
            disable=not trainer.is_global_zero,
            desc="training",
            unit="step",
            dynamic_ncols=True,
            mininterval=0.3 if sys.stderr.isatty() else 30,
        )

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, *args: Any) -> None:
        """Moves the bar."""
        metrics = {name: f"{value:.3f}" for name, value in trainer.progress_bar_metrics.items()}
        self._bar.set_postfix(metrics, refresh=False)
        self._bar.update(trainer.global_step - self._bar.n)

    def on_train_end(self, *args: Any) -> None:
        """Ends the bar."""
        if self._bar is not None:
            self._bar.close()

    def on_exception(self, *args: Any) -> None:
        """Ends the bar, so that the message starts on a new line."""
        self.on_train_end()
