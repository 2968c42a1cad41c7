"""The trainer of the examples."""

from pathlib import Path
from typing import Any

from lightning import Trainer
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.loggers import TensorBoardLogger

from pyg_skeleton.training.trainer.deterministic_on_cpu import DeterministicOnCPU
from pyg_skeleton.training.trainer.metrics_table import MetricsTable
from pyg_skeleton.training.trainer.safe_checkpoint_io import SafeCheckpointIO
from pyg_skeleton.training.trainer.step_progress_bar import StepProgressBar
from pyg_skeleton.training.trainer.stop_after import StopAfter


def create_trainer(out: Path, max_steps: int, resume: bool = False, **kwargs: Any) -> Trainer:
    """Creates a trainer with one progress bar, a checkpoint :obj:`last.ckpt` after each epoch,
    :obj:`metrics.csv`, and events for TensorBoard.

    On the CPU a run that is resumed repeats, bit for bit and with any number of threads, what one
    that was never stopped does with as many; see :class:`DeterministicOnCPU`. Held-out clips are
    measured after every fifth epoch. Samplers are left as they are;
    :class:`MotionDataModule` brings its own.

    Args:
        out (Path): The folder for all of that.
        max_steps (int): The number of steps.
        resume (bool, optional): Whether to continue the tables in :obj:`out`.
            (default: :obj:`False`)
        **kwargs (optional): Further arguments of :class:`~lightning.pytorch.Trainer`.

    Raises:
        ValueError: If such an argument is of the wrong type.
    """
    out = Path(out)
    options: dict[str, Any] = {
        "log_every_n_steps": min(20, max(1, max_steps // 10)),
        "check_val_every_n_epoch": 5,
        "num_sanity_val_steps": 0,
        "enable_model_summary": False,
        "use_distributed_sampler": False,
        "logger": [
            MetricsTable(out / "metrics.csv", resume),
            TensorBoardLogger(out, "", "", default_hp_metric=False),
        ],
        "callbacks": [
            DeterministicOnCPU(),
            StopAfter(max_steps),
            StepProgressBar(max_steps),
            ModelCheckpoint(
                out, filename="last", enable_version_counter=False, save_on_train_epoch_end=True
            ),
        ],
        "plugins": [SafeCheckpointIO()],
    }
    try:
        return Trainer(max_epochs=-1, min_epochs=0, **(options | kwargs))
    except TypeError as error:
        given = ", ".join(f"{name}={value!r}" for name, value in kwargs.items())
        raise ValueError(f"no trainer with {given}: {error}") from error
