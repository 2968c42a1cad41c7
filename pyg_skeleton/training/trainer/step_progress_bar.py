"""One bar for the whole training."""

import sys
from typing import Any

from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import ProgressBar
from tqdm import tqdm


class StepProgressBar(ProgressBar):
    """Shows the steps of the whole run, what is left of it, and what the network logs.

    Where nobody looks (a file, a pipe), it speaks up twice a minute.

    Args:
        max_steps (int): The number of steps.
    """

    def __init__(self, max_steps: int) -> None:
        super().__init__()
        self.max_steps = max_steps
        self._enabled = True
        self._bar: Any = None

    def disable(self) -> None:
        """Called in all processes but the first."""
        self._enabled = False

    def enable(self) -> None:
        """Undoes :meth:`disable`."""
        self._enabled = True

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Starts the bar, where a resumed run left off."""
        self._bar = tqdm(
            total=self.max_steps,
            initial=trainer.global_step,
            disable=not self._enabled,
            desc="training",
            unit="step",
            dynamic_ncols=True,
            mininterval=0.3 if sys.stderr.isatty() else 30,
        )

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, *args: Any) -> None:
        """Moves the bar."""
        metrics = {
            name: f"{value:.3f}" if isinstance(value, float) else value
            for name, value in self.get_metrics(trainer, pl_module).items()
            if name != "v_num"
        }
        self._bar.set_postfix(metrics, refresh=False)
        self._bar.update(trainer.global_step - self._bar.n)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Leaves the bar where it is."""
        self._close()

    def on_exception(
        self, trainer: Trainer, pl_module: LightningModule, exception: BaseException
    ) -> None:
        """Lets the error begin on a line of its own."""
        self._close()

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
