"""The one sequence of a training run."""

import os
import signal
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.utilities import rank_zero_only
from lightning.pytorch.utilities.exceptions import SIGTERMException

from pyg_skeleton.nn.models import SkeletonModel
from pyg_skeleton.training.hardware import Hardware
from pyg_skeleton.training.pretrained import digest
from pyg_skeleton.training.run import NAME, Run
from pyg_skeleton.training.tasks import get_task
from pyg_skeleton.training.trainer.create_trainer import create_trainer
from pyg_skeleton.training.trainer.recompute import Recompute
from pyg_skeleton.training.trainer.stop_on_signal import StopOnSignal

#: The files of a training run.
FILES = (
    NAME,
    "last.ckpt",
    "model.pt",
    "metrics.csv",
    "hparams.yaml",
    "events.*",
    "results.json",
    "report.html",
)


class Interrupted(KeyboardInterrupt):
    """Raised by :func:`train` after Ctrl-C, SIGTERM, or the signal of SLURM.

    Args:
        out (Path): The folder of the run.
        step (int): The step at which it stopped.
        resumable (bool): Whether there is a checkpoint to resume from.
        signal (int, optional): The signal. (default: SIGINT, that of Ctrl-C)
    """

    def __init__(self, out: Path, step: int, resumable: bool, signal: int = signal.SIGINT) -> None:
        super().__init__(f"interrupted at step {step}")
        self.out, self.step, self.resumable, self.signal = out, step, resumable, signal


