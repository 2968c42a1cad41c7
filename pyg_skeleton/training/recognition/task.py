"""Recognition of actions as a kind of task."""

from typing import Any, ClassVar

import torch
from torch import Tensor

from pyg_skeleton.datasets import ClipDataset
from pyg_skeleton.nn.models import RecognitionModel, SkeletonGCL, SkeletonModel, model_class
from pyg_skeleton.training.data_module import SkeletonDataModule
from pyg_skeleton.training.module import SkeletonModule
from pyg_skeleton.training.recognition.evaluate import evaluate_recognition, recognize
from pyg_skeleton.training.recognition.module import RecognitionModule, check_target
from pyg_skeleton.training.recognition.recipe import RECOGNITION_RECIPES, RecognitionRecipe
from pyg_skeleton.training.run import Run
from pyg_skeleton.training.task import Task

#: The recipe of each network for NTU's recordings.
_NTU = {
    "ctr_gcn": "ctr-gcn-ntu",
    "st_gcn": "st-gcn-ntu",
    "agcn": "agcn-ntu",
    "info_gcn": "info-gcn-ntu",
    "skeletal_gnn_classifier": "hcsf-ntu",
    "sym_gnn": "ctr-gcn-ntu",
}
#: The preset of each network for corpora of some hundred clips.
_SMALL = {
    "ctr_gcn": "nw-ucla-small",
    "st_gcn": "quarter",
    "agcn": "nw-ucla",
    "info_gcn": "nw-ucla",
    "sym_gnn": "tiny",
}
#: The initialization of the classifier with few classes, see :class:`RecognitionModel`.
_FEW_CLASSES = {"classifier_std": 0.01}
#: The networks whose authors draw it otherwise.
_WIDE_INIT = ("ctr_gcn", "agcn", "info_gcn", "skeletal_gnn_classifier")
#: The data sets of tens of thousands of clips, and whose presets they take.
_LARGE = {"ntu60": "ntu60", "ntu120": "ntu120", "pose-annotations": "ntu60", "kinetics": "kinetics"}


