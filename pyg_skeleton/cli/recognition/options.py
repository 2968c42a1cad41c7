"""The command line of the examples that recognize actions."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from pyg_skeleton.cli.example_parser import ExampleParser
from pyg_skeleton.cli.model_options import add_model_options
from pyg_skeleton.nn.models import RecognitionModel, SkeletonGCL, model_class
from pyg_skeleton.training.recognition.data import RECOGNITION_DATASETS
from pyg_skeleton.training.recognition.recipe import (
    LOSSES,
    PIPELINES,
    RECOGNITION_RECIPES,
    SCHEDULES,
)
from pyg_skeleton.transforms.stream import StreamName


def parse_recognition(
    doc: str, models: Sequence[str], experiments: Sequence[str], out: str, gcl: str = "none"
) -> argparse.Namespace:
    """Reads the command line of an example.

    Args:
        doc (str): The example's documentation; its first line is shown.
        models (sequence of str): The networks to choose from, the default first. The options of the
            chosen one are those of its constructor.
        experiments (sequence of str): The names of experiments, which are several runs.
        out (str): The default folder for what a run leaves behind.
        gcl (str, optional): The default contrast. (default: :obj:`"none"`)

    Returns:
        The options; :obj:`network` has the chosen arguments of the network, :obj:`contrast` those
        of :class:`~pyg_skeleton.nn.models.SkeletonGCL`, :obj:`changes` those of the recipe.
    """
    first = ExampleParser(add_help=False, allow_abbrev=False)
    first.add_argument("--model", choices=models, default=models[0])
    kind = model_class(first.parse_known_args()[0].model)

    p = ExampleParser(description=doc.splitlines()[0], parents=[first])
    p.add_argument("--preset", help=f"one of {', '.join(kind.presets)} (default: the data set's)")
    p.add_argument("--recipe", choices=RECOGNITION_RECIPES, default="tiny", help="how to train")
    p.add_argument("--gcl", choices=["paper", "authors_code", "none"], default=gcl)
    p.add_argument("--out", type=Path, default=Path(out))
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--resume", action="store_true", help="go on from the last checkpoint in --out")
    p.add_argument("--experiment", choices=experiments, help="all runs of one of the paper's")
    after = p.add_argument_group("after training")
    after.add_argument("--evaluate", metavar="RUN", type=Path, nargs="+", help="measure runs again")
    after.add_argument(
        "--diagnose", action="store_true", help="tables and pictures of the learned graphs"
    )
    after.add_argument(
        "--predict", metavar="FILE", type=Path, help="what a file shows; the run is --out"
    )
    after.add_argument(
        "--image-size", metavar="PIXELS", type=int, nargs=2, help="width and height, for --predict"
    )
    after.add_argument("--fuse", metavar="RUN", type=Path, nargs="+", help="add up scores of runs")
    after.add_argument("--weights", type=float, nargs="+", help="of the runs (default: 1 each)")
    after.add_argument("--probabilities", action="store_true", help="add these instead of logits")
    data = p.add_argument_group("data")
    data.add_argument("--dataset", choices=RECOGNITION_DATASETS, default="synthetic")
    data.add_argument("--root", help="where the data set's files are")
    data.add_argument("--stream", choices=get_args(StreamName), default="joint")
    data.add_argument("--benchmark", help="the split, where there are several: xsub, xview, xset")
    data.add_argument("--layout", help="of clips: the name of a skeleton, or its YAML file")
    data.add_argument("--ignore", help="a file with the names of NTU's recordings to leave out")
    data.add_argument("--val-share", type=float, default=0.0, help="training clips to hold out")
    data.add_argument("--num-workers", type=int, default=0, help="processes that prepare clips")
    recipe = p.add_argument_group("changes of the recipe")
    recipe.add_argument("--epochs", type=int)
    recipe.add_argument("--batch-size", type=int)
    recipe.add_argument("--lr", type=float)
    recipe.add_argument("--milestones", type=int, nargs="*", help="epochs in which --lr falls")
    recipe.add_argument("--schedule", choices=SCHEDULES, help="how --lr falls")
    recipe.add_argument("--warmup-epochs", type=int)
    recipe.add_argument("--weight-decay", type=float)
    recipe.add_argument("--loss", choices=LOSSES)
    recipe.add_argument("--label-smoothing", type=float)
    recipe.add_argument("--pipeline", choices=PIPELINES, help="whose preparation of NTU")
    recipe.add_argument("--num-frames", type=int)
    recipe.add_argument("--repeat", type=int, help="how often an epoch visits each clip")
    machine = p.add_argument_group("machine")
    machine.add_argument("--accelerator", default="auto")
    machine.add_argument("--devices", default="1")
    machine.add_argument("--precision", choices=["32", "bf16"], default="32")
    machine.add_argument("--compile", action="store_true")
    names = add_model_options(p, kind)
    contrast = add_model_options(p, SkeletonGCL, "gcl_")
    args = p.parse_args()
    none = RecognitionModel.graph_layers
    if args.diagnose and getattr(kind, "graph_layers", none) is none:
        p.error(f"--diagnose is about learned graphs, and {args.model} learns none")
    args.network = _given(args, names)
    args.contrast = _given(args, contrast, "gcl_")
    args.changes = _given(args, [action.dest for action in recipe._group_actions])
    return args


def _given(args: argparse.Namespace, names: Sequence[str], prefix: str = "") -> dict[str, Any]:
    """What was given on the command line."""
    values = {name: getattr(args, prefix + name) for name in names}
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in values.items()
        if value is not None
    }
