from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, NamedTuple

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
from pyg_skeleton.nn.models.clustering.codt_branch import CoDTBranch, _linear
from pyg_skeleton.nn.models.recognition.model import TEN_STRIDES, Bodies, bodies_of
from pyg_skeleton.nn.models.recognition.st_gcn import STGCN
from pyg_skeleton.nn.models.skeleton_model import SkeletonModel
from pyg_skeleton.skeleton import Skeleton

#: What collaborative clustering takes from one branch, and teaches the other.
PAIRS = ("predictions", "features", "cosine")


class CoDTOutput(NamedTuple):
    """What :class:`CoDT` returns."""

    logits: Tensor
    """Of the clusters, by the branch of the target alone (B1), ``[N, K]``."""
    shared_logits: Tensor
    """Of the clusters, by the branch that both domains share (B0), ``[N, K]``."""
    features: Tensor
    """The features of B1, ``[N, C]``."""
    shared_features: Tensor
    """The features of B0, ``[N, C]``."""


class TargetViews(NamedTuple):
    """A batch of target clips as each network sees it: joints ``[B * V, T, C]``, for B0 the shared
    ones.
    """

    student0: Tensor
    """For the student of B0."""
    whole0: Tensor
    """The same before parts were masked: what the decoder shall find again."""
    teacher0: Tensor | None
    """For the teacher of B0; :obj:`None` while nobody needs its bank."""
    student1: Tensor
    """For the student of B1."""
    teacher1: Tensor
    """For the teacher of B1."""


