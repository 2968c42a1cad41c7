"""What a training run of CoDT was asked to do."""

import argparse
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from pyg_skeleton.training.clustering.recipe import CODT_METHODS, CODT_RECIPES, CoDTRecipe
from pyg_skeleton.training.run import SavedRun


@dataclass(frozen=True)
class CoDTRun(SavedRun):
    """The settings of a run of :class:`~pyg_skeleton.nn.models.CoDT`.

    Args:
        recipe (CoDTRecipe): How to train.
        task (str): The task, see :func:`load_task`.
        options (dict): Further arguments of the task.
        method (str): Which of the paper's rows this is.
        preset (str): The preset of the network.
        network (dict): Further arguments of the network.
        seed (int): The seed.
    """

    recipe: CoDTRecipe
    task: str
    options: dict[str, Any]
    method: str
    preset: str
    network: dict[str, Any]
    seed: int

    recipe_class: ClassVar[Any] = CoDTRecipe

    @classmethod
    def from_options(cls, args: argparse.Namespace) -> "CoDTRun":
        """The run that :func:`parse_codt` was asked for."""
        recipe = replace(CODT_RECIPES[args.recipe], **{**CODT_METHODS[args.method], **args.changes})
        names = ("task", "options", "method", "preset", "network", "seed")
        return cls(recipe, **{name: getattr(args, name) for name in names})

    @property
    def in_pictures(self) -> bool:
        """Whether poses are two coordinates and a score, not positions in space."""
        return self.task == "kinetics-ntu60" or bool(self.options.get("flat", False))
