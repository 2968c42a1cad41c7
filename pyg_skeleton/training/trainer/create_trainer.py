"""The Lightning trainer of all tasks."""

from pathlib import Path
from typing import Any

from lightning import Trainer
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.loggers import TensorBoardLogger

from pyg_skeleton.training.trainer.callbacks import DeterministicOnCPU, StepProgressBar, StopAfter
from pyg_skeleton.training.trainer.metrics_table import MetricsTable
from pyg_skeleton.training.trainer.safe_checkpoint_io import SafeCheckpointIO
from pyg_skeleton.training.trainer.stop_on_signal import StopOnSignal
from pyg_skeleton.training.trainer.sync_norms import SyncNorms


def create_trainer(
    out: Path, max_steps: int, resume: bool = False, quiet: bool = False, **kwargs: Any
) -> Trainer:
    """Creates a trainer that writes a checkpoint :obj:`last.ckpt` after each epoch,
    :obj:`metrics.csv`, and events for TensorBoard.

    On the CPU a resumed run repeats an unbroken one bit for bit, with the same number of threads;
    see :class:`DeterministicOnCPU`. Held-out samples are measured after every fifth epoch. Samplers
    are left as they are; :class:`SkeletonDataModule` brings its own.

    Args:
        out (Path): The folder for these files.
        max_steps (int): The number of steps.
        resume (bool, optional): Whether to continue the tables in :obj:`out`.
            (default: :obj:`False`)
        quiet (bool, optional): Whether to hide the progress bar. (default: :obj:`False`)
        **kwargs (optional): Further arguments of :class:`~lightning.pytorch.Trainer`;
            :obj:`sync_batchnorm` is for the layers of this package, see :class:`SyncNorms`.

    Raises:
        ValueError: If such an argument is of the wrong type.
    """
    out = Path(out)
    checkpoint = ModelCheckpoint(
        out, filename="last", enable_version_counter=False, save_on_train_epoch_end=True
    )
    bar = [] if quiet else [StepProgressBar(max_steps)]
    plugins: list[Any] = [SafeCheckpointIO()]
    if kwargs.pop("sync_batchnorm", False):
        plugins.append(SyncNorms())
    options: dict[str, Any] = {
        "log_every_n_steps": min(20, max(1, max_steps // 10)),
        "check_val_every_n_epoch": 5,
        "num_sanity_val_steps": 0,
        "enable_model_summary": False,
        "enable_progress_bar": False,
        "use_distributed_sampler": False,
        "logger": [
            MetricsTable(out / "metrics.csv", resume),
            TensorBoardLogger(out, "", "", default_hp_metric=False),
        ],
        "callbacks": [
            DeterministicOnCPU(),
            StopAfter(max_steps),
            StopOnSignal(out / "last.ckpt"),
            *bar,
            checkpoint,
        ],
        "default_root_dir": out,
        "plugins": plugins,
    }
    try:
        return Trainer(max_epochs=-1, min_epochs=0, **(options | kwargs))
    except TypeError as error:
        given = ", ".join(f"{name}={value!r}" for name, value in kwargs.items())
        raise ValueError(f"expected arguments of a trainer, got {given}: {error}") from error
