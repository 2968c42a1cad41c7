"""One training run of CoDT."""

import argparse
import warnings
from dataclasses import replace
from pathlib import Path

import torch

from pyg_skeleton.datasets.cross_domain.load_task import CrossDomainTask
from pyg_skeleton.nn.models.clustering.codt import CoDT
from pyg_skeleton.training.clustering.data_module import CoDTDataModule
from pyg_skeleton.training.clustering.module import CoDTModule
from pyg_skeleton.training.clustering.recipe import CODT_METHODS
from pyg_skeleton.training.clustering.run import CoDTRun
from pyg_skeleton.training.trainer.create_trainer import create_trainer


def train_codt(run: CoDTRun, task: CrossDomainTask, args: argparse.Namespace) -> CoDT:
    """Trains the network, and saves it as :obj:`model.pt`: that of the last epoch.

    The first stage leaves its checkpoint in :obj:`args.stage1`. All methods share it: a run that
    finds it there begins with the second stage.

    Args:
        run (CoDTRun): What to train.
        task (CrossDomainTask): The clips.
        args (argparse.Namespace): Where: :obj:`out`, :obj:`stage1`, :obj:`resume` and the machine.

    Returns:
        The network.
    """
    last, first = args.out / "last.ckpt", args.stage1 / "last.ckpt"
    if args.resume and last.exists():
        run.check_same(args.out)
    elif args.resume and first.exists():
        _first_stage(run).check_same(args.stage1)
    run.write(args.out)
    if not (args.resume and last.exists()):
        if run.recipe.clustering_epoch > 0:
            _fit(_first_stage(run), task, args, args.stage1, first)
        last = first
    model = _fit(run, task, args, args.out, last).cpu()
    model.save(args.out / "model.pt")
    return model


def create_codt(run: CoDTRun, task: CrossDomainTask) -> CoDT:
    """Creates the network of a run for the layouts and numbers of a task."""
    sizes = {
        "num_classes": len(task.source.classes),
        "num_clusters": task.num_clusters,
        "num_samples": len(task.target_train),
        "in_channels": task.target_train[0].x.size(-1),
        "num_persons": max(task.source.num_persons, task.target_train.num_persons),
    }
    skeleton = task.target_train.skeleton
    return CoDT.from_preset(run.preset, skeleton, shared=task.shared, **(sizes | run.network))


def _first_stage(run: CoDTRun) -> CoDTRun:
    """The run until clusters are made, which is the same with all methods."""
    same = replace(run.recipe, epochs=run.recipe.clustering_epoch, **CODT_METHODS["bm"])
    return replace(run, method="bm", recipe=same)


def _fit(
    run: CoDTRun, task: CrossDomainTask, args: argparse.Namespace, out: Path, start: Path
) -> CoDT:
    """Trains from a checkpoint on, if there is one."""
    torch.manual_seed(run.seed)
    model = create_codt(run, task)
    module = CoDTModule(model, run.recipe, task.source.skeleton, run.seed)
    clips = (task.source, task.target_train, task.target_test)
    data = CoDTDataModule(*clips, run.recipe.batch_size, run.seed, args.num_workers)
    steps = run.recipe.epochs * data.steps_per_epoch
    goes_on = args.resume and start.parent == out and start.exists()
    trainer = create_trainer(out, steps, goes_on, accelerator=args.accelerator, devices=1)
    run.write(out)
    begins = goes_on or start.parent != out
    with warnings.catch_warnings():
        # The second stage goes on from a checkpoint in another folder.
        warnings.filterwarnings("ignore", "The dirpath has changed")
        trainer.fit(module, data, ckpt_path=start if begins and start.exists() else None)
    return model
