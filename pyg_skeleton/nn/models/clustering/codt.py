from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor

from pyg_skeleton.nn.loss.clustering import (
    bank_contrast_loss,
    collaborative_loss,
    cosine_similarity,
    same_cluster,
    same_top_features,
)
from pyg_skeleton.nn.models.bodies import Bodies, bodies_of, flatten_clips
from pyg_skeleton.nn.models.clustering.codt_branch import CoDTBranch, _linear
from pyg_skeleton.nn.models.recognition.st_gcn import STGCN
from pyg_skeleton.nn.models.recognition.st_network import TEN_STRIDES
from pyg_skeleton.nn.models.registry import register_model
from pyg_skeleton.nn.models.skeleton_model import SkeletonModel, as_data
from pyg_skeleton.nn.processes import gather, weigh_rows
from pyg_skeleton.nn.sums.graphs import Edges
from pyg_skeleton.skeleton import BodyGraph, GraphLike, SkeletonLike, as_graph

#: The types of pairs that one branch provides to the other, see :meth:`CoDT.target_losses`.
PAIRS = ("predictions", "features", "cosine")


class CoDTOutput(NamedTuple):
    """The output of :class:`CoDT`."""

    logits: Tensor
    """The scores of the clusters, by the branch of the target (B1), ``[N, K]``."""
    shared_logits: Tensor
    """The scores of the clusters, by the branch that both domains share (B0), ``[N, K]``."""
    features: Tensor
    """The features of B1, ``[N, C]``."""
    shared_features: Tensor
    """The features of B0, ``[N, C]``."""


class Clusters(NamedTuple):
    """The output of :meth:`CoDT.predict`."""

    probability: np.ndarray
    """The probability of each cluster, ``[N, K]``."""

    @property
    def labels(self) -> list[int]:
        """The likeliest cluster of each clip."""
        labels: list[int] = self.probability.argmax(axis=1).tolist()
        return labels

    def to_frame(self) -> pd.DataFrame:
        """Returns the likeliest cluster of each clip with its probability."""
        columns = {"cluster": self.labels, "confidence": self.probability.max(axis=1)}
        return pd.DataFrame({"clip": range(len(self.probability)), **columns})


class TargetViews(NamedTuple):
    """A batch of target clips as the input of each network: joints ``[B * V, T, C]``, for B0 the
    shared joints.
    """

    student0: Tensor
    """For the student of B0."""
    whole0: Tensor
    """The same before parts were masked, which the decoder reconstructs."""
    teacher0: Tensor | None
    """For the teacher of B0; :obj:`None` in stages that do not use its bank."""
    student1: Tensor
    """For the student of B1."""
    teacher1: Tensor
    """For the teacher of B1."""


