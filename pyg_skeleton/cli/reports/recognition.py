"""Recognition of actions as text and pictures."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pyg_skeleton.cli.reports.pictures import Pictures, curves


def text(results: Mapping[str, Mapping[str, Any]]) -> str:
    """A line with the accuracies of each network, and its hardest classes below.

    Args:
        results (dict): By name, what :func:`~pyg_skeleton.training.evaluate_recognition` returned.
    """
    lines = []
    for name, result in results.items():
        rates = ", ".join(
            f"{label} {100 * result[key]:.2f} %"
            for label, key in (("top-1", "top1"), ("top-5", "top5"), ("mean class", "mean class"))
        )
        lines.append(f"{name}: {rates} of {result['clips']} clips")
        hardest = sorted(result["per_class"].items(), key=lambda item: float(item[1]))[:5]
        classes = ", ".join(f"{action} {100 * rate:.1f} %" for action, rate in hardest)
        lines.append(f"  hardest: {classes}")
    return "\n".join(lines)


def pictures(result: Mapping[str, Any], classes: Sequence[str], run: Path) -> Pictures:
    """The confusion of the classes, and the curves of the training.

    Args:
        result (dict): What :func:`~pyg_skeleton.training.evaluate_recognition` returned.
        classes (sequence of str): The names of the classes.
        run (Path): The folder of the run.
    """
    from pyg_skeleton import visualization as viz

    return {
        "confusion.png": lambda path: viz.plot_confusion(result["confusion"], classes),
        **curves(run),
    }
