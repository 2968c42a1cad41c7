"""Training of CoDT."""

import copy
from typing import Any, ClassVar

import torch
from torch import Tensor
from torchmetrics.utilities.distributed import gather_all_tensors

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.metrics import cluster_scores
from pyg_skeleton.nn.models.bodies import bodies_of
from pyg_skeleton.nn.models.clustering.codt import CoDT, CoDTOutput, TargetViews
from pyg_skeleton.nn.processes import gather, num_processes
from pyg_skeleton.skeleton import Skeleton, as_tree
from pyg_skeleton.training.clustering.cluster_table import align_clusters
from pyg_skeleton.training.clustering.evaluate import cluster_clips
from pyg_skeleton.training.clustering.recipe import CoDTRecipe
from pyg_skeleton.training.clustering.spherical_k_means import spherical_k_means
from pyg_skeleton.training.finite import check_batch, stopped
from pyg_skeleton.training.module import SkeletonModule
from pyg_skeleton.transforms import PartMask, Shear, SymmetricCrop
from pyg_skeleton.transforms.part_mask import codt_parts


class CoDTModule(SkeletonModule):
    r"""Trains :class:`~pyg_skeleton.nn.models.CoDT` in two stages.

    In the first one, the encoders learn from the source's classes, by decoding, and by contrast.
    Then spherical k-means on the features of all target clips yields the first weights of the
    classifiers of clusters, and in the second stage these learn from balanced pseudo labels and
    from each other.

    A batch is a pair, of the source and of the target, see :class:`SkeletonDataModule`; the views
    are drawn here, on the device. Several processes have equal banks of all clips, from which each
    computes the transport.

    Args:
        model (CoDT): The network.
        recipe (CoDTRecipe): Optimizer, schedule, views and weights of the losses.
        source (Skeleton): The layout of the source's clips.
        seed (int, optional): The seed of views and dropout. (default: :obj:`0`)
        compile (bool, optional): Whether to compile the encoders. (default: :obj:`False`)

    Raises:
        ValueError: If the source lacks joints of the shared layout.
    """

    #: All methods share their first stage.
    may_change: ClassVar[frozenset[str]] = SkeletonModule.may_change | {"ocm", "ccm", "pairs"}

    model: CoDT
    recipe: CoDTRecipe

    def __init__(
        self,
        model: CoDT,
        recipe: CoDTRecipe,
        source: Skeleton,
        seed: int = 0,
        compile: bool = False,
    ) -> None:
        super().__init__(model, recipe, seed, compile)
        shared = model.shared_skeleton
        self.source_skeleton, self.source_converter = source, shared.converter_from(source)
        if self.source_converter.missing:
            raise ValueError(
                f"{source.name!r} lacks joints of the shared layout {shared.name!r}: "
                f"{', '.join(self.source_converter.missing)}"
            )
        self._weak = (SymmetricCrop(recipe.weak_crop), Shear(recipe.weak_shear))
        self._strong = (SymmetricCrop(recipe.strong_crop), Shear(recipe.strong_shear))
        self._masks = [
            PartMask(body, recipe.mask, codt_parts(body))
            for body in (as_tree(graph, "CoDTModule") for graph in (shared, model.skeleton))
        ]
        self._clustered: list[tuple[Tensor, Tensor, Tensor]] = []

    @property
    def clusters(self) -> bool:
        """:obj:`True` in the second stage."""
        return self.current_epoch >= self.recipe.clustering_epoch

    @property
    def num_classes(self) -> int:
        """The number of classes of the source, which come first in a pair."""
        return self.model.num_classes

    def compiled_methods(self) -> list[tuple[torch.nn.Module, str]]:
        """The encoders of students and teachers."""
        branches = (self.model.b0, self.model.b1)
        return [(network, "forward") for b in branches for network in (b.student, b.teacher)]

    def on_fit_start(self) -> None:
        """Looks for SciPy now and not at the end."""
        super().on_fit_start()
        align_clusters(torch.eye(1), torch.eye(1))

    def forward(self, batch: Any) -> CoDTOutput:
        """The clusters of a batch."""
        output: CoDTOutput = self.model(batch)
        return output

    def on_train_epoch_start(self) -> None:
        """Sets the random state of the epoch, and starts a stage."""
        super().on_train_epoch_start()
        begins = self.current_epoch == self.recipe.clustering_epoch
        if self.recipe.fill_banks and (begins or self.current_epoch == 0):
            for batch in self._target_batches():
                self.model.remember(batch, batch.sample)
        if begins and self.recipe.k_means:
            self.start_clusters()

    def on_fit_end(self) -> None:
        """Matches the clusters of both branches on the target clips, for good."""
        super().on_fit_end()
        datamodule: Any = self.trainer.datamodule  # type: ignore[attr-defined]
        output = cluster_clips(self.model, datamodule.train)
        pair = output.shared_logits.softmax(dim=1), output.logits.softmax(dim=1)
        self.model.cluster_order = align_clusters(*pair).tolist()

    @torch.no_grad()
    def start_clusters(self) -> None:
        """Sets the classifiers to the centroids of the students' features of all target clips."""
        self.model.eval()
        outputs = [self.model(batch) for batch in self._target_batches()]
        self.model.train()
        names = ("shared_features", "features")
        for name, branch in zip(names, (self.model.b0, self.model.b1), strict=True):
            features = gather(torch.cat([getattr(output, name) for output in outputs]))
            features = features[: self.model.num_samples]
            centroids, _ = spherical_k_means(features, self.model.num_clusters, self.seed)
            branch.start_clusters(centroids)

    def training_step(self, batch: tuple[Any, Any], batch_idx: int) -> Tensor:
        """The weighted sum of all losses of a pair of batches."""
        recipe, clusters = self.recipe, self.clusters
        source, target = batch
        strong = self._strong if clusters and recipe.strong else self._weak
        masks = self._masks if clusters or recipe.mask_always else [None, None]

        whole = self._view(source, self._weak).view(
            -1, self.source_skeleton.num_joints, *source.x.shape[1:]
        )
        whole = self.source_converter(whole, dim=1).flatten(0, 1)
        seen = _masked(whole, masks[0] if recipe.mask_always else None)
        bodies = bodies_of(source, self.source_skeleton.num_joints)
        losses = self.model.source_losses(seen, whole, bodies, source.y)

        online, pairs = clusters and recipe.ocm > 0, None
        if clusters and recipe.ccm > 0:
            pairs = recipe.pairs
        whole = self.model.to_shared(self._view(target, strong))
        teacher0 = None  # not needed before clusters are made from its bank
        if online or pairs or not recipe.fill_banks:
            teacher0 = self.model.to_shared(self._view(target, self._weak))
        own = self._view(target, strong)
        views = TargetViews(
            _masked(whole, masks[0]),
            whole,
            teacher0,
            _masked(own, masks[1]),
            self._view(target, self._weak),
        )
        bodies = bodies_of(target, self.model.skeleton.num_joints)
        begins = batch_idx % recipe.accumulate == 0
        try:
            own_losses = self.model.target_losses(
                views, bodies, target.sample, online, pairs, move_teachers=begins
            )
        except ValueError as error:  # pseudo labels need finite features
            check_batch(self, batch, batch_idx)
            raise stopped(self, str(error)) from error
        losses["dec"] = losses["dec"] + own_losses.pop("dec")
        losses |= own_losses
        count = {"batch_size": target.num_graphs, "prog_bar": True, "sync_dist": True}
        self.log_dict({f"loss_{name}": loss for name, loss in losses.items()}, **count)
        weighted = [getattr(recipe, name) * loss for name, loss in losses.items()]
        return torch.stack(weighted).sum()

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        """Collects the clusters of held-out clips."""
        output = self.model(batch)
        clusters = (output.shared_logits.argmax(1), output.logits.argmax(1))
        self._clustered.append((*clusters, batch.y))

    def on_validation_epoch_end(self) -> None:
        """Logs the agreement of clusters and classes in the second stage."""
        own = [torch.cat(column) for column in zip(*self._clustered, strict=True)]
        together = num_processes() > 1
        columns = [torch.cat(gather_all_tensors(c)) if together else c for c in own]
        self._clustered.clear()
        if not self.trainer.testing and (not self.clusters or self.recipe.ocm == 0):
            return
        for name, clusters in zip(("b0", "b1"), columns[:2], strict=True):
            scores = cluster_scores(clusters, columns[2])
            self.log(f"{self.split}_acc_{name}", scores["ACC (Hungarian) %"], prog_bar=True)

    def _target_batches(self) -> Any:
        datamodule: Any = self.trainer.datamodule  # type: ignore[attr-defined]
        for number, batch in enumerate(datamodule.whole_dataloader()):
            check_batch(self, batch, number)
            yield self.transfer_batch_to_device(batch, self.device, 0)

    @staticmethod
    def _view(batch: Any, steps: tuple[Any, ...]) -> Tensor:
        """The joints of a batch, changed at random."""
        view = copy.copy(batch)
        for step in steps:
            view = step.forward(view)
        x: Tensor = view.x
        return x


def _masked(x: Tensor, mask: PartMask | None) -> Tensor:
    """The joints without some parts."""
    if mask is None:
        return x
    hidden: Tensor = mask.forward(SkeletonData(x=x)).x
    return hidden
