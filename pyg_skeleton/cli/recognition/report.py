"""Recognition of actions as text."""

from collections.abc import Mapping
from typing import Any


def format_recognition(results: Mapping[str, Mapping[str, Any]]) -> str:
    """Returns what :func:`evaluate_recognition` found, a line for each network, and below it the
    classes that are the hardest.

    Args:
        results (dict): The numbers, by the name of the network.
    """
    lines = []
    for name, result in results.items():
        shares = ", ".join(
            f"{what} {100 * result[key]:.2f} %"
            for what, key in (("top-1", "top1"), ("top-5", "top5"), ("mean class", "mean class"))
        )
        lines.append(f"{name}: {shares} of {result['clips']} clips")
        hardest = sorted(result["per_class"].items(), key=lambda item: float(item[1]))[:5]
        worst = ", ".join(f"{action} {100 * share:.1f} %" for action, share in hardest)
        lines.append(f"  hardest: {worst}")
    return "\n".join(lines)
