"""The same numbers in each run."""

from typing import Any

import torch
import torch.utils.deterministic
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback

_debugging: Any = torch.utils.deterministic


class DeterministicOnCPU(Callback):
    """Has PyTorch use deterministic algorithms while a network is trained on the CPU.

    With two threads or more, gradients of `x[ids]` are else added up in the order in which the
    threads arrive, and two runs differ in the last bits. It costs no time. A run is reproduced by
    one with the same number of threads: sums are split among them. What was set before is set
    again afterwards.
    """

    def __init__(self) -> None:
        self._before: tuple[bool, bool, bool] | None = None

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Remembers what was set, and changes it."""
        if stage != "fit" or trainer.strategy.root_device.type != "cpu":
            return
        self._before = (
            torch.are_deterministic_algorithms_enabled(),
            torch.is_deterministic_algorithms_warn_only_enabled(),
            _debugging.fill_uninitialized_memory,
        )
        torch.use_deterministic_algorithms(True, warn_only=True)
        # A help for debugging, which writes to all new memory.
        _debugging.fill_uninitialized_memory = False

    def teardown(self, *args: Any, **kwargs: Any) -> None:
        """Sets what was set before."""
        if self._before is not None:
            enabled, warn_only, fill = self._before
            torch.use_deterministic_algorithms(enabled, warn_only=warn_only)
            _debugging.fill_uninitialized_memory = fill
            self._before = None

    def on_exception(self, *args: Any) -> None:
        """Sets what was set before."""
        self.teardown()
