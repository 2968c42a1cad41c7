"""The end of a run that a cluster asks for."""

import os
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

from lightning import LightningModule, Trainer
from lightning.fabric.plugins.environments.slurm import SLURMEnvironment
from lightning.pytorch.callbacks import Callback


class StopOnSignal(Callback):
    """Ends a run after SIGTERM: the step is finished, a checkpoint is written, and Lightning's
    :class:`SIGTERMException` is raised. The run can be resumed at the next step.

    Under SLURM the signal of Lightning's :class:`SLURMEnvironment`, SIGUSR1 by default, does the
    same and also requeues the job, unless the environment has :obj:`auto_requeue=False`. The
    handler of Lightning itself would write its checkpoint in the middle of a step.

    Args:
        path (Path): The checkpoint.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        #: The signal that came, if there was one.
        self.received: int | None = None

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Waits for signals; Lightning restores their handlers after the run."""
        if threading.current_thread() is not threading.main_thread():
            return
        signals: list[Any] = [signal.SIGTERM]
        environment = _slurm(trainer)
        if environment is not None and environment.auto_requeue:
            signals.append(environment.requeue_signal)
        for number in signals:
            signal.signal(number, self._receive)

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, *args: Any) -> None:
        """Ends the run within an epoch, after a step."""
        if (args[-1] + 1) % trainer.accumulate_grad_batches:
            return
        if self._asked(trainer) and not (trainer.is_last_batch or trainer.should_stop):
            trainer.save_checkpoint(self.path)
            self._stop(trainer)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Ends the run after an epoch, whose checkpoint is always written."""
        if self._asked(trainer):
            self._stop(trainer)

    def _receive(self, number: int, frame: Any) -> None:
        self.received = number

    def _asked(self, trainer: Trainer) -> bool:
        """Whether any process has received a signal."""
        asked = self.received is not None
        return bool(trainer.strategy.reduce_boolean_decision(asked, all=False))

    def _stop(self, trainer: Trainer) -> None:
        self.received = self.received or signal.SIGTERM
        if self.received != signal.SIGTERM and trainer.is_global_zero:
            job = os.environ["SLURM_JOB_ID"]
            if "SLURM_ARRAY_JOB_ID" in os.environ:
                job = "{SLURM_ARRAY_JOB_ID}_{SLURM_ARRAY_TASK_ID}".format(**os.environ)
            subprocess.run(["scontrol", "requeue", job], check=False)  # noqa: S603, S607
        # Lightning logs the numbers of the step before it stops.
        trainer._signal_connector.received_sigterm = True


def _slurm(trainer: Trainer) -> SLURMEnvironment | None:
    environment = getattr(trainer.strategy, "cluster_environment", None)
    if isinstance(environment, SLURMEnvironment):
        return environment
    return SLURMEnvironment() if SLURMEnvironment.detect() else None
