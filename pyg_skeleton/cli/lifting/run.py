"""What the examples that lift poses do, from the command line to the table."""

import argparse
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from inspect import signature
from typing import Any

import torch
from torch import Tensor

from pyg_skeleton.cli.lifting.options import load_lifting
from pyg_skeleton.cli.lifting.pictures import draw_lifting
from pyg_skeleton.cli.lifting.report import format_lifting
from pyg_skeleton.datasets import LiftingDataset
from pyg_skeleton.metrics import hard_pose_table, mpjpe
from pyg_skeleton.nn.models import LiftingModel, model_class
from pyg_skeleton.skeleton import total_bone_length
from pyg_skeleton.training.lifting.data_module import LiftingDataModule
from pyg_skeleton.training.lifting.evaluate import evaluate_lifting, lift
from pyg_skeleton.training.lifting.module import LiftingModule
from pyg_skeleton.training.lifting.recipe import LIFTING_RECIPES, LiftingRecipe
from pyg_skeleton.training.trainer.create_trainer import create_trainer

#: By name, the runs of an experiment: what each is called, and the options that it changes.
Experiments = Mapping[str, Mapping[str, Mapping[str, Any]]]
#: The name of a run, its options, the network and the test poses.
Run = tuple[str, argparse.Namespace, LiftingModel, LiftingDataset]


def run_lifting(args: argparse.Namespace, experiments: Experiments) -> dict[str, Any]:
    """Trains and measures the networks that the command line asks for, or measures what it is
    given; writes checkpoints, tables and pictures to :obj:`args.out`, and prints.

    Args:
        args (argparse.Namespace): What :func:`parse_lifting` returned.
        experiments (dict): By name, the runs of an experiment. A run may change any option;
            :obj:`network` has arguments of the network.

    Returns:
        What :func:`evaluate_lifting` returned, by the name of the network.
    """
    results: dict[str, Any] = {}
    poses: dict[str, Tensor] = {}
    runs = _evaluations(args) if args.evaluate else _trainings(args, experiments)
    for name, mine, model, test in runs:
        flip = LIFTING_RECIPES[mine.recipe].flip if mine.flip_test is None else mine.flip_test
        poses[name] = lift(model, test, flip, mine.calibrate)
        results[name] = evaluate_lifting(poses[name], test, _notes(mine, test, flip))
        metrics = mine.out / "metrics.csv"
        pictures = draw_lifting({name: poses[name]}, test, mine.out, model, metrics)
        print(f"wrote {', '.join(pictures)} to {mine.out}")
    print("", format_lifting(results), sep="\n")
    if len({pose.shape for pose in poses.values()}) == 1 < len(poses):
        truth, root = test.positions, test.skeleton.root
        table = hard_pose_table({name: mpjpe(pose, truth, root) for name, pose in poses.items()})
        print(f"\nMPJPE (mm) on the hardest poses of each network\n{table.round(1).to_string()}")
        results["hard poses"] = table.reset_index().to_dict("records")
        draw_lifting(poses, test, args.out)
    args.out.mkdir(parents=True, exist_ok=True)
    file = args.out / ("evaluation.json" if args.evaluate else "results.json")
    file.write_text(json.dumps(results, indent=2))
    return results


def _evaluations(args: argparse.Namespace) -> Iterator[Run]:
    """What is in the given files, with the test poses."""
    for number, path in enumerate(args.evaluate, start=1):
        model = LiftingModel.load(path)
        mine = _changed(args, target_space=model.target_space)
        if len(args.evaluate) > 1:
            mine.out = args.out / f"{number}"
        test = load_lifting(mine, "test", args.skeleton or model.skeleton, model.num_frames)
        name = type(model).__name__
        yield name if len(args.evaluate) == 1 else f"{name} {path}", mine, model, test


def _trainings(args: argparse.Namespace, experiments: Experiments) -> Iterator[Run]:
    """Networks that have just been trained, with the test poses."""
    if args.experiment is None:
        yield model_class(args.model).__name__, args, *_train(args)
        return
    for name, changes in experiments[args.experiment].items():
        kind = model_class(changes.get("model", args.model))
        known = signature(kind).parameters
        network = {k: v for k, v in args.network.items() if k in known}
        network |= changes.get("network", {})
        out = args.out / re.sub(r"[^\w.=-]+", "_", name)
        preset = None if "model" in changes else args.preset
        mine = _changed(args, **{"preset": preset, **changes, "network": network, "out": out})
        yield name, mine, *_train(mine)


def _train(args: argparse.Namespace) -> tuple[LiftingModel, LiftingDataset]:
    """Trains a network, and saves it."""
    kind: Any = model_class(args.model)
    preset = kind.check_preset(args.preset)
    settings = {**kind.presets[preset], **args.network}
    skeleton = args.skeleton or (None if args.dataset == "humaneva" else settings["skeleton"])
    frames = settings.get("num_frames", 1)
    train, test = (load_lifting(args, s, skeleton, frames) for s in ("train", "test"))

    torch.manual_seed(args.seed)
    model = kind.from_preset(preset, train.skeleton, **args.network)
    model.classes, model.target_space = list(train.actions), train.target_space
    model.bone_length = float(total_bone_length(train.positions, train.skeleton).mean())
    recipe, val = _recipe(args), None
    if recipe.schedule == "plateau":
        every = min(20, len(train.sequences))
        held_out = train.sequence_ids % every == every - 1
        train, val = train[~held_out], train[held_out]
    with torch.no_grad():
        for name, weight in model.output.named_parameters():
            if "weight" in name and "edge" not in name:
                weight.mul_(recipe.output_scale)
    data = LiftingDataModule(train, val, recipe.batch_size, args.steps_per_epoch, args.seed)
    options = {"accelerator": args.accelerator, "devices": 1, "check_val_every_n_epoch": 1}
    trainer = create_trainer(args.out, recipe.max_steps, args.resume, **options)
    last = args.out / "last.ckpt"
    module = LiftingModule(model, recipe, args.seed)
    trainer.fit(module, data, ckpt_path=last if args.resume and last.exists() else None)
    model.cpu().save(args.out / "model.pt")
    return model, test


def _recipe(args: argparse.Namespace) -> LiftingRecipe:
    names = ("max_steps", "batch_size", "lr", "loss", "bone_weight", "flip")
    chosen = {name: getattr(args, name) for name in names}
    changes = {name: value for name, value in chosen.items() if value is not None}
    return replace(LIFTING_RECIPES[args.recipe], **changes)


def _notes(args: argparse.Namespace, test: LiftingDataset, flip: bool) -> list[str]:
    """What else a number depends on."""
    notes = [f"{args.dataset} {args.keypoints} 2-D"]
    if args.noise:
        notes[0] += f" with noise of {args.noise:g} px"
    if args.dataset == "h36m":
        notes.append(f"on {'+'.join(test.subjects)}")
    return [
        *notes,
        "flip" if flip else "no flip",
        "calibrated" if args.calibrate else "not calibrated",
    ]


def _changed(args: argparse.Namespace, **changes: Any) -> argparse.Namespace:
    return argparse.Namespace(**{**vars(args), **changes})
