"""``pyg-skeleton list``: the names that options take."""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from pyg_skeleton.cli.errors import UsageError, did_you_mean
from pyg_skeleton.cli.parser import summary_of

Rows = list[tuple[str, ...]]


def read(argv: Sequence[str]) -> Callable[[], Any]:
    """Reads a command line; returns what to call."""
    kinds = ", ".join(_KINDS)
    if argv and argv[0] in ("-h", "--help"):
        print(f"usage: pyg-skeleton list KIND\n\nKIND is one of {kinds}.")
        sys.exit()
    if len(argv) != 1:
        raise UsageError(f"expected one of {kinds}; see pyg-skeleton list --help")
    if argv[0] not in _KINDS:
        raise UsageError(f"unknown kind {argv[0]!r}; {did_you_mean(argv[0], _KINDS)}")
    return partial(show, argv[0])


def show(kind: str) -> None:
    """Prints a table of names.

    Args:
        kind (str): :obj:`"models"`, :obj:`"layouts"`, :obj:`"datasets"`, :obj:`"recipes"`,
            :obj:`"tables"` or :obj:`"weights"`.
    """
    rows = _KINDS[kind]()
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]) - 1)]
    for row in rows:
        cells = [f"{cell:<{width}}" for cell, width in zip(row, widths, strict=False)]
        print("  ".join([*cells, row[-1]]).rstrip())


def _models() -> Rows:
    from pyg_skeleton.training import TASKS

    rows = [
        (name, task.name, f"presets: {', '.join(kind.presets)}")
        for task in TASKS.values()
        for name, kind in task.models.items()
    ]
    return [("model", "task", ""), *rows]


def _layouts() -> Rows:
    from pyg_skeleton.skeleton import Skeleton, list_skeletons

    layouts = [Skeleton.get(name) for name in list_skeletons()]
    rows = [
        (
            s.name,
            str(s.num_joints),
            f"root {s.joints[s.root]}, {len(s.bones)} bones, {len(s.parts)} parts",
        )
        for s in layouts
    ]
    return [("layout", "joints", ""), *rows]


def _datasets() -> Rows:
    from pyg_skeleton.cli.tasks import TASKS

    rows = []
    for task in TASKS.values():
        for name, corpus in task.corpora.items():
            rows.append((name, task.name, _first_sentence(corpus)))
    return [("data set", "task", ""), *rows]


def _first_sentence(corpus: Any) -> str:
    return summary_of(corpus).split("\n\n")[0].partition(": ")[0].removesuffix(".")


def _recipes() -> Rows:
    from pyg_skeleton.training import TASKS

    rows = []
    for task in TASKS.values():
        for name, recipe in task.recipes.items():
            length = f"{recipe.epochs} epochs" if recipe.epochs else f"{recipe.max_steps:,} steps"
            text = f"{length}, batches of {recipe.batch_size}, learning rate {recipe.lr:g}"
            rows.append((name, task.name, text))
    return [("recipe", "task", ""), *rows]


def _weights() -> Rows:
    from pyg_skeleton.nn.models.trained import list_weights, weights_card

    cards = [weights_card(name) for name in list_weights()]
    return [
        ("weights", "task", ""),
        *((c.name, c.task, f"{c.network}: {c.purpose}") for c in cards),
    ]


def _tables() -> Rows:
    from pyg_skeleton.cli.tables import TABLES

    rows = [(n, f"{len(t.rows)} rows", f"{t.task}: {t.title}") for n, t in TABLES.items()]
    return [("table", "", ""), *rows]


_KINDS: dict[str, Callable[[], Rows]] = {
    "models": _models,
    "layouts": _layouts,
    "datasets": _datasets,
    "recipes": _recipes,
    "tables": _tables,
    "weights": _weights,
}
