"""The record of a training run."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from torch import Tensor
from torch_geometric.data import Dataset

from pyg_skeleton.training.recipe import Recipe
from pyg_skeleton.version import __version__
from pyg_skeleton.whole_file import write_text

#: The file of a run's record in its folder.
NAME = "run.json"


@dataclass(frozen=True)
class Run:
    """A training run: the settings, the data, and the version that it was made with.

    Args:
        task (str): The task, see :obj:`~pyg_skeleton.training.TASKS`.
        data (dict): The :obj:`name` of the data set and the options that it was opened with;
            folders are no part of it.
        model (str): The network, by its name in the registry.
        preset (str, optional): Its preset.
        recipe (Recipe): How it is trained.
        network (dict, optional): Further arguments of the network. (default: :obj:`{}`)
        seed (int, optional): The seed. (default: :obj:`0`)
        options (dict, optional): Settings that only the task has. (default: :obj:`{}`)
        fingerprint (dict, optional): The clips that it was trained on, see :func:`fingerprint`, and
            a digest of the pretrained network; :func:`train` fills it in. (default: :obj:`{}`)
        version (str, optional): The version of this package.
        pretrained (str, optional): The network to start from, a :obj:`model.pt` or the folder of
            its run. It is loaded for the layout and the classes of the data, see
            :meth:`~pyg_skeleton.nn.models.SkeletonModel.load`; the preset is not used.
            (default: :obj:`None`)
        freeze (tuple of str, optional): The parts of the network that keep their weights, see
            :meth:`~pyg_skeleton.nn.models.SkeletonModel.freeze`. (default: :obj:`()`)
        freeze_statistics (bool, optional): Whether they keep their batch statistics, too. Without
            parts, the whole pretrained network does, and all weights learn.
            (default: :obj:`False`)
    """

    task: str
    data: dict[str, Any]
    model: str
    preset: str | None
    recipe: Recipe
    network: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    options: dict[str, Any] = field(default_factory=dict)
    fingerprint: dict[str, Any] = field(default_factory=dict)
    version: str = __version__
    pretrained: str | None = None
    freeze: tuple[str, ...] = ()
    freeze_statistics: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The record in plain values, as it is in :obj:`run.json`."""
        content: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return content

    def write(self, out: str | os.PathLike[str]) -> None:
        """Writes the record to :obj:`run.json` in a folder."""
        write_json(self.to_dict(), Path(out) / NAME)

    @classmethod
    def read(cls, out: str | os.PathLike[str]) -> "Run":
        """Reads the record of a folder.

        Raises:
            FileNotFoundError: If there is none.
            ValueError: If it is damaged.
        """
        from pyg_skeleton.training.tasks import get_task

        file = Path(out) / NAME
        if not file.is_file():
            raise FileNotFoundError(f"no run in {out}: {file} is missing")
        try:
            content = json.loads(file.read_text())
            kind = get_task(content["task"]).recipe_class
            _check_names(content, cls)
            _check_names(content["recipe"], kind)
            recipe = kind(**_tuples(content.pop("recipe")))
            network, options = (_tuples(content.pop(name)) for name in ("network", "options"))
            freeze = _tuple(content.pop("freeze", []))
            return cls(recipe=recipe, network=network, options=options, freeze=freeze, **content)
        except (
            *(ValueError, TypeError, LookupError, AttributeError),
            *(RecursionError, OverflowError),
        ) as error:
            reason = str(error).split("\n")[0] or type(error).__name__
            raise ValueError(f"{file} is not the record of a run: {reason:.200}") from error

    def check_same(self, out: str | os.PathLike[str]) -> None:
        """Refuses a folder that holds a run with other settings or data. The length of the run and
        the version of the package may differ.

        Raises:
            ValueError: With what differs.
        """
        saved, own = (dict(_settings(run.to_dict())) for run in (Run.read(out), self))
        changed = [
            f"{name} {_short(saved.get(name))} there, {_short(own.get(name))} here"
            for name in {**saved, **own}
            if saved.get(name) != own.get(name)
        ]
        if changed:
            raise ValueError(f"the run in {out} is another: {'; '.join(changed)}")


def fingerprint(dataset: Dataset) -> dict[str, Any]:
    """Returns values that identify a data set: its class, length, layout and classes, and a digest
    of the names and labels of its clips or sequences.

    Args:
        dataset (Dataset): The data set.
    """
    content: dict[str, Any] = {"dataset": type(dataset).__name__, "samples": len(dataset)}
    skeleton = getattr(dataset, "skeleton", None)
    if skeleton is not None:
        content |= {"layout": skeleton.name, "skeleton": skeleton.fingerprint}
    classes = getattr(dataset, "classes", getattr(dataset, "actions", None))
    if classes is not None:
        content["classes"] = [str(name) for name in classes]
    digest = hashlib.sha256()
    for attribute in ("names", "labels", "sequences"):
        values = getattr(dataset, attribute, None)
        if isinstance(values, Tensor | list | tuple):
            values = values.tolist() if isinstance(values, Tensor) else values
            digest.update(json.dumps(values, default=str).encode())
            content["clips"] = digest.hexdigest()[:16]
    return content


def write_json(content: object, path: str | os.PathLike[str]) -> None:
    """Writes plain values to a JSON file, which appears whole or not at all."""
    write_text(json.dumps(content, indent=2), path)


def _settings(content: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yields the values that must not change when a run continues, by dotted name."""
    for name, value in content.items():
        if prefix == "" and name in ("version", "pretrained"):  # the fingerprint tells which
            continue
        if prefix == "recipe." and name in ("epochs", "max_steps"):
            continue
        if isinstance(value, dict) and prefix.count(".") < 2:
            yield from _settings(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _check_names(content: object, kind: Any) -> None:
    """Refuses what are no arguments of a data class; those of plain types have these types."""
    if not isinstance(content, dict):
        raise ValueError(f"expected an object, got {_short(content)}")
    known: dict[str, Any] = {field.name: field.type for field in fields(kind)}
    for name, value in content.items():
        if name not in known:
            raise ValueError(f"unknown field {name!r}, expected {', '.join(known)}")
        if not _is_of(value, known[name]):
            expected = getattr(known[name], "__name__", known[name])
            raise ValueError(f"expected {name} as {expected}, got {_short(value)}")


def _is_of(value: object, kind: Any) -> bool:
    """Whether a value from a JSON file has a type, if that is a plain one."""
    outer, inner = get_origin(kind), get_args(kind)
    if outer in (Union, UnionType):
        return any(_is_of(value, part) for part in inner)
    if outer is tuple:
        return isinstance(value, list) and all(_is_of(part, inner[0]) for part in value)
    if kind is float:
        return type(value) in (int, float)
    plain = outer or kind
    return plain not in (str, int, bool, dict, NoneType) or type(value) is plain


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _tuples(content: Mapping[str, Any]) -> dict[str, Any]:
    """Lists as tuples, which JSON does not have."""
    return {name: _tuple(value) for name, value in content.items()}


def _tuple(value: Any) -> Any:
    return tuple(_tuple(v) for v in value) if isinstance(value, list) else value
