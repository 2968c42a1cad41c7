"""What the example that clusters actions does, from the command line to the table."""

import argparse
import json
from collections.abc import Mapping, Sequence
from inspect import signature
from pathlib import Path
from typing import Any

import pandas as pd
from torch import Tensor

from pyg_skeleton.cli.clustering.pictures import draw_clusters
from pyg_skeleton.cli.clustering.report import codt_table
from pyg_skeleton.datasets import ClipDataset, ClipTable
from pyg_skeleton.datasets.cross_domain.load_task import TASKS, CrossDomainTask, load_task
from pyg_skeleton.nn.models.clustering.codt import CoDT, CoDTOutput
from pyg_skeleton.training.clustering.evaluate import cluster_clips, evaluate_codt
from pyg_skeleton.training.clustering.run import CoDTRun
from pyg_skeleton.training.clustering.train import train_codt
from pyg_skeleton.transforms import codt_chain, codt_chain_2d


def run_codt(args: argparse.Namespace, experiments: Mapping[str, Sequence[str]]) -> Any:
    """Trains and measures what the command line asks for; writes checkpoints, tables and pictures
    to :obj:`args.out`, and prints the table.

    Args:
        args (argparse.Namespace): What :func:`parse_codt` returned.
        experiments (dict): By name, the methods of an experiment.

    Returns:
        The table of :func:`codt_table`; of clips without labels that of their clusters.
    """
    if args.cluster is not None:
        return _cluster_own(args)
    task = load_task(args.task, args.root_source, args.root_target, **args.options)
    print(task)
    methods = experiments[args.experiment] if args.experiment else [args.method]
    several = len(methods) > 1 or len(args.seed) > 1
    results: dict[str, dict[int, Any]] = {method: {} for method in methods}
    for seed in args.seed:
        for method in methods:
            out = args.out / f"{method}-{seed}" if several else args.out
            stage1 = args.out / f"stage1-{seed}"
            # The methods of an experiment share their first stage.
            goes_on = args.resume or method != methods[0]
            mine = {"method": method, "seed": seed, "out": out, "stage1": stage1}
            own = argparse.Namespace(**{**vars(args), **mine, "resume": goes_on})
            if not args.resume:
                (out / "last.ckpt").unlink(missing_ok=True)
            model = train_codt(CoDTRun.from_options(own), task, own)
            results[method][seed] = _measure(model, task, own)
    if task.target_test.num_classes == 1:
        return pd.read_csv(out / "clusters.csv", index_col="clip")
    table = codt_table(results)
    print("", table.to_string(float_format="{:.1f}".format), sep="\n")
    (args.out / "results.json").write_text(json.dumps(results, indent=2))
    table.to_csv(args.out / "results.csv")
    return table


def _measure(model: CoDT, task: CrossDomainTask, args: argparse.Namespace) -> dict[str, Any]:
    """Clusters the clips that are held out, draws them, and compares them with their classes."""
    clips, run = task.target_test, CoDTRun.read(args.out)
    output = cluster_clips(model, clips)
    if clips.num_classes == 1:  # nobody has said what they are
        _draw(run, clips, output, args.out)
        return {}
    _draw(run, clips, output, args.out, clips.labels)
    return evaluate_codt(output, clips.labels, args.seed)


def _cluster_own(args: argparse.Namespace) -> pd.DataFrame:
    """Clusters a user's own clips by the network of a run, prepared as its clips were."""
    run, model = CoDTRun.read(args.out), CoDT.load(args.out / "model.pt")
    default = signature(TASKS[run.task]).parameters.get("num_frames")
    frames = run.options.get("num_frames", default.default if default else 50)
    chain = (codt_chain_2d if run.in_pictures else codt_chain)(model.skeleton, frames)
    clips = ClipTable.from_unlabeled(args.cluster, model.skeleton, transform=chain)
    out = args.out / "own"
    _draw(run, clips, cluster_clips(model, clips), out)
    table = pd.read_csv(out / "clusters.csv", index_col="clip")
    print(table.to_string())
    return table


def _draw(
    run: CoDTRun, clips: ClipDataset, output: CoDTOutput, out: Path, labels: Tensor | None = None
) -> None:
    logits = {"B0": output.shared_logits, "B1": output.logits}
    features = {"B0": output.shared_features, "B1": output.features}
    view: dict[str, Any] = {"coordinates": 2, "up": "-y"} if run.in_pictures else {}
    files = draw_clusters(clips, logits, features, out, labels, **view)
    print(f"wrote {', '.join(files)} to {out}")
