"""``pyg-skeleton cluster``: clusters unlabeled clips with a trained network."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pyg_skeleton.cli.errors import UsageError
from pyg_skeleton.cli.parser import read_function


def read(argv: Sequence[str]) -> Callable[[], Any]:
    """Reads a command line; returns what to call."""
    return read_function(cluster, argv)


def cluster(
    run: Path,
    clips: Path,
    out: Path | None = None,
    accelerator: str = "auto",
    quiet: bool = False,
) -> None:
    """Clusters a folder of unlabeled clips with the network of a clustering run.

    Writes clusters.csv, and pictures of the clusters.

    Args:
        run (Path): The folder of a clustering run, or its model.pt.
        clips (Path): A folder of .npy arrays (T, V, C) in the layout of the network.
        out (Path, optional): The folder for the results; by default clusters in that of the run.
        accelerator (str, optional): The device: auto, cpu, gpu or mps.
        quiet (bool, optional): Print nothing but warnings and errors.
    """
    from pyg_skeleton.cli.reports.report import finish
    from pyg_skeleton.cli.saved_run import SavedRun
    from pyg_skeleton.cli.tasks import clustering

    saved = SavedRun.find(run)
    if saved.task.name != "clustering":
        raise UsageError(f"expected a clustering run, {run} is of {saved.task.name}")
    if not clips.is_dir():
        raise FileNotFoundError(f"no folder of clips at {clips}")
    model = saved.load(accelerator)
    own = clustering.own_clips(model, clips)
    out = out or saved.path / "clusters"
    report = clustering.cluster(saved.run, model, own, out)
    finish(report, out, "clusters.json", quiet)
