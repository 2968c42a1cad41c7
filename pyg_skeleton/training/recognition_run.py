"""What a training run for recognition was asked to do, on the command line and on the disk."""

import argparse
import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from pyg_skeleton.training.recognition_recipe import RECOGNITION_RECIPES, RecognitionRecipe
from pyg_skeleton.transforms.stream import StreamName

NAME = "run.json"


@dataclass(frozen=True)
class RecognitionRun:
    """The settings of a run; what else is needed to repeat it is in the code.

    Args:
        model (str): The network, by its name in the registry.
        preset (str, optional): Its preset.
        network (dict): Further arguments of the network.
        gcl (str): The recipe of SkeletonGCL, or :obj:`"none"`.
        contrast (dict): Further arguments of SkeletonGCL.
        recipe (RecognitionRecipe): How to train.
        dataset (str): The data set, by its name on the command line.
        benchmark (str, optional): Its split, where it has several.
        stream (str): See :class:`~pyg_skeleton.transforms.Stream`.
        seed (int): The seed.
        val_share (float): The share of the training clips that are held out.
        layout (str, optional): The name or the file of the layout, where the data do not say.
            (default: :obj:`None`)
        ignore (str, optional): A file with the names of recordings of NTU to leave out.
            (default: :obj:`None`)
    """

    model: str
    preset: str | None
    network: dict[str, Any]
    gcl: str
    contrast: dict[str, Any]
    recipe: RecognitionRecipe
    dataset: str
    benchmark: str | None
    stream: StreamName
    seed: int
    val_share: float
    layout: str | None = None
    ignore: str | None = None

    @classmethod
    def from_options(cls, args: argparse.Namespace) -> "RecognitionRun":
        """The run that :func:`parse_recognition` was asked for."""
        recipe = replace(RECOGNITION_RECIPES[args.recipe], **args.changes)
        own = {name: getattr(args, name) for name in cls.__dataclass_fields__ if name != "recipe"}
        return cls(recipe=recipe, **own)

    @property
    def title(self) -> str:
        """What tables call it."""
        gcl = "" if self.gcl == "none" else f" + SkeletonGCL ({self.gcl})"
        return f"{self.model}{gcl}, {self.stream}"

    def write(self, out: Path) -> None:
        """Writes the settings to a folder."""
        out.mkdir(parents=True, exist_ok=True)
        partial = out / f"{NAME}.partial"
        partial.write_text(json.dumps(asdict(self), indent=2))
        os.replace(partial, out / NAME)

    @classmethod
    def read(cls, out: Path) -> "RecognitionRun":
        """Reads the settings of a folder.

        Raises:
            FileNotFoundError: If there are none.
            ValueError: If they are damaged.
        """
        file = out / NAME
        if not file.is_file():
            raise FileNotFoundError(f"no run in {out}: {file} is missing")
        try:
            content = json.loads(file.read_text())
            recipe = content.pop("recipe")
            recipe["milestones"] = tuple(recipe["milestones"])
            return cls(recipe=RecognitionRecipe(**recipe), **content)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"{file} holds no settings of a run: {error}") from error

    def check_same(self, out: Path) -> None:
        """Refuses to go on with a run that had other settings; it may become longer.

        Raises:
            ValueError: With the difference in words.
        """
        theirs, ours = (
            json.loads(json.dumps(asdict(replace(run, recipe=replace(run.recipe, epochs=1)))))
            for run in (RecognitionRun.read(out), self)
        )
        changed = [
            f"{name}={theirs[name]!r} there, {ours[name]!r} here"
            for name in ours
            if theirs[name] != ours[name]
        ]
        if changed:
            raise ValueError(f"the run in {out} is another: {'; '.join(changed)}")
