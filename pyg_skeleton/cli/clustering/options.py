"""The command line of the example that clusters actions."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pyg_skeleton.cli.example_parser import ExampleParser
from pyg_skeleton.cli.model_options import add_model_options
from pyg_skeleton.datasets.cross_domain.load_task import TASKS
from pyg_skeleton.nn.models.clustering.codt import CoDT
from pyg_skeleton.training.clustering.recipe import CODT_METHODS, CODT_RECIPES


def parse_codt(doc: str, experiments: Sequence[str], out: str) -> argparse.Namespace:
    """Reads the command line of the example.

    Args:
        doc (str): The example's documentation; its first line is shown.
        experiments (sequence of str): The names of experiments, which are several runs.
        out (str): The default folder for what a run leaves behind.

    Returns:
        The options; :obj:`network` has the chosen arguments of the network, :obj:`changes` those of
        the recipe, :obj:`options` those of the task.
    """
    p = ExampleParser(description=doc.splitlines()[0], allow_abbrev=False)
    p.add_argument("--preset", choices=CoDT.presets, default="small", help="the network")
    p.add_argument("--recipe", choices=CODT_RECIPES, default="small", help="how to train")
    p.add_argument("--method", choices=CODT_METHODS, default="codt", help="a row of the paper")
    p.add_argument("--experiment", choices=experiments, help="all rows of a table")
    p.add_argument("--seed", type=int, nargs="+", default=[0], help="one run with each")
    p.add_argument("--out", type=Path, default=Path(out))
    p.add_argument("--resume", action="store_true", help="go on from the last checkpoint in --out")
    p.add_argument("--cluster", metavar="FOLDER", type=Path, help="with the run in --out: your own")
    data = p.add_argument_group("data")
    data.add_argument("--task", choices=TASKS, default="embedded")
    data.add_argument("--root-source", metavar="DIR", help="where the source's files are")
    data.add_argument("--root-target", metavar="DIR", help="where the target's files are")
    data.add_argument("--option", metavar="NAME=VALUE", nargs="+", default=[], help="of the task")
    data.add_argument("--num-workers", type=int, default=0, help="processes that prepare clips")
    recipe = p.add_argument_group("changes of the recipe")
    recipe.add_argument("--epochs", type=int)
    recipe.add_argument("--clustering-epoch", type=int, help="when the second stage begins")
    for name, kind in (("batch-size", int), ("lr", float), ("clustering-lr", float)):
        recipe.add_argument(f"--{name}", type=kind)
    for name in ("sup", "dec", "cont", "ocm", "ccm"):
        recipe.add_argument(f"--{name}", type=float, help="a weight of the losses")
    p.add_argument("--accelerator", default="auto")
    names = add_model_options(p, CoDT)
    args = p.parse_args()
    args.network = _given(args, names)
    args.changes = _given(args, [action.dest for action in recipe._group_actions])
    args.options = dict(map(_named, args.option))
    return args


def _given(args: argparse.Namespace, names: Sequence[str]) -> dict[str, Any]:
    """What was given on the command line."""
    given = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    return {name: tuple(v) if isinstance(v, list) else v for name, v in given.items()}


def _named(text: str) -> tuple[str, Any]:
    """Reads NAME=VALUE; a value that is no JSON is a word.

    Raises:
        ValueError: If there is no name.
    """
    name, sign, value = text.partition("=")
    if not sign or not name.isidentifier():
        raise ValueError(f"expected an option NAME=VALUE of the task, got {text!r}")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
