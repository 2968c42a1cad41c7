"""What was measured, as text."""

from typing import Any


def format_errors(results: dict[str, dict[str, Any]]) -> str:
    """Lays out the prediction errors of several methods as one text table.

    Args:
        results (dict): What :func:`evaluate_motion` returned, by method.
    """
    lines: list[str] = []
    for name, result in results.items():
        if "recognition" in result:
            top1, top5 = result["recognition"]["top1"], result["recognition"]["top5"]
            lines.append(f"{name}: top-1 {top1:.1%}, top-5 {top5:.1%} of {result['clips']} clips")
    for name, result in results.items():
        if "prediction" not in result:
            continue
        rows = result["prediction"]["per_action"]
        horizons = list(next(iter(rows.values())))
        lines += [""] if lines else []
        lines.append(f"{name}: {result['prediction']['metric']}")
        lines.append(f"{'ms':>20} " + " ".join(f"{ms:>7}" for ms in horizons))
        for action, row in rows.items():
            lines.append(f"{action:>20} " + " ".join(f"{row[ms]:7.3f}" for ms in horizons))
        for action in result["prediction"].get("missing_actions", []):
            lines.append(f"{action:>20} (no test recording)")
    return "\n".join(lines)
