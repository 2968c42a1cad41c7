"""Prediction and recognition of motion as a kind of task."""

import copy
from collections.abc import Mapping
from inspect import signature
from typing import Any, ClassVar

from torch_geometric.data import Dataset
from torch_geometric.transforms import Compose

from pyg_skeleton.datasets import ExpMapDataset, ShuffledSupervision
from pyg_skeleton.nn.models import MotionModel, SiMLPe, SymGNN, TrajectoryGCN
from pyg_skeleton.training.data_module import SkeletonDataModule
from pyg_skeleton.training.module import SkeletonModule
from pyg_skeleton.training.motion.evaluate import evaluate_motion, forecast, steps_of
from pyg_skeleton.training.motion.module import SymGNNModule
from pyg_skeleton.training.motion.recipe import SYM_GNN_RECIPES, SymGNNRecipe
from pyg_skeleton.training.run import Run
from pyg_skeleton.training.task import Task
from pyg_skeleton.transforms import MirrorFlip, Standardize


class MotionTask(Task[MotionModel, Dataset]):
    """Recognition and prediction of motion.

    Its runs have the options :obj:`shuffle_labels` and :obj:`shuffle_targets`, see
    :class:`~pyg_skeleton.datasets.ShuffledSupervision`.
    """

    name = "motion"
    models: ClassVar[dict[str, type[MotionModel]]] = {
        "sym_gnn": SymGNN,
        "si_mlpe": SiMLPe,
        "trajectory_gcn": TrajectoryGCN,
    }
    recipes = SYM_GNN_RECIPES
    recipe_class = SymGNNRecipe

    def preset_for(self, data: str, model: str) -> str:
        """The preset of a network that fits a data set."""
        return data if data in self.models[model].presets else "tiny"

    def recipe_for(self, data: str, model: str, preset: str) -> str:
        """The name of the recipe for a data set and a network: that of the preset, for Sym-GNN."""
        return preset if model == "sym_gnn" else model.replace("_", "-")

    def create_network(self, run: Run, train_set: Dataset) -> MotionModel:
        """Creates the network of a run for the layout, classes and frames of its clips."""
        classes = train_set.classes if "num_classes" in self._arguments(run) else None
        model: MotionModel = self.build(
            run, train_set.skeleton, classes, num_future=train_set.num_future
        )
        mean, std = train_set.statistics
        model.set_normalization(mean, std, getattr(train_set, "constant", None))
        model.set_units(train_set)
        if hasattr(train_set, "preparation"):
            clip = train_set.clip(0) if hasattr(train_set, "clip") else None
            model.set_preparation(train_set.preparation(), clip)
        model.num_observed = train_set[0].x.size(1)
        return model

    def create_module(
        self, run: Run, model: MotionModel, train_set: Dataset, compile: bool = False
    ) -> SkeletonModule:
        """Creates the module that trains the network."""
        assert isinstance(run.recipe, SymGNNRecipe)
        return SymGNNModule(model, run.recipe, run.seed, compile)

    def create_data(
        self, run: Run, train_set: Dataset, val_set: Dataset | None = None, num_workers: int = 0
    ) -> SkeletonDataModule:
        """Creates the data module of a run: standardized clips, perhaps with noisy supervision."""
        labels, targets = (run.options.get(f"shuffle_{n}", 0.0) for n in ("labels", "targets"))
        if labels or targets:
            train_set = ShuffledSupervision(train_set, labels, targets, run.seed)
        if run.recipe.mirror > 0 and train_set.skeleton.mirror:  # type: ignore[attr-defined]
            train_set = _mirrored(train_set, run.recipe.mirror)  # type: ignore[attr-defined]
        return create_motion_data(
            train_set,
            val_set,
            run.recipe.batch_size,
            run.recipe.steps_per_epoch,
            run.seed,
            num_workers,
            run.recipe.accumulate,
        )

    def _arguments(self, run: Run) -> Mapping[str, Any]:
        return signature(self.models[run.model]).parameters

    def evaluate(self, model: MotionModel, dataset: Dataset) -> dict[str, Any]:
        """Accuracies and prediction errors, see :func:`evaluate_motion`."""
        return evaluate_motion(forecast(model, dataset), dataset)


def create_motion_data(
    train: Dataset,
    val: Dataset | None = None,
    batch_size: int = 32,
    steps_per_epoch: int | None = 100,
    seed: int = 0,
    num_workers: int = 0,
    accumulate: int = 1,
) -> SkeletonDataModule:
    r"""A data module of standardized clips.

    Clips are standardized after the data set's own transform, unless that does so already. The
    data sets themselves do not change.

    Args:
        train (Dataset): The clips to learn from, with :obj:`statistics` (mean and standard
            deviation of each joint and channel, :math:`(V, C)` both).
        val (Dataset, optional): Held-out clips. (default: :obj:`None`)
        batch_size (int, optional): Clips per step and process. (default: :obj:`32`)
        steps_per_epoch (int, optional): Steps between two checkpoints. (default: :obj:`100`)
        seed (int, optional): The seed. (default: :obj:`0`)
        num_workers (int, optional): Processes that prepare clips. (default: :obj:`0`)
        accumulate (int, optional): The batches of a step. (default: :obj:`1`)

    Raises:
        ValueError: If :obj:`train` has no statistics, or a standard deviation is not above zero.
    """
    statistics = getattr(train, "statistics", None)
    if statistics is None:
        raise ValueError(
            f"{train} has no statistics; set them to (mean, std) of the training clips, "
            f"pyg_skeleton.transforms.Standardize.fit computes both"
        )
    try:
        standardize = Standardize(*statistics)
    except ValueError as error:
        raise ValueError(f"statistics of {train}: {error}") from error
    train, val = (d if d is None else _standardized(d, standardize) for d in (train, val))
    return SkeletonDataModule(
        train, val, batch_size, steps_per_epoch, seed, num_workers, accumulate=accumulate
    )


def _standardized(dataset: Dataset, standardize: Standardize) -> Dataset:
    if not any(isinstance(step, Standardize) for step in steps_of(dataset.transform)):
        dataset = copy.copy(dataset)
        dataset.transform = Compose([*steps_of(dataset.transform), standardize])
    return dataset


def _mirrored(dataset: Dataset, share: float) -> Dataset:
    """Mirrors some of the clips, of which x points to the left or to the right."""
    rotations = isinstance(getattr(dataset, "dataset", dataset), ExpMapDataset)
    mirror = MirrorFlip(dataset.skeleton, p=share, rotations=rotations)
    dataset = copy.copy(dataset)
    dataset.transform = Compose([*steps_of(dataset.transform), mirror])
    return dataset
