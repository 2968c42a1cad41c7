"""Clustering across domains by CoDT as a kind of task."""

from dataclasses import replace
from typing import Any, ClassVar

from pyg_skeleton.datasets.cross_domain.task import CrossDomainTask
from pyg_skeleton.nn.models import CoDT
from pyg_skeleton.training.clustering.evaluate import cluster_clips, evaluate_clusters
from pyg_skeleton.training.clustering.module import CoDTModule
from pyg_skeleton.training.clustering.recipe import CODT_METHODS, CODT_RECIPES, CoDTRecipe
from pyg_skeleton.training.data_module import SkeletonDataModule
from pyg_skeleton.training.module import SkeletonModule
from pyg_skeleton.training.run import Run, fingerprint
from pyg_skeleton.training.task import Task


class ClusteringTask(Task[CoDT, CrossDomainTask]):
    """Clustering of the clips of one domain with the help of the labeled clips of another one.

    Its runs have the option :obj:`method`, a row of the paper's tables (see
    :obj:`CODT_METHODS`), whose changes are in the recipe.
    """

    name = "clustering"
    models: ClassVar[dict[str, type[CoDT]]] = {"codt": CoDT}
    recipes = CODT_RECIPES
    recipe_class = CoDTRecipe
    unused_parameters = True

    def preset_for(self, data: str, model: str) -> str:
        """The preset of the network for a task."""
        return "small" if data in ("embedded", "nw-ucla-cmu", "own") else next(iter(CoDT.presets))

    def recipe_for(self, data: str, model: str, preset: str) -> str:
        """The name of the recipe for a task."""
        return "small" if data in ("embedded", "nw-ucla-cmu", "own") else "paper"

    def create_network(self, run: Run, train_set: CrossDomainTask) -> CoDT:
        """Creates the network of a run for the layouts and numbers of a task."""
        target = train_set.target_train
        sizes = {
            "num_classes": len(train_set.source.classes),
            "num_clusters": train_set.num_clusters,
            "num_samples": len(target),
            "in_channels": target[0].x.size(-1),
            "num_persons": max(train_set.source.num_persons, target.num_persons),
            "shared": train_set.shared,
        }
        model: CoDT = self.build(run, target.skeleton, **sizes)
        chain, clip = target.prepared or (target.transform, target.clip(0))
        if chain is not None:
            model.set_preparation(chain, clip)
        model.set_units(target)
        return model

    def create_module(
        self, run: Run, model: CoDT, train_set: CrossDomainTask, compile: bool = False
    ) -> SkeletonModule:
        """Creates the module that trains the network."""
        assert isinstance(run.recipe, CoDTRecipe)
        return CoDTModule(model, run.recipe, train_set.source.skeleton, run.seed, compile)

    def create_data(
        self, run: Run, train_set: CrossDomainTask, val_set: Any = None, num_workers: int = 0
    ) -> SkeletonDataModule:
        """Creates the data module of a run: pairs of batches of the source and the target. By
        default, the clips whose clusters are counted are the held-out ones.
        """
        return SkeletonDataModule(
            train_set.target_train,
            train_set.target_test if val_set is None else val_set,
            run.recipe.batch_size,
            run.recipe.steps_per_epoch,
            run.seed,
            num_workers,
            source=train_set.source,
            accumulate=run.recipe.accumulate,
        )

    def first_stage(self, run: Run) -> Run | None:
        """The run until clusters are made, which all methods share."""
        recipe = run.recipe
        assert isinstance(recipe, CoDTRecipe)
        if recipe.epochs is None or not 0 < recipe.clustering_epoch < recipe.epochs:
            return None
        same = {"epochs": recipe.clustering_epoch, "pairs": CoDTRecipe.pairs, **CODT_METHODS["bm"]}
        recipe = replace(recipe, **same)
        return replace(run, recipe=recipe, options={**run.options, "method": "bm"})

    def fingerprint(self, train_set: CrossDomainTask) -> dict[str, Any]:
        """Returns values that identify the data."""
        return {
            "source": fingerprint(train_set.source),
            "target": fingerprint(train_set.target_train),
            "clusters": train_set.num_clusters,
        }

    def evaluate(self, model: CoDT, dataset: CrossDomainTask) -> dict[str, Any]:
        """Returns the agreement of clusters and target labels, see :func:`evaluate_clusters`."""
        clips = dataset.target_test
        return evaluate_clusters(cluster_clips(model, clips), clips.labels)