class CoDT(SkeletonModel):
    r"""Clusters the clips of a domain without labels, with the help of one that has some, from the
    `"Collaborating Domain-shared and Target-specific Feature Clustering for Cross-domain 3D Action
    Recognition" <https://arxiv.org/abs/2207.09767>`_ paper.

    .. math::
        \mathcal{L} = \lambda_{sup} \mathcal{L}_{sup} + \lambda_{dec} \mathcal{L}_{dec} +
        \lambda_{cont} \mathcal{L}_{cont} + \lambda_{ocm} \mathcal{L}_{ocm} + \lambda_{ccm}
        \mathcal{L}_{ccm}

    Branch B0 sees source and target on the joints that both have: an encoder, a classifier of the
    source's classes, a decoder that regresses the joints, and a classifier of clusters. Branch B1
    sees the target alone, with all its joints: an encoder that learns by contrast, and a
    classifier of clusters. Each has a teacher, the running mean of its student, and a bank of the
    teacher's features of all target clips, from which optimal transport makes balanced pseudo
    labels (OCM); pairs with equal labels in one branch teach the other (CCM).

    :class:`~pyg_skeleton.training.CoDTModule` trains it.

    Presets: :obj:`"paper"` and :obj:`"authors_code"` (NTU-60+ to PKU-MMD), and :obj:`"small"`, for
    two cores. Each difference is one argument.

    Args:
        skeleton (Skeleton): The layout of the target.
        shared (Skeleton, str or dict): The layout that both domains have.
        num_classes (int): The number of classes of the source.
        num_clusters (int): The number :math:`K` of clusters.
        num_samples (int): The number :math:`N` of target clips to learn from.
        in_channels (int, optional): Size of a joint's input. (default: :obj:`3`)
        channels (tuple[int], optional): The width of each block of the encoders.
            (default: those of the paper)
        strides (tuple[int], optional): The step in time of each block.
            (default: those of the paper)
        strategy (str, optional): See :class:`STGCN`; the authors' code has :obj:`"legacy"`.
            (default: :obj:`"spatial"`)
        num_persons (int, optional): How many persons a clip may have. (default: :obj:`2`)
        pad_persons (bool, optional): See :class:`RecognitionModel`. (default: :obj:`False`)
        projection (int, optional): The size of the embedding for contrast. (default: :obj:`128`)
        dropout (float, optional): Dropout probability in encoders and decoder.
            (default: :obj:`0.5`)
        momentum (float, optional): :math:`\alpha` of the teachers. (default: :obj:`0.999`)
        temperature (float, optional): That of the contrast. (default: :obj:`0.07`)
        sharpness (float, optional): :math:`\xi` of the transport. (default: :obj:`10.0`)
        copy_teachers (bool, optional): Whether teachers begin as copies of their students; in the
            authors' code they do not. (default: :obj:`True`)
        teacher_dropout (bool, optional): Whether teachers drop features, as in the authors' code.
            (default: :obj:`False`)
        target_statistics (bool, optional): Whether the running statistics of B0 are those of the
            target, on which it is tested, or a mixture, as in the authors' code.
            (default: :obj:`True`)

    Shapes:
        - **input:** target clips, :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(\sum M \cdot V, T, C)`, or a batch
        - **output:** :class:`CoDTOutput`, of the students

    Raises:
        ValueError: If there are more clusters than clips, or the target lacks shared joints.
    """

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

    def __init__(
        self,
        skeleton: Skeleton,
        shared: Skeleton | str | Mapping[str, Any],
        num_classes: int,
        num_clusters: int,
        num_samples: int,
        in_channels: int = 3,
        channels: tuple[int, ...] = (16, 16, 16, 16, 32, 32, 32, 64, 64, 256),
        strides: tuple[int, ...] = TEN_STRIDES,
        strategy: str = "spatial",
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
        config = {k: v for k, v in locals().items() if k not in ("self", "skeleton", "__class__")}
        if isinstance(shared, str):
            shared = Skeleton.get(shared)
        elif not isinstance(shared, Skeleton):
            shared = Skeleton.from_dict(dict(shared))
        super().__init__(skeleton, {**config, "shared": shared.to_dict()}, in_channels)
        if not 1 <= num_clusters <= num_samples:
            raise ValueError(
                f"expected from 1 to {num_samples} clusters, as many as there are clips at most, "
                f"got {num_clusters}"
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

        def branch(layout: Skeleton, projection: int | None) -> CoDTBranch:
            options = (in_channels, channels, strides, num_persons, strategy)
            return CoDTBranch(
                lambda: STGCN(layout, 1, *options, dropout=dropout, pad_persons=pad_persons),
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

    def to_shared(self, x: Tensor) -> Tensor:
        r"""The joints of the shared layout of target clips :math:`(B \cdot V, T, C)`."""
        whole = x.view(-1, self.skeleton.num_joints, *x.shape[1:])
        return self.converter(whole, dim=1).flatten(0, 1)

    def forward(self, data: Any) -> CoDTOutput:
        """Runs the forward pass of the students."""
        self.check_bodies(data)
        bodies = bodies_of(data, self.skeleton.num_joints)
        shared, _ = self.b0.student(self.to_shared(data.x), bodies)
        own, _ = self.b1.student(data.x, bodies)
        logits, shared_logits = self.b1.student.clusters(own), self.b0.student.clusters(shared)
        return CoDTOutput(logits, shared_logits, own, shared)

    def source_losses(
        self, x: Tensor, whole: Tensor, bodies: Bodies, y: Tensor
    ) -> dict[str, Tensor]:
        r"""The losses of source clips: :obj:`sup` and :obj:`dec`.

        Args:
            x (torch.Tensor): The shared joints as the student sees them,
                :math:`(B \cdot V_0, T, C)`.
            whole (torch.Tensor): The same before parts were masked.
            bodies (Bodies): Whose they are.
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
    ) -> dict[str, Tensor]:
        r"""The losses of target clips: :obj:`dec` and :obj:`cont`, and :obj:`ocm` and :obj:`ccm`
        where they are wanted. Teachers and banks move on.

        Args:
            views (TargetViews): What each network sees.
            bodies (Bodies): Whose joints these are.
            sample (torch.Tensor): The number of each clip in the bank, :math:`(N)`.
            online (bool, optional): Whether to cluster (OCM). (default: :obj:`False`)
            pairs (str, optional): What makes a pair in one branch, and what of it the other one
                learns: labels and :obj:`"predictions"` (CCM), the largest :obj:`"features"` and
                predictions (CCM-FP), labels and the :obj:`"cosine"` of features (CCM-PF);
                :obj:`None` for no collaboration. (default: :obj:`None`)
        """
        f0, frames = self.b0.student(views.student0, bodies)
        f1, _ = self.b1.student(views.student1, bodies)
        losses = {"dec": self._decoding_error(frames, views.whole0, bodies)}
        taught = []
        with torch.no_grad():
            for branch, view in ((self.b0, views.teacher0), (self.b1, views.teacher1)):
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
            raise ValueError("clustering needs the view of the teacher of B0")
        labels = [b.pseudo_labels(self.sharpness)[sample] for b in (self.b0, self.b1)]
        logits = [self.b0.student.clusters(f0), self.b1.student.clusters(f1)]
        if online:
            losses["ocm"] = sum(map(F.cross_entropy, logits, labels), z.new_zeros(()))
        if pairs is not None:
            together = [same_cluster(y) for y in labels]
            if pairs == "features":
                together = [same_top_features(t) for t in (t0, t1)]
            similar = [p @ p.t() for p in (y.softmax(dim=1) for y in logits)]
            if pairs == "cosine":
                similar = [cosine_similarity(f) for f in (f0, f1)]
            # What one branch says teaches the other.
            losses["ccm"] = collaborative_loss(similar[1], together[0]) + collaborative_loss(
                similar[0], together[1]
            )
        return losses

    @torch.no_grad()
    def remember(self, data: Any, sample: Tensor) -> None:
        """Lets the teachers see target clips as they are, and fills the banks."""
        bodies = bodies_of(data, self.skeleton.num_joints)
        for branch, x in ((self.b0, self.to_shared(data.x)), (self.b1, data.x)):
            branch.remember(branch.teacher(x, bodies)[0], sample)

    def _decoding_error(self, frames: Tensor, whole: Tensor, bodies: Bodies) -> Tensor:
        """How far decoded joints are from the mean of the frames that a feature stands for."""
        V, C = self.shared_skeleton.num_joints, whole.size(-1)
        joints = whole.view(-1, V, *whole.shape[1:]).permute(0, 1, 3, 2)  # [B, V, C, T]
        target = F.adaptive_avg_pool1d(joints.flatten(1, 2), frames.size(1)).transpose(1, 2)
        decoded = self.decoder(frames)
        if decoded.size(0) != target.size(0):  # padded: those who are not there are all zero
            M, persons = decoded.size(0) // bodies.num_clips, target
            target = persons.new_zeros(decoded.shape)
            target[bodies.clip * M + bodies.person] = persons
        return F.mse_loss(decoded, target.reshape(*decoded.shape[:2], V * C))


@contextmanager
def _unchanged_statistics(network: torch.nn.Module, keep: bool) -> Iterator[None]:
    """Normalizes with the statistics of the batch, and leaves the running ones as they are."""
    norms = [m for m in network.modules() if isinstance(m, torch.nn.BatchNorm1d) and keep]
    before = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    try:
        yield
    finally:
        for norm, momentum in zip(norms, before, strict=True):
            norm.momentum = momentum
