"""Callbacks that keep runs repeatable."""

from typing import Any

import torch
import torch.utils.deterministic
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback

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
