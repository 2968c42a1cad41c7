"""What a training run for recognition was asked to do, on the command line and on the disk."""

import argparse
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar

from pyg_skeleton.training.recognition.recipe import RECOGNITION_RECIPES, RecognitionRecipe
from pyg_skeleton.training.run import SavedRun
from pyg_skeleton.transforms.stream import StreamName


@dataclass(frozen=True)
class RecognitionRun(SavedRun):
    """The settings of a run of a network that recognizes actions.

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

    recipe_class: ClassVar[Any] = RecognitionRecipe

    @classmethod
    def from_options(cls, args: argparse.Namespace) -> "RecognitionRun":
        """The run that :func:`parse_recognition` was asked for."""
        recipe = replace(RECOGNITION_RECIPES[args.recipe], **args.changes)
        names = [field.name for field in fields(cls) if field.name != "recipe"]
        return cls(recipe=recipe, **{name: getattr(args, name) for name in names})

    @property
    def title(self) -> str:
        """What tables call it."""
        gcl = "" if self.gcl == "none" else f" + SkeletonGCL ({self.gcl})"
        return f"{self.model}{gcl}, {self.stream}"
