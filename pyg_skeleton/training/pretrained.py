"""Trained networks to start from."""

import hashlib
import os
from inspect import signature
from pathlib import Path
from typing import Any, NamedTuple

from pyg_skeleton.nn.models import list_models, model_class
from pyg_skeleton.nn.models.checkpoint import read_checkpoint
from pyg_skeleton.training.run import NAME, Run


class Pretrained(NamedTuple):
    """The settings that a run takes over from a trained network besides its weights."""

    model: str
    """The name of the network in the registry."""
    preset: str
    """Its preset."""
    network: dict[str, Any]
    """Its arguments that differ from the preset, but those that depend on the data."""


#: The arguments of networks that depend on the data.
_FROM_DATA = ("num_classes", "num_future", "num_clusters", "num_samples", "shared", "num_persons")


def find_pretrained(path: str | os.PathLike[str]) -> Path:
    """Returns the file of a trained network.

    Args:
        path (str): The folder of a run, or the file itself.

    Raises:
        FileNotFoundError: If there is none.
    """
    path = Path(path)
    file = path / "model.pt" if path.is_dir() else path
    if not file.is_file():
        hint = "; its run has not been trained to the end" if (path / NAME).is_file() else ""
        raise FileNotFoundError(f"no trained network at {file}{hint}")
    return file


def read_pretrained(path: str | os.PathLike[str]) -> Pretrained:
    """Returns what a run takes over: of the record of the network's run, if it is beside the file,
    or else of the file.

    Args:
        path (str): The folder of a run, or the file of a network.

    Raises:
        FileNotFoundError: If there is no network.
        ValueError: If the file is damaged, or holds weights alone.
    """
    file = find_pretrained(path)
    if (file.parent / NAME).is_file():
        run = Run.read(file.parent)
        preset = run.preset or next(iter(model_class(run.model).presets))
        return Pretrained(run.model, preset, _kept(run.network))
    content = read_checkpoint(file)
    for name in list_models():
        kind = model_class(name)
        if kind.__name__ == content.model:
            preset, arguments = next(iter(kind.presets.items()))
            usual = {n: p.default for n, p in signature(kind).parameters.items()} | arguments
            config = content.config.items()
            return Pretrained(name, preset, _kept({n: v for n, v in config if v != usual[n]}))
    raise ValueError(f"{file} holds no network of the registry, got {content.model or 'weights'}")


def digest(path: str | os.PathLike[str]) -> str:
    """Returns the start of the SHA-256 of a file of a network."""
    return hashlib.sha256(find_pretrained(path).read_bytes()).hexdigest()[:16]


def _kept(network: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in network.items() if name not in _FROM_DATA}