def train(
    run: Run,
    train_set: Any,
    val_set: Any = None,
    out: str | os.PathLike[str] = "runs",
    *,
    resume: bool = False,
    overwrite: bool = False,
    hardware: Hardware | None = None,
    stage1: str | os.PathLike[str] | None = None,
    callbacks: Sequence[Callback] = (),
    quiet: bool = False,
) -> SkeletonModel | None:
    """Trains a network. Writes the record of the run (:obj:`run.json`), a checkpoint after each
    epoch (:obj:`last.ckpt`), what is logged (:obj:`metrics.csv`, and events for TensorBoard), and
    at the end the network (:obj:`model.pt`), as it is after the last step.

    Args:
        run (Run): The settings.
        train_set (Dataset): The samples to learn from; for clustering a
            :class:`~pyg_skeleton.datasets.CrossDomainTask`.
        val_set (Dataset, optional): Held-out samples to measure during training.
            (default: :obj:`None`)
        out (str, optional): The folder of the run. (default: :obj:`"runs"`)
        resume (bool, optional): Whether to continue the run in the folder, if there is one.
            (default: :obj:`False`)
        overwrite (bool, optional): Whether to replace the run in the folder, if there is one.
            (default: :obj:`False`)
        hardware (Hardware, optional): The devices. (default: :obj:`Hardware()`)
        stage1 (str, optional): The folder of the first stage of CoDT, which several runs can share:
            it is trained once, and continued where it stopped. (default: ``stage1`` in the folder)
        callbacks (sequence, optional): Further callbacks of the trainer. (default: :obj:`()`)
        quiet (bool, optional): Whether to hide the progress bar. (default: :obj:`False`)

    Returns:
        The network; :obj:`None` in all processes but the first.

    Raises:
        FileExistsError: If the folder holds a run, and neither :obj:`resume` nor
            :obj:`overwrite` is set.
        ValueError: If the run to resume has other settings or data, or there are no statistics to
            keep.
        Interrupted: After Ctrl-C, when the last checkpoint is kept, and after SIGTERM or the signal
            of SLURM, when another one is written.
    """
    out, hardware, task = Path(out), hardware or Hardware(), get_task(run.task)
    content = task.fingerprint(train_set)
    if run.freeze_statistics and run.pretrained is None and not run.freeze:
        raise ValueError(
            "freeze_statistics keeps the statistics of a pretrained network or of frozen parts, "
            "got neither"
        )
    if run.pretrained is not None:
        content["pretrained"] = digest(run.pretrained)
    run = replace(run, fingerprint=content)
    claim_folder(out, run, resume, overwrite)
    last = out / "last.ckpt"
    resume, start = resume and last.exists(), None
    first = None if resume else task.first_stage(run)
    if first is not None:
        stage1 = out / "stage1" if stage1 is None else Path(stage1)
        train(
            first,
            train_set,
            val_set,
            stage1,
            resume=not overwrite,
            overwrite=overwrite,
            hardware=hardware,
            callbacks=callbacks,
            quiet=quiet,
        )
        start = stage1 / "last.ckpt"
    torch.manual_seed(run.seed)
    model = task.create_network(run, train_set)
    model.freeze(*run.freeze, statistics=run.freeze_statistics)
    module = task.create_module(run, model, train_set, hardware.compile)
    data = task.create_data(run, train_set, val_set, hardware.num_workers)
    per_epoch = data.steps_per_epoch(hardware.num_processes())
    steps = run.recipe.num_steps(per_epoch)
    if overwrite:  # only now that nothing can be wrong with the new run
        _clear_folder(out)
    trainer = create_trainer(
        out,
        steps,
        resume,
        quiet,
        accumulate_grad_batches=run.recipe.accumulate,
        check_val_every_n_epoch=_validation_interval(run.recipe.schedule, steps // per_epoch),
        **hardware.trainer_options(task.unused_parameters),
    )
    own = [Recompute()] if hardware.recompute else []
    trainer.callbacks.extend([*own, *callbacks])  # type: ignore[attr-defined]
    if trainer.is_global_zero:
        run.write(out)
    handler = signal.getsignal(signal.SIGINT)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Checkpoint directory .* exists")  # has run.json
            if start is not None:
                warnings.filterwarnings("ignore", "The dirpath has changed")
            warnings.filterwarnings("ignore", "You're resuming from a checkpoint that ended before")
            # The compiler looks at the maps of the 2-D network, which the graph network reads.
            warnings.filterwarnings("ignore", "The .grad attribute of a Tensor that is not a leaf")
            trainer.fit(module, data, ckpt_path=last if resume else start)
    except SIGTERMException:
        stopper = next(c for c in trainer.callbacks if isinstance(c, StopOnSignal))  # type: ignore[attr-defined]
        number = stopper.received or signal.SIGTERM
        raise Interrupted(out, trainer.global_step, last.exists(), number) from None
    except SystemExit as stopped:  # Lightning's answer to Ctrl-C, which it ignores from then on
        if not isinstance(stopped.__context__, KeyboardInterrupt):
            raise
        signal.signal(signal.SIGINT, handler)
        raise Interrupted(out, trainer.global_step, last.exists()) from None
    if not trainer.is_global_zero:
        return None
    task.save(model, out)
    return model


def claim_folder(out: Path, run: Run, resume: bool = False, overwrite: bool = False) -> None:
    """Makes sure that a folder is free for a run.

    Args:
        out (Path): The folder.
        run (Run): The run.
        resume (bool, optional): Whether to accept the same run. (default: :obj:`False`)
        overwrite (bool, optional): Whether to accept another run, to be replaced.
            (default: :obj:`False`)

    Raises:
        FileExistsError: If there is a run, and it is neither to be resumed nor to be replaced.
        ValueError: If the run to resume has other settings or data, or both are wanted.
    """
    if resume and overwrite:
        raise ValueError("expected --resume or --overwrite, got both")
    if rank_zero_only.rank != 0:  # type: ignore[attr-defined]
        return
    if resume and (out / NAME).exists():
        run.check_same(out)
    elif (
        not resume
        and not overwrite
        and any((out / name).exists() for name in (NAME, "last.ckpt", "model.pt"))
    ):
        raise FileExistsError(
            f"{out} holds a run: continue it with --resume, choose another folder with --out, or "
            f"replace it with --overwrite"
        )


def _clear_folder(out: Path) -> None:
    """Deletes the files of a run."""
    if rank_zero_only.rank == 0:  # type: ignore[attr-defined]
        for pattern in FILES:
            for file in out.glob(pattern):
                file.unlink()


def _validation_interval(schedule: str, epochs: int) -> int:
    """Epochs between two validations: at least five validations, at most one per epoch."""
    return 1 if schedule == "plateau" else max(1, min(5, epochs // 5))
