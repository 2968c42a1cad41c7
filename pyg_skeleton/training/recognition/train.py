"""One training run for recognition."""

import argparse
from inspect import signature
from typing import Any

import torch
from lightning import Trainer
from torch_geometric.data import Dataset

from pyg_skeleton.nn.models import SkeletonGCL, SkeletonModel, model_class
from pyg_skeleton.training.recognition.data import load_clips
from pyg_skeleton.training.recognition.data_module import RecognitionDataModule
from pyg_skeleton.training.recognition.module import RecognitionModule
from pyg_skeleton.training.recognition.run import RecognitionRun
from pyg_skeleton.training.trainer.create_trainer import create_trainer

#: The data sets whose preparation leaves up to two persons, also where there are fewer or more.
_TWO_PERSONS = ("ntu60", "ntu120", "kinetics", "pose-annotations")


def train_recognition(run: RecognitionRun, args: argparse.Namespace) -> SkeletonModel | None:
    """Trains a network, and saves it as :obj:`model.pt`: that of the last epoch.

    Args:
        run (RecognitionRun): What to train.
        args (argparse.Namespace): Where: :obj:`out`, :obj:`root`, :obj:`resume` and the machine.

    Returns:
        The network; :obj:`None` in all processes but one.
    """
    last = args.out / "last.ckpt"
    resume = args.resume and last.exists()
    if resume:
        run.check_same(args.out)
    train, val = _clips(run, args.root)
    torch.manual_seed(run.seed)
    model = create_network(run, train)
    gcl = None
    if run.gcl != "none":
        options: dict[str, Any] = {"per_class": 342} if run.dataset == "nw-ucla" else {}
        options |= {"num_samples": len(train), **run.contrast}
        gcl = SkeletonGCL(model, len(train.classes), recipe=run.gcl, **options)
    module = RecognitionModule(gcl or model, run.recipe, run.seed, args.compile)
    data = RecognitionDataModule(train, val, run.recipe.batch_size, run.seed, args.num_workers)
    precision = {"32": "32-true", "bf16": "bf16-mixed"}[args.precision]
    hardware = {"accelerator": args.accelerator, "devices": args.devices, "precision": precision}
    processes = 1 if args.devices == "1" else Trainer(**hardware, logger=False).world_size
    steps = run.recipe.epochs * data.steps_per_epoch(processes)
    trainer = create_trainer(args.out, steps, args.resume, **hardware)
    if trainer.is_global_zero:
        run.write(args.out)
    trainer.fit(module, data, ckpt_path=last if resume else None)
    if not trainer.is_global_zero:
        return None
    model.cpu().save(args.out / "model.pt")
    return model


def create_network(run: RecognitionRun, clips: Dataset) -> SkeletonModel:
    """Creates the network of a run for the layout, classes and channels of some clips.

    Args:
        run (RecognitionRun): With the network's name, preset and arguments.
        clips (Dataset): The clips.
    """
    kind: Any = model_class(run.model)
    preset = run.preset or next((p for p in (run.dataset, "tiny") if p in kind.presets), None)
    wanted: dict[str, Any] = {
        "num_classes": len(clips.classes),
        "in_channels": clips[0].x.size(-1),
        "num_persons": 2 if run.dataset in _TWO_PERSONS else clips.num_persons,
        "prediction": False,  # Sym-GNN without its second head
    }
    known = signature(kind).parameters
    wanted = {name: value for name, value in wanted.items() if name in known}
    model: SkeletonModel = kind.from_preset(preset, clips.skeleton, **wanted | run.network)
    model.classes = [str(name) for name in clips.classes]
    return model


def _clips(run: RecognitionRun, root: str | None) -> tuple[Any, Any]:
    """The clips to learn from, and those that are held out of them."""
    train = load_clips(run, "train", root)
    if not run.val_share:
        return train, None
    generator = torch.Generator().manual_seed(run.seed)
    order = torch.randperm(train.num_clips, generator=generator)
    held_out = torch.zeros(train.num_clips, dtype=torch.bool)
    held_out[order[: round(run.val_share * train.num_clips)]] = True
    rest = load_clips(run, "train", root, augment=False)
    return train[~held_out.repeat(run.recipe.repeat)], rest[held_out]
