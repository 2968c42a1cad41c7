"""The command line of the examples that lift poses, and the data that it asks for."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pyg_skeleton import datasets
from pyg_skeleton.cli.example_parser import ExampleParser
from pyg_skeleton.cli.model_options import add_model_options
from pyg_skeleton.nn.models import model_class
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.training.lifting.recipe import LIFTING_RECIPES


def parse_lifting(
    doc: str, models: Sequence[str], experiments: Sequence[str], out: str
) -> argparse.Namespace:
    """Reads the command line of an example.

    Args:
        doc (str): The example's documentation; its first line is shown.
        models (sequence of str): The networks to choose from, the default first. The options of the
            chosen one are those of its constructor.
        experiments (sequence of str): The names of experiments, which are several runs.
        out (str): The default folder for what a run leaves behind.

    Returns:
        The options; :obj:`network` has the chosen arguments of the network.
    """
    first = ExampleParser(add_help=False, allow_abbrev=False)
    first.add_argument("--model", choices=models, default=models[0])
    kind = model_class(first.parse_known_args()[0].model)

    p = ExampleParser(description=doc.splitlines()[0], parents=[first])
    p.add_argument("--preset", help=f"one of {', '.join(kind.presets)} (default: the first)")
    p.add_argument("--recipe", choices=LIFTING_RECIPES, default="tiny", help="how to train")
    p.add_argument("--out", type=Path, default=Path(out))
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--resume", action="store_true", help="go on from the last checkpoint in --out")
    p.add_argument("--evaluate", metavar="FILE", nargs="+", help="measure networks, no training")
    p.add_argument("--experiment", choices=experiments, help="all runs of one of the paper's")
    p.add_argument("--calibrate", action="store_true", help="bones as long as in training")
    p.add_argument(
        "--flip-test",
        action=argparse.BooleanOptionalAction,
        help="mirrored poses at test time (default: as in training)",
    )
    data = p.add_argument_group("data")
    data.add_argument("--dataset", choices=_LOADERS, default="synthetic")
    data.add_argument("--root", help="folder of the data set's files")
    data.add_argument("--keypoints", default="gt", help="2-D joints: gt, cpn, sh, detectron, …")
    data.add_argument("--skeleton", help="layout (default: the preset's, or that of HumanEva)")
    data.add_argument("--protocol", type=int, choices=[1, 2], default=1, help="Human3.6M's split")
    data.add_argument("--stride", type=int, help="train on every so many-th frame (default: 1)")
    data.add_argument("--test-stride", type=int, help="test on every so many-th frame")
    data.add_argument("--noise", type=float, default=0.0, help="pixels (cmu and synthetic)")
    data.add_argument("--target-space", default="root-relative", help="or pixel-depth")
    recipe = p.add_argument_group("changes of the recipe")
    recipe.add_argument("--max-steps", type=int)
    recipe.add_argument("--batch-size", type=int)
    recipe.add_argument("--lr", type=float)
    recipe.add_argument("--loss", choices=["mse", "l1", "joint_bone"])
    recipe.add_argument("--bone-weight", type=float, help="of the bones in joint_bone")
    recipe.add_argument("--flip", action=argparse.BooleanOptionalAction, help="mirrored poses")
    recipe.add_argument("--steps-per-epoch", type=int, help="between checkpoints (default: a pass)")
    recipe.add_argument("--accelerator", default="auto")
    names = add_model_options(p, kind)
    args = p.parse_args()
    args.network = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    return args


def load_lifting(
    args: argparse.Namespace, split: str, skeleton: Skeleton | str | None, num_frames: int = 1
) -> datasets.LiftingDataset:
    """The poses of a split.

    Args:
        args (argparse.Namespace): What :func:`parse_lifting` returned.
        split (str): :obj:`"train"` or :obj:`"test"`.
        skeleton (Skeleton or str, optional): The layout; :obj:`None` for the data set's own.
        num_frames (int, optional): The number of frames that the network reads.
            (default: :obj:`1`)

    Raises:
        ValueError: If something is missing or unknown.
    """
    if args.dataset != "synthetic" and args.root is None:
        raise ValueError(f"--dataset {args.dataset} needs --root, the folder of its files")
    common: dict[str, Any] = {
        "split": split,
        "num_frames": num_frames,
        "target_space": args.target_space,
    }
    if skeleton is not None:
        common["skeleton"] = skeleton
    stride = args.stride if split == "train" else args.test_stride
    if stride is not None:
        common["stride"] = stride
    return _LOADERS[args.dataset](args, common)


def _files(kind: Any, *options: str) -> Any:
    """Poses of a corpus with 2-D joints of detectors."""

    def load(args: argparse.Namespace, common: dict[str, Any]) -> Any:
        if args.noise:
            raise ValueError(f"--noise is for cmu and synthetic, got --dataset {args.dataset}")
        more = {name: getattr(args, name) for name in options}
        return kind(args.root, keypoints=args.keypoints, **more, **common)

    return load


def _virtual(kind: Any, **options: Any) -> Any:
    """Poses that virtual cameras see."""

    def load(args: argparse.Namespace, common: dict[str, Any]) -> Any:
        if args.keypoints != "gt":
            raise ValueError(
                f"--dataset {args.dataset} has the true 2-D joints only, expected --keypoints gt "
                f"(--noise PIXELS imitates a detector), got {args.keypoints!r}"
            )
        where = {} if args.root is None else {"root": args.root}
        return kind(noise=args.noise, **where, **options, **common)

    return load


_LOADERS: dict[str, Any] = {
    "synthetic": _virtual(datasets.SyntheticLifting),
    "cmu": _virtual(datasets.CMUMocapLifting),
    "h36m": _files(datasets.Human36M, "protocol"),
    "humaneva": _files(datasets.HumanEva),
}
