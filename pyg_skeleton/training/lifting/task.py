"""Lifting of 2-D poses as a kind of task."""

from typing import Any, ClassVar

import torch

from pyg_skeleton.camera import PixelDepthTarget
from pyg_skeleton.datasets import LiftingDataset
from pyg_skeleton.nn.models import (
    LiftingModel,
    MartinezMLP,
    SkeletonModel,
    list_models,
    model_class,
)
from pyg_skeleton.nn.models.lifting.model import check_normalized
from pyg_skeleton.skeleton import total_bone_length
from pyg_skeleton.training.data_module import SkeletonDataModule
from pyg_skeleton.training.lifting.evaluate import evaluate_lifting, lift
from pyg_skeleton.training.lifting.module import LiftingModule
from pyg_skeleton.training.lifting.recipe import LIFTING_RECIPES, LiftingRecipe
from pyg_skeleton.training.module import SkeletonModule
from pyg_skeleton.training.run import Run
from pyg_skeleton.training.task import Task

#: The recipe of each network for Human3.6M.
_H36M = {"lcn": "lcn", "martinez_mlp": "martinez", "skeletal_gnn": "hcsf", "sr_net": "hcsf"}


class LiftingTask(Task[LiftingModel, LiftingDataset]):
    """Lifting of 2-D poses to 3-D."""

    name = "lifting"
    models: ClassVar[dict[str, type[SkeletonModel]]] = {
        name: model_class(name)
        for name in ("sem_gcn", *list_models())
        if issubclass(model_class(name), LiftingModel)
    }
    recipes = LIFTING_RECIPES
    recipe_class = LiftingRecipe

    def recipe_for(self, data: str, model: str, preset: str) -> str:
        """The name of the recipe for a data set and a network."""
        if data == "h36m":
            return _H36M.get(model, "sem-gcn-code")
        return data if data in self.recipes else "tiny"

    def create_network(self, run: Run, train_set: LiftingDataset) -> LiftingModel:
        """Creates the network of a run for the layout and the target space of its poses."""
        recipe = run.recipe
        assert isinstance(recipe, LiftingRecipe)
        kind = model_class(run.model)
        arguments: dict[str, Any] = {}
        if kind is MartinezMLP and train_set.target_space == PixelDepthTarget.name:
            arguments["predict_root"] = True  # zero among root-relative positions only
            if not run.network.get("predict_root", True):
                raise ValueError("the target space 'pixel-depth' needs predict_root=True")
        model: Any = self.build(run, train_set.skeleton, **arguments)
        model.classes, model.target_space = list(train_set.actions), train_set.target_space
        model.input_space = train_set.input_space
        lengths = total_bone_length(train_set.positions, train_set.skeleton)
        model.bone_length = float(lengths.mean())
        model.set_units(train_set)
        if run.pretrained is not None:
            return model
        with torch.no_grad():
            for name, weight in model.output.named_parameters():
                if "weight" in name and "edge" not in name and weight.dim() > 1:
                    weight.mul_(recipe.output_scale)
        return model

    def create_module(
        self, run: Run, model: LiftingModel, train_set: LiftingDataset, compile: bool = False
    ) -> SkeletonModule:
        """Creates the module that trains the network."""
        assert isinstance(run.recipe, LiftingRecipe)
        return LiftingModule(model, run.recipe, run.seed, compile)

    def create_data(
        self,
        run: Run,
        train_set: LiftingDataset,
        val_set: LiftingDataset | None = None,
        num_workers: int = 0,
    ) -> SkeletonDataModule:
        """Creates the data module of a run. The schedule :obj:`"plateau"` needs held-out poses: by
        default, every twentieth sequence.
        """
        check_normalized(train_set.keypoints)
        if val_set is None and run.recipe.schedule == "plateau":
            train_set, val_set = hold_out_sequences(train_set)
        return super().create_data(run, train_set, val_set, num_workers)

    def evaluate(
        self, model: LiftingModel, dataset: LiftingDataset, flip: bool = False
    ) -> dict[str, Any]:
        """Errors with their protocols, see :func:`lift` and :func:`evaluate_lifting`."""
        poses = lift(model, dataset, flip)
        return evaluate_lifting(poses, dataset, ["flip" if flip else "no flip"])


def hold_out_sequences(
    dataset: LiftingDataset, every: int = 20
) -> tuple[LiftingDataset, LiftingDataset]:
    """Splits poses into those to learn from and held-out ones.

    Args:
        dataset (LiftingDataset): The poses.
        every (int, optional): The last of each group of this many sequences is held out.
            (default: :obj:`20`)
    """
    every = min(every, len(dataset.sequences))
    held_out = dataset.sequence_ids % every == every - 1
    return dataset[~held_out], dataset[held_out]
