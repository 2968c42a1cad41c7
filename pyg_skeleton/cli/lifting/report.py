"""What was measured of lifted poses, as text."""

from typing import Any

_AVERAGES = ("average over actions", "average over poses")


def format_lifting(results: dict[str, dict[str, Any]]) -> str:
    """Lays out the errors of several networks as text, each number with its protocol.

    Args:
        results (dict): What :func:`evaluate_lifting` returned, by the name of the network.
    """
    lines: list[str] = []
    for name, result in results.items():
        found, tables, hard = result["found"], result["metrics"], result["hard_poses"]
        lines += [""] if lines else []
        lines.append(
            f"{name}: {found['frames']:,} frames, {found['poses']:,} poses in "
            f"{found['sequences']:,} sequences of {_join(found['subjects'])}, "
            f"{len(found['actions'])} actions"
        )
        lines += [f"  [{i}] {label}" for i, label in enumerate(tables, start=1)]
        numbers = list(tables.values())
        width = max(map(len, (*_AVERAGES, *found["actions"])))
        lines.append(" " * width + "".join(f"{f'[{i + 1}]':>9}" for i in range(len(numbers))))
        for action in found["actions"]:
            row = [_show(table["per_action"].get(action)) for table in numbers]
            lines.append(f"{action:>{width}}" + "".join(row))
        for average in _AVERAGES:
            row = [_show(table[average]) for table in numbers]
            lines.append(f"{average:>{width}}" + "".join(row))
        for action in found["missing_actions"]:
            lines.append(f"{action:>{width}} (no test recording)")
        shares = [f"{k} {v:.1%}" for k, v in hard.items() if k.endswith(" mm")]
        lines.append(f"poses by [1]: {', '.join(shares)}; mean of the worst 5 %: "
                     f"{hard['worst 5 %']:.1f} mm")  # fmt: skip
    return "\n".join(lines)


def _show(value: float | None) -> str:
    if value is None:
        return f"{'-':>9}"
    return f"{value:9.3f}" if value < 1 else f"{value:9.1f}"


def _join(names: list[str]) -> str:
    return f"subjects {', '.join(names)}" if len(names) <= 4 else f"{len(names)} subjects"