@register_model("codt")
class CoDT(SkeletonModel):
    r"""Clusters the clips of a domain without labels, with the help of a labeled domain, from the
    `"Collaborating Domain-shared and Target-specific Feature Clustering for Cross-domain 3D Action
    Recognition" <https://arxiv.org/abs/2207.09767>`_ paper.

    .. math::
        \mathcal{L} = \lambda_{sup} \mathcal{L}_{sup} + \lambda_{dec} \mathcal{L}_{dec} +
        \lambda_{cont} \mathcal{L}_{cont} + \lambda_{ocm} \mathcal{L}_{ocm} + \lambda_{ccm}
        \mathcal{L}_{ccm}

    Branch B0 sees source and target on the joints that both have: an encoder, a classifier of the
    source's classes, a decoder that regresses the joints, and a classifier of clusters. Branch B1
    sees only the target, with all its joints: an encoder that learns by contrast, and a
    classifier of clusters. Each has a teacher, the running mean of its student, and a bank of the
    teacher's features of all target clips, from which optimal transport makes balanced pseudo
    labels (OCM); pairs with equal labels in one branch teach the other (CCM).

    :class:`~pyg_skeleton.training.CoDTModule` trains it.

    Presets: :obj:`"paper"` and :obj:`"authors_code"` (NTU-60+ to PKU-MMD), and :obj:`"small"`,
    which two cores can train. Each difference is one argument.

    Args:
        skeleton (Skeleton or str): The layout of the target.
        shared (Skeleton, str or dict): The layout of the joints that both domains have.
        num_classes (int): The number of classes of the source.
        num_clusters (int): The number :math:`K` of clusters.
        num_samples (int): The number :math:`N` of target clips to learn from.
        in_channels (int, optional): Size of a joint's input. (default: :obj:`3`)
        channels (tuple[int], optional): The width of each block of the encoders.
            (default: the paper's)
        strides (tuple[int], optional): The step in time of each block. (default: the paper's)
        strategy (str, optional): See :class:`STGCN`; the authors' code has :obj:`"legacy"`.
            (default: that of :class:`STGCN`)
        num_persons (int, optional): The largest number of persons in a clip. (default: :obj:`2`)
        pad_persons (bool, optional): See :class:`RecognitionModel`. (default: :obj:`False`)
        projection (int, optional): The size of the embedding for contrast. (default: :obj:`128`)
        dropout (float, optional): Dropout probability in encoders and decoder.
            (default: :obj:`0.5`)
        momentum (float, optional): :math:`\alpha` of the teachers. (default: :obj:`0.999`)
        temperature (float, optional): The temperature of the contrast. (default: :obj:`0.07`)
        sharpness (float, optional): :math:`\xi` of the transport. (default: :obj:`10.0`)
        copy_teachers (bool, optional): Whether teachers begin as copies of their students; in the
            authors' code they do not. (default: :obj:`True`)
        teacher_dropout (bool, optional): Whether teachers drop features, as in the authors' code.
            (default: :obj:`False`)
        target_statistics (bool, optional): Whether the running statistics of B0 are those of the
            target, on which B0 is tested, or a mixture, as in the authors' code.
            (default: :obj:`True`)

    Shapes:
        - **input:** target clips, :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(\sum M \cdot V, T, C)`, or a batch
        - **output:** :class:`CoDTOutput`, of the students

    Raises:
        ValueError: If there are more clusters than clips, or the target lacks shared joints.

    Example:
        >>> model = create_model("codt", "small", num_samples=100).eval()
        >>> data = model.skeleton.to_data(torch.randn(2, 25, 64, 3))  # persons first
        >>> model.predict(data).probability.shape  # of 51 clusters
        (1, 51)
    """

    kept: ClassVar[tuple[str, ...]] = (*SkeletonModel.kept, "cluster_order")
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "paper": {
            "skeleton": "ntu25",
            "shared": "ntu25",
            "num_classes": 60,
            "num_clusters": 51,
            "num_samples": 18_841,
        },
        "authors_code": {
            "skeleton": "ntu25",
            "shared": "ntu25",
            "num_classes": 60,
            "num_clusters": 51,
            "num_samples": 18_841,
            "strategy": "legacy",
            "pad_persons": True,
            "copy_teachers": False,
            "teacher_dropout": True,
            "target_statistics": False,
        },
        "small": {
            "skeleton": "ntu25",
            "shared": "ntu25",
            "num_classes": 60,
            "num_clusters": 51,
            "num_samples": 18_841,
            "channels": (16, 32, 64),
            "strides": (2, 2, 1),
            "dropout": 0.1,
            "momentum": 0.95,
        },
    }

    class_layers: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        skeleton: GraphLike,
        shared: GraphLike,
        num_classes: int,
        num_clusters: int,
        num_samples: int,
        in_channels: int = 3,
        channels: tuple[int, ...] = (16, 16, 16, 16, 32, 32, 32, 64, 64, 256),
        strides: tuple[int, ...] = TEN_STRIDES,
        strategy: str | None = None,
        num_persons: int = 2,
        pad_persons: bool = False,
        projection: int = 128,
        dropout: float = 0.5,
        momentum: float = 0.999,
        temperature: float = 0.07,
        sharpness: float = 10.0,
        copy_teachers: bool = True,
        teacher_dropout: bool = False,
        target_statistics: bool = True,
    ) -> None:
        super().__init__(skeleton, in_channels)
        skeleton, shared = self.skeleton, as_graph(shared)
        if not 1 <= num_clusters <= num_samples:
            raise ValueError(
                f"expected from 1 to {num_samples} clusters (the number of clips), got "
                f"{num_clusters}"
            )
        self.converter = shared.converter_from(skeleton)
        if self.converter.missing:
            raise ValueError(
                f"{skeleton.name!r} lacks joints of the shared layout {shared.name!r}: "
                f"{', '.join(self.converter.missing)}"
            )
        self.shared_skeleton, self.num_clusters = shared, num_clusters
        self.num_classes, self.num_samples = num_classes, num_samples
        self.momentum, self.temperature, self.sharpness = momentum, temperature, sharpness
        self.target_statistics = target_statistics
        self.num_persons, self.pad_persons = num_persons, pad_persons
        #: For each cluster of B0 that of B1 with which it shares most training clips, where it is
        #: known; set at the end of training.
        self.cluster_order: list[int] | None = None

        def branch(layout: BodyGraph, projection: int | None) -> CoDTBranch:
            encoder = partial(
                STGCN,
                layout,
                1,
                in_channels,
                channels=channels,
                strides=strides,
                num_persons=num_persons,
                pad_persons=pad_persons,
                strategy=strategy,
                dropout=dropout,
            )
            return CoDTBranch(
                encoder,
                num_clusters,
                num_samples,
                projection,
                copy_teachers,
                teacher_dropout,
            )

        self.b0 = branch(shared, None)
        self.b1 = branch(skeleton, projection)
        C = self.b0.student.channels
        self.source_classifier = _linear(C, num_classes)
        self.decoder = torch.nn.Sequential(
            _linear(C, C),
            torch.nn.ReLU(),
            torch.nn.Dropout(dropout),
            _linear(C, shared.num_joints * in_channels),
        )

    def named_parts(self) -> dict[str, list[str]]:
        """Returns the parts that :meth:`freeze` knows: ``backbone`` (the encoders) and ``head``
        (classifiers, projector, decoder).
        """
        networks = [f"{b}.{n}" for b in ("b0", "b1") for n in ("student", "teacher")]
        heads = [
            f"{network}.{layer}" for network in networks for layer in ("clusters", "projector")
        ]
        return {
            "backbone": [f"{network}.encoder" for network in networks],
            "head": ["source_classifier", "decoder", *heads],
        }

    def to_shared(self, x: Tensor) -> Tensor:
        r"""The joints of the shared layout of target clips :math:`(B \cdot V, T, C)`."""
        whole = x.view(-1, self.skeleton.num_joints, *x.shape[1:])
        return self.converter(whole, dim=1).flatten(0, 1)

    def forward(self, data: Any, edge_index: Tensor | None = None, **fields: Any) -> CoDTOutput:
        """Returns scores of clusters and features, by the students.

        The branch of the target sums over the data's edges, that of the shared joints over its own.
        """
        data = as_data(data, edge_index, fields, self.in_channels)
        self.check_bodies(data)
        bodies = bodies_of(data, self.skeleton.num_joints)
        return self.forward_clips(data.x, *bodies, edges=self.edges_of(data))

    def check_bodies(self, data: Any) -> None:
        """Refuses data of another layout, shape or number of persons."""
        super().check_bodies(data)
        self.b1.student.encoder.check_bodies(data)

    def forward_clips(
        self,
        x: Tensor,
        clip: Tensor,
        person: Tensor | None = None,
        num_clips: int = 1,
        edges: Edges | None = None,
    ) -> CoDTOutput:
        r"""The forward pass on plain tensors.

        Args:
            x (torch.Tensor): The joints, :math:`(B \cdot V, T, C)`.
            clip (torch.Tensor): The clip of each body, :math:`(B)`.
            person (torch.Tensor, optional): The number of the person in its clip, :math:`(B)`.
                (default: all zero)
            num_clips (int, optional): The number of clips. (default: :obj:`1`)
            edges (Edges, optional): The edges. (default: those of the layout)
        """
        bodies = Bodies(clip, torch.zeros_like(clip) if person is None else person, num_clips)
        shared, _ = self.b0.student(self.to_shared(x), bodies)
        own, _ = self.b1.student(x, bodies, edges)
        logits, shared_logits = self.b1.student.clusters(own), self.b0.student.clusters(shared)
        return CoDTOutput(logits, shared_logits, own, shared)

    def forward_plain(self, x: Tensor) -> Tensor:
        r"""The scores of clusters by the branch of the target, for export.

        Shapes:
            - **input:** padded clips :math:`(N, M, T, V, C)`
            - **output:** logits :math:`(N, K)`
        """
        bodies, clip, person = flatten_clips(x, keep_absent=self.pad_persons)
        N = x.size(0)
        own, _ = self.b1.student(bodies, Bodies(clip, person, N + 1))
        logits: Tensor = self.b1.student.clusters(own)
        return logits[:N]

    def predict(
        self,
        clips: Any,
        layout: SkeletonLike | None = None,
        image_size: tuple[int, int] | None = None,
        batch_size: int = 64,
        unit: str | None = None,
        frame_rate: float | None = None,
    ) -> Clusters:
        r"""Returns the clusters of clips of the user, see :meth:`RecognitionModel.predict` for the
        arguments.

        The probabilities are the mean of both branches, with the numbers of the clusters of B0;
        those of B1 were matched to them on the training clips (:attr:`cluster_order`). The same
        clip is therefore in the same cluster whatever other clips are given. Where the order is not
        known, the clusters are those of B1.
        """
        data = self.read_clips(clips, layout, image_size, unit, frame_rate)
        output = list(self.run_clips(self, data, batch_size))
        logits, shared = (torch.cat([o[i] for o in output]).float() for i in (0, 1))
        return Clusters(self.cluster_probability(logits, shared).cpu().numpy())

    def embed(
        self,
        clips: Any,
        layout: SkeletonLike | None = None,
        image_size: tuple[int, int] | None = None,
        batch_size: int = 64,
        unit: str | None = None,
        frame_rate: float | None = None,
    ) -> np.ndarray:
        r"""Returns the features of clips by the branch of the target, :math:`(N, C)`; see
        :meth:`predict` for the arguments.
        """
        data = self.read_clips(clips, layout, image_size, unit, frame_rate)
        output = [o.features for o in self.run_clips(self, data, batch_size)]
        return torch.cat(output).float().cpu().numpy()

    def cluster_probability(self, logits: Tensor, shared_logits: Tensor) -> Tensor:
        r"""The probability of each cluster by both branches, :math:`(N, K)`, see :meth:`predict`.

        Args:
            logits (torch.Tensor): The scores of B1, :math:`(N, K)`.
            shared_logits (torch.Tensor): The scores of B0, :math:`(N, K)`.
        """
        own = logits.softmax(dim=1)
        if self.cluster_order is None or len(self.cluster_order) != self.num_clusters:
            return own
        return (shared_logits.softmax(dim=1) + own[:, self.cluster_order]) / 2

    def source_losses(
        self, x: Tensor, whole: Tensor, bodies: Bodies, y: Tensor
    ) -> dict[str, Tensor]:
        r"""The losses of source clips: :obj:`sup` and :obj:`dec`.

        Args:
            x (torch.Tensor): The shared joints, the input of the student,
                :math:`(B \cdot V_0, T, C)`.
            whole (torch.Tensor): The same before parts were masked.
            bodies (Bodies): The clip and the person of each body.
            y (torch.Tensor): The classes, :math:`(N)`.
        """
        with _unchanged_statistics(self.b0.student, self.target_statistics):
            features, frames = self.b0.student(x, bodies)
        sup = F.cross_entropy(self.source_classifier(features), y)
        return {"sup": sup, "dec": self._decoding_error(frames, whole, bodies)}

    def target_losses(
        self,
        views: TargetViews,
        bodies: Bodies,
        sample: Tensor,
        online: bool = False,
        pairs: str | None = None,
        move_teachers: bool = True,
    ) -> dict[str, Tensor]:
        r"""The losses of target clips: :obj:`dec` and :obj:`cont`, with :obj:`online` also
        :obj:`ocm`, with :obj:`pairs` also :obj:`ccm`. Moves teachers and updates banks.

        Args:
            views (TargetViews): The input of each network.
            bodies (Bodies): The clip and the person of each body.
            sample (torch.Tensor): The number of each clip in the bank, :math:`(N)`.
            online (bool, optional): Whether to cluster (OCM). (default: :obj:`False`)
            pairs (str, optional): How one branch finds pairs of clips, and which similarity of the
                other branch learns from them: :obj:`"predictions"` for labels and the similarity
                of predictions (CCM), :obj:`"features"` for the largest features and predictions
                (CCM-FP), :obj:`"cosine"` for labels and the cosine of features (CCM-PF);
                :obj:`None` for no collaboration. (default: :obj:`None`)
            move_teachers (bool, optional): Whether this is the first batch of a step, in which
                teachers follow their students. (default: :obj:`True`)
        """
        f0, frames = self.b0.student(views.student0, bodies)
        f1, _ = self.b1.student(views.student1, bodies)
        losses = {"dec": self._decoding_error(frames, views.whole0, bodies)}
        taught = []
        with torch.no_grad():
            for branch, view in ((self.b0, views.teacher0), (self.b1, views.teacher1)):
                if move_teachers:
                    branch.update_teacher(self.momentum)
                taught.append(None if view is None else branch.teacher(view, bodies)[0])
            t0, t1 = taught
            assert t1 is not None
            positive = self.b1.teacher.embed(t1)
            bank = self.b1.teacher.embed(self.b1.bank)  # before the clips enter it
        z = self.b1.student.embed(f1)
        losses["cont"] = bank_contrast_loss(z, positive, bank, sample, self.temperature)
        self.b1.remember(t1, sample)
        if t0 is not None:
            self.b0.remember(t0, sample)
        if not online and pairs is None:
            return losses
        if t0 is None:
            raise ValueError("clustering needs views.teacher0, the input of the teacher of B0")
        labels = [b.pseudo_labels(self.sharpness)[sample] for b in (self.b0, self.b1)]
        logits = [self.b0.student.clusters(f0), self.b1.student.clusters(f1)]
        if online:
            losses["ocm"] = sum(map(F.cross_entropy, logits, labels), z.new_zeros(()))
        if pairs is not None:
            together = [same_cluster(gather(y)) for y in labels]
            if pairs == "features":
                together = [same_top_features(gather(t)) for t in (t0, t1)]
            similar = [p @ p.t() for p in (gather(y).softmax(dim=1) for y in logits)]
            if pairs == "cosine":
                similar = [cosine_similarity(gather(f)) for f in (f0, f1)]
            # Each branch learns from the pairs of the other one.
            losses["ccm"] = collaborative_loss(similar[1], together[0]) + collaborative_loss(
                similar[0], together[1]
            )
        return losses

    @torch.no_grad()
    def remember(self, data: Any, sample: Tensor) -> None:
        """Fills the banks with the teachers' features of target clips."""
        bodies = bodies_of(data, self.skeleton.num_joints)
        for branch, x in ((self.b0, self.to_shared(data.x)), (self.b1, data.x)):
            branch.remember(branch.teacher(x, bodies)[0], sample)

    def _decoding_error(self, frames: Tensor, whole: Tensor, bodies: Bodies) -> Tensor:
        """The error of decoded joints against the mean of the frames that a feature covers."""
        V, C = self.shared_skeleton.num_joints, whole.size(-1)
        joints = whole.view(-1, V, *whole.shape[1:]).permute(0, 1, 3, 2)  # [B, V, C, T]
        target = F.adaptive_avg_pool1d(joints.flatten(1, 2), frames.size(1)).transpose(1, 2)
        decoded = self.decoder(frames)
        if decoded.size(0) != target.size(0):  # padded with absent persons, who are zero
            M, persons = decoded.size(0) // bodies.num_clips, target
            target = persons.new_zeros(decoded.shape)
            target[bodies.clip * M + bodies.person] = persons
        error = F.mse_loss(decoded, target.reshape(*decoded.shape[:2], V * C))
        return weigh_rows(error, decoded.size(0))


@contextmanager
def _unchanged_statistics(network: torch.nn.Module, keep: bool) -> Iterator[None]:
    """Leaves running statistics unchanged while the batch normalizes with its own."""
    norms = [m for m in network.modules() if isinstance(m, torch.nn.BatchNorm1d) and keep]
    before = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    try:
        yield
    finally:
        for norm, momentum in zip(norms, before, strict=True):
            norm.momentum = momentum
