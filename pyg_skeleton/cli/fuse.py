"""``pyg-skeleton fuse``: the sum of the scores of several recognition runs."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pyg_skeleton.cli.parser import read_function


def read(argv: Sequence[str]) -> Callable[[], Any]:
    """Reads a command line; returns what to call."""
    return read_function(fuse, argv)


def fuse(
    runs: tuple[Path, ...],
    out: Path = Path("runs/fused"),
    weights: tuple[float, ...] = (),
    probabilities: bool = False,
    quiet: bool = False,
) -> dict[str, Any]:
    """Adds up the scores of several recognition runs, of four streams for example.

    Writes fused.csv (the scores of each clip) and fusion.json (the accuracies of each run and of
    their sum). Scores are averaged where clips have several classes or a score.

    Args:
        runs (tuple of Path): Folders of runs, or their scores.csv.
        out (Path, optional): The folder for the results.
        weights (tuple of float, optional): A weight for each run; by default 1.
        probabilities (bool, optional): Add probabilities instead of logits.
        quiet (bool, optional): Print nothing but warnings and errors.
    """
    from pyg_skeleton.cli.reports import recognition as report
    from pyg_skeleton.training import (
        evaluate_recognition,
        fuse_scores,
        read_scores,
        write_json,
        write_scores,
    )
    from pyg_skeleton.training.recognition.scores import target_of

    scores = {str(path): read_scores(path) for path in runs}
    fused = fuse_scores(scores, weights or None, probabilities)
    measured = {**scores, "fused": fused}
    results = {name: evaluate_recognition(t, target_of(t)) for name, t in measured.items()}
    write_scores(fused, out / "fused.csv")
    write_json(results, out / "fusion.json")
    if not quiet:
        print(report.text(results))
        print(f"wrote fused.csv, fusion.json to {out}")
    return results
