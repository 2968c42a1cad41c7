"""The end of a training run."""

from typing import Any

from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback


class StopAfter(Callback):
    """Ends a run after a number of steps, in the middle of an epoch if need be.

    Lightning's own :obj:`max_steps` does so, too, but then resumes a run at the wrong batch (2.6).

    Args:
        max_steps (int): The number of steps.
    """

    def __init__(self, max_steps: int) -> None:
        self.max_steps = max_steps

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Does nothing more where a finished run is resumed."""
        self._stop(trainer)

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, *args: Any) -> None:
        """Counts."""
        self._stop(trainer)

    def _stop(self, trainer: Trainer) -> None:
        if trainer.global_step >= self.max_steps:
            trainer.should_stop = True
