"""Runs on the disk, by their folder or their model."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyg_skeleton.cli.errors import UsageError, did_you_mean
from pyg_skeleton.cli.tasks import TASKS, TaskCommand
from pyg_skeleton.training import Run, get_task
from pyg_skeleton.training.run import NAME

#: Tasks of training by the name of the command's task.
_COMMANDS = {"image-lifting": "lifting"}


@dataclass(frozen=True)
class SavedRun:
    """A trained network and the record of its run.

    Args:
        path (Path): The folder of the run.
        run (Run): The record.
        task (TaskCommand): The task.
    """

    path: Path
    run: Run
    task: TaskCommand

    @classmethod
    def find(cls, path: Path) -> "SavedRun":
        """The run in a folder, or the run of a :obj:`model.pt`.

        Raises:
            FileNotFoundError: If there is none.
        """
        folder = path.parent if path.suffix == ".pt" else path
        run = Run.read(folder)
        return cls(folder, run, TASKS[_COMMANDS.get(run.task, run.task)])

    def load(self, accelerator: str = "cpu") -> Any:
        """The trained network."""
        return get_task(self.run.task).load(self.path).to(find_device(accelerator))


def find_model(path: Path, accelerator: str = "cpu") -> tuple[Any, TaskCommand, Run | None]:
    """A trained network, its task, and the record of its run, which a :obj:`model.pt` need not
    have beside it. The names of :func:`~pyg_skeleton.nn.models.list_weights` are networks, too.

    Raises:
        FileNotFoundError: If there is none.
    """
    from pyg_skeleton.nn.models.trained import list_weights, weights_card

    if not path.exists() and len(path.parts) == 1 and not path.suffix:
        if (name := str(path)) not in list_weights():
            hint = did_you_mean(name, list_weights())
            raise FileNotFoundError(f"no run or weights {name!r}; of the weights, {hint}")
        path = weights_card(name).path
    if path.suffix != ".pt" or (path.parent / NAME).exists():
        saved = SavedRun.find(path)
        return saved.load(accelerator), saved.task, saved.run
    from pyg_skeleton.nn.models import SkeletonModel

    model = SkeletonModel.load(path).to(find_device(accelerator))
    kinds = ("motion", "lifting", "clustering", "recognition")
    kind = next(kind for kind in kinds if isinstance(model, tuple(get_task(kind).models.values())))
    return model, TASKS[kind], None


def find_device(accelerator: str) -> str:
    """The device of an accelerator by its name.

    Raises:
        UsageError: If there is no such accelerator.
    """
    import torch

    if accelerator not in ("auto", "cpu", "gpu", "cuda", "mps"):
        raise UsageError(f"expected --accelerator auto, cpu, gpu or mps, got {accelerator!r}")
    if accelerator == "mps":
        return "mps"
    gpu = accelerator in ("gpu", "cuda") or (accelerator == "auto" and torch.cuda.is_available())
    return "cuda" if gpu else "cpu"
