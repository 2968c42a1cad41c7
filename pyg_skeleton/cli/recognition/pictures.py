"""Pictures of what a network recognizes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any


def draw_recognition(result: dict[str, Any], classes: Sequence[str], out: Path) -> list[str]:
    """Draws the confusion of the classes and, where :obj:`metrics.csv` is in the folder, the curves
    of the training.

    Args:
        result (dict): What :func:`evaluate_recognition` returned.
        classes (sequence of str): The names of the classes.
        out (Path): The folder for the pictures.

    Returns:
        The names of the files.
    """
    from pyg_skeleton import visualization as viz

    figures = {"confusion.png": viz.plot_confusion(result["confusion"], classes)}
    if (out / "metrics.csv").exists():
        figures["curves.png"] = viz.plot_curves(out / "metrics.csv", title="Training")
    for name, figure in figures.items():
        figure.savefig(out / name, dpi=120, bbox_inches="tight")
    return list(figures)
