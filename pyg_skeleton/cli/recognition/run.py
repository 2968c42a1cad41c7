"""What the examples that recognize actions do, from the command line to the table."""

import argparse
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import pandas as pd

from pyg_skeleton.cli.recognition.pictures import draw_recognition
from pyg_skeleton.cli.recognition.report import format_recognition
from pyg_skeleton.nn.models import RecognitionModel, SkeletonModel
from pyg_skeleton.training.recognition.data import load_clips
from pyg_skeleton.training.recognition.diagnose_graphs import diagnose_graphs
from pyg_skeleton.training.recognition.evaluate import evaluate_recognition
from pyg_skeleton.training.recognition.fuse_scores import fuse_scores
from pyg_skeleton.training.recognition.predict_file import predict_file
from pyg_skeleton.training.recognition.predict_scores import recognize
from pyg_skeleton.training.recognition.run import RecognitionRun
from pyg_skeleton.training.recognition.score_files import read_scores, write_scores
from pyg_skeleton.training.recognition.train import train_recognition

#: By name, the runs of an experiment: what each is called, and the options that it changes.
Experiments = Mapping[str, Mapping[str, Mapping[str, Any]]]
#: The name of a run, its folder, and its scores of the test clips.
Scored = tuple[str, Path, pd.DataFrame]


def run_recognition(args: argparse.Namespace, experiments: Experiments) -> dict[str, Any]:
    """Trains and measures the networks that the command line asks for, or measures or fuses what it
    is given; writes checkpoints, scores, tables and pictures to :obj:`args.out`, and prints.

    The network that is measured is that of the last epoch: test clips never choose.

    Args:
        args (argparse.Namespace): What :func:`parse_recognition` returned.
        experiments (dict): By name, the runs of an experiment. A run may change any option;
            :obj:`network`, :obj:`contrast` and :obj:`changes` have arguments of the network, of
            SkeletonGCL and of the recipe.

    Returns:
        What :func:`evaluate_recognition` returned, by the name of the run.
    """
    if args.predict:
        model, run = SkeletonModel.load(args.out / "model.pt"), RecognitionRun.read(args.out)
        for name, table in predict_file(model, run, args.predict, args.image_size).items():
            print(name, table.to_string(index=False, float_format="{:.3f}".format), sep="\n")
        return {}
    scores: dict[str, pd.DataFrame] = {}
    results: dict[str, Any] = {}
    kind = "fusion" if args.fuse else "evaluation" if args.evaluate else "results"
    for name, out, table in _scored(args, experiments):
        scores[name], results[name] = table, evaluate_recognition(table)
        if not args.fuse:
            write_scores(table, out / "scores.csv")
            pictures = draw_recognition(results[name], list(table.columns[1:]), out)
            print(f"wrote {', '.join(['scores.csv', *pictures])} to {out}")
    args.out.mkdir(parents=True, exist_ok=True)
    if args.fuse:
        table = fuse_scores(scores, args.weights, args.probabilities)
        results["fused"] = evaluate_recognition(table)
        write_scores(table, args.out / "fused.csv")
    if results:
        print("", format_recognition(results), sep="\n")
        (args.out / f"{kind}.json").write_text(json.dumps(results, indent=2))
    return results


def _scored(args: argparse.Namespace, experiments: Experiments) -> Iterator[Scored]:
    """The runs that are asked for, with the scores of their test clips."""
    if args.fuse:
        for path in args.fuse:
            yield str(path), path, read_scores(path)
    elif args.evaluate:
        for path in args.evaluate:
            run = RecognitionRun.read(path)
            loaded = SkeletonModel.load(path / "model.pt")
            yield str(path), path, _recognized(loaded, run, args, path)
    else:
        runs = {"": {}} if args.experiment is None else experiments[args.experiment]
        for name, changes in runs.items():
            out = args.out / re.sub(r"[^\w.=-]+", "_", name) if name else args.out
            mine = argparse.Namespace(**{**vars(args), **changes, "out": out})
            run = RecognitionRun.from_options(mine)
            model = train_recognition(run, mine)
            if model is not None:
                yield name or run.title, out, _recognized(model, run, args, out)


def _recognized(
    model: SkeletonModel, run: RecognitionRun, args: argparse.Namespace, out: Path
) -> pd.DataFrame:
    """The scores of the test clips, and what the learned graphs have to do with them."""
    clips = load_clips(run, "test", args.root)
    if args.diagnose:
        found = diagnose_graphs(cast(RecognitionModel, model), clips, out)
        for table in found[:3]:
            print(table.to_string(float_format="{:.4g}".format), end="\n\n")
        print(f"wrote {', '.join(found.files)} to {out}")
    return recognize(model, clips)