class RecognitionTask(Task[SkeletonModel, ClipDataset]):
    """Recognition of actions.

    Its runs have the options :obj:`stream` (see :class:`~pyg_skeleton.transforms.Stream`),
    :obj:`gcl` (the variant of :class:`~pyg_skeleton.nn.models.SkeletonGCL`, or :obj:`"none"`) and
    :obj:`contrast` (further arguments of it).
    """

    name = "recognition"
    models: ClassVar[dict[str, type[SkeletonModel]]] = {n: model_class(n) for n in _NTU}
    recipes = RECOGNITION_RECIPES
    recipe_class = RecognitionRecipe
    #: The number of clips in the instance bank of SkeletonGCL for each class.
    per_class: ClassVar[dict[str, int]] = {"nw-ucla": 342}

    def network_defaults(self, data: str, model: str) -> dict[str, Any]:
        """The arguments that a network gets besides its preset: Sym-GNN has no second head, and
        with other data than the paper's the first loss is near that of chance.
        """
        if model == "sym_gnn":
            return {"prediction": False}
        paper = data == "nw-ucla" or data in _LARGE
        return {} if paper or model not in _WIDE_INIT else dict(_FEW_CLASSES)

    def preset_for(self, data: str, model: str) -> str:
        """The preset of a network that fits a data set."""
        presets = list(self.models[model].presets)
        names = (data, _LARGE.get(data, _SMALL.get(model, "")))
        return next((name for name in names if name in presets), presets[0])

    def recipe_for(self, data: str, model: str, preset: str) -> str:
        """The name of the recipe for a data set and a network."""
        if data == "kinetics":
            return "st-gcn-kinetics"
        if data in _LARGE:
            return "aagcn-ntu" if preset.startswith("aagcn") else _NTU[model]
        if data == "nw-ucla":
            return "ctr-gcn-nw-ucla"
        if model == "info_gcn":
            return "info-gcn-small"
        return "tiny" if data == "embedded" else "nw-ucla-small"

    def create_network(self, run: Run, train_set: ClipDataset) -> SkeletonModel:
        """Creates the network of a run for the layout, channels and classes of its clips."""
        assert isinstance(run.recipe, RecognitionRecipe)
        check_target(train_set.target, run.recipe, run.options.get("gcl", "none") != "none")
        if not issubclass(self.models[run.model], RecognitionModel):
            train_set.check_one_class(run.model)
        arguments = self.network_defaults(run.data["name"], run.model)
        if run.pretrained is not None:  # a head that starts anew
            arguments |= _FEW_CLASSES
        arguments |= {
            "in_channels": train_set[0].x.size(-1),
            "num_persons": train_set.num_persons,
        }
        model: SkeletonModel = self.build(run, train_set.skeleton, train_set.classes, **arguments)
        if isinstance(model, RecognitionModel):
            model.target = train_set.target
            model.score_mean, model.score_std = _score_scale(train_set)
        if isinstance(run.recipe, RecognitionRecipe):
            stream = run.options.get("stream", "joint")
            frames, pipeline = run.recipe.num_frames, run.recipe.pipeline
            chain = train_set.preparation(False, stream, frames, pipeline)
            model.set_preparation(chain, train_set.clip(0))
            model.set_units(train_set)
        return model

    def create_module(
        self, run: Run, model: SkeletonModel, train_set: ClipDataset, compile: bool = False
    ) -> SkeletonModule:
        """Creates the module that trains the network, with or without graph contrast."""
        assert isinstance(run.recipe, RecognitionRecipe)
        variant = run.options.get("gcl", "none")
        whole: SkeletonModel | SkeletonGCL = model
        if variant != "none":
            options: dict[str, Any] = {"num_samples": len(train_set)}
            if run.data["name"] in self.per_class:
                options["per_class"] = self.per_class[run.data["name"]]
            options |= run.options.get("contrast", {})
            whole = SkeletonGCL(model, len(train_set.classes), recipe=variant, **options)
        weights = None
        if run.recipe.class_weights:
            weights = _inverse_counts(train_set)
        return RecognitionModule(whole, run.recipe, run.seed, compile, weights)

    def create_data(
        self,
        run: Run,
        train_set: ClipDataset,
        val_set: ClipDataset | None = None,
        num_workers: int = 0,
    ) -> SkeletonDataModule:
        """Creates the data module of a run, which may sample classes equally often."""
        assert isinstance(run.recipe, RecognitionRecipe)
        if val_set is not None and val_set.target != train_set.target:
            raise ValueError(
                f"the held-out clips have the target {val_set.target!r}, those to learn from "
                f"{train_set.target!r}"
            )
        data = super().create_data(run, train_set, val_set, num_workers)
        data.block = run.recipe.block
        if run.recipe.balanced_sampling:
            weights = _inverse_counts(train_set)[train_set.labels]
            data.weights = weights.repeat(len(train_set) // train_set.num_clips)
        return data

    def evaluate(self, model: SkeletonModel, dataset: ClipDataset) -> dict[str, Any]:
        """Accuracies and the confusion matrix, or what else fits the labels, see
        :func:`evaluate_recognition`.
        """
        return evaluate_recognition(recognize(model, dataset), dataset.target)


def _score_scale(clips: ClipDataset) -> tuple[float, float]:
    """Mean and standard deviation of the scores; 0 and 1 for classes."""
    if clips.target != "score":
        return 0.0, 1.0
    mean, std = float(clips.labels.mean()), float(clips.labels.std(correction=0))
    if std < 1e-6 * max(1.0, abs(mean)):
        raise ValueError(f"expected different scores to learn from, all are {mean:g}")
    return mean, std


def _inverse_counts(clips: ClipDataset) -> Tensor:
    """A weight for each class that makes them equal; their mean over the clips is 1."""
    counts = clips.labels.bincount(minlength=clips.num_classes)
    there = int((counts > 0).sum())
    return len(clips.labels) / (there * counts.clamp(min=1))


def hold_out(
    dataset: ClipDataset, plain: ClipDataset, share: float, seed: int = 0
) -> tuple[ClipDataset, ClipDataset]:
    """Splits training clips at random into clips to learn from and held-out clips.

    Args:
        dataset (ClipDataset): The clips, as they are prepared for training.
        plain (ClipDataset): The same clips, each once, as they are prepared for a test.
        share (float): The share of the clips to hold out.
        seed (int, optional): The seed. (default: :obj:`0`)

    Raises:
        ValueError: If the share is not between 0 and 1, or leaves no clip on one of the sides.
    """
    if not 0 < share < 1:
        raise ValueError(f"expected a share between 0 and 1, got {share}")
    if not 0 < round(share * dataset.num_clips) < dataset.num_clips:
        raise ValueError(
            f"expected clips to learn from and clips to hold out, got a share of {share} of "
            f"{dataset.num_clips} clips"
        )
    order = torch.randperm(dataset.num_clips, generator=torch.Generator().manual_seed(seed))
    held_out = torch.zeros(dataset.num_clips, dtype=torch.bool)
    held_out[order[: round(share * dataset.num_clips)]] = True
    return dataset[~held_out.repeat(dataset.repeat)], plain[held_out]
