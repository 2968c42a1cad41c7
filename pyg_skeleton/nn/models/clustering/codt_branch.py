"""One of the two branches of CoDT."""

import copy
from collections.abc import Callable

import torch
from torch import Tensor

from pyg_skeleton.nn.loss.transport import balanced_assignment
from pyg_skeleton.nn.models.bodies import Bodies
from pyg_skeleton.nn.models.recognition.model import RecognitionModel
from pyg_skeleton.nn.processes import gather
from pyg_skeleton.nn.sums.graphs import Edges


class ClusterNetwork(torch.nn.Module):
    r"""An encoder, and linear maps of its features: scores of clusters, and an embedding.

    Args:
        encoder (RecognitionModel): The network; its own classifier is removed.
        num_clusters (int): The number :math:`K` of clusters.
        projection (int, optional): The size of the embedding; :obj:`None` for none.

    Shapes:
        - **input:** joints :math:`(B \cdot V, T, C)`, and clip and person of each body
        - **output:** features of clips :math:`(N, C')`, and of bodies :math:`(B, T', C')`
    """

    def __init__(
        self, encoder: RecognitionModel, num_clusters: int, projection: int | None
    ) -> None:
        super().__init__()
        assert isinstance(encoder.classifier, torch.nn.Linear)
        self.channels = encoder.classifier.in_features
        encoder.classifier = torch.nn.Identity()  # type: ignore[assignment]
        self.encoder = encoder
        self.clusters = _linear(self.channels, num_clusters)
        self.projector = None if projection is None else _linear(self.channels, projection)

    def forward(
        self, x: Tensor, bodies: Bodies, edges: Edges | None = None
    ) -> tuple[Tensor, Tensor]:
        """Returns the features of clips, and of bodies frame by frame."""
        h, bodies = self.encoder.encode(x, bodies, edges)
        frames = h.view(-1, self.encoder.skeleton.num_joints, *h.shape[1:]).mean(dim=1)
        return self.encoder.pool(h, bodies), frames

    def embed(self, features: Tensor) -> Tensor:
        """Returns embeddings of unit length for features of clips."""
        assert self.projector is not None
        return torch.nn.functional.normalize(self.projector(features))


class CoDTBranch(torch.nn.Module):
    r"""A student, its teacher, and a bank of the teacher's latest features of each target clip.

    .. math::
        \hat{\theta} \leftarrow \alpha \, \hat{\theta} + (1 - \alpha) \, \theta

    The teacher normalizes with the statistics of its own batch, as in the authors' code.

    Args:
        create_encoder (callable): Creates an encoder.
        num_clusters (int): The number :math:`K` of clusters.
        num_samples (int): The number of target clips.
        projection (int, optional): The size of the embedding for contrast; :obj:`None` for none.
        copy_teacher (bool): Whether the teacher starts as a copy of the student or at random.
        teacher_dropout (bool): Whether the teacher uses dropout, too.
    """

    bank: Tensor
    potential: Tensor

    def __init__(
        self,
        create_encoder: Callable[[], RecognitionModel],
        num_clusters: int,
        num_samples: int,
        projection: int | None,
        copy_teacher: bool,
        teacher_dropout: bool,
    ) -> None:
        super().__init__()
        self.teacher_dropout = teacher_dropout
        self.student = ClusterNetwork(create_encoder(), num_clusters, projection)
        self.teacher = copy.deepcopy(self.student)
        if not copy_teacher:
            self.teacher = ClusterNetwork(create_encoder(), num_clusters, projection)
        self.teacher.requires_grad_(False)
        self.register_buffer("bank", torch.randn(num_samples, self.student.channels))
        # The solution of the last transport, where the next one starts.
        self.register_buffer("potential", torch.zeros(num_clusters))
        self.train()

    def train(self, mode: bool = True) -> "CoDTBranch":
        """Sets the mode; the teacher uses dropout only with :obj:`teacher_dropout`."""
        super().train(mode)
        for module in self.teacher.modules():
            if isinstance(module, torch.nn.Dropout):
                module.train(mode and self.teacher_dropout)
        return self

    @torch.no_grad()
    def update_teacher(self, momentum: float) -> None:
        """Moves the weights of the teacher toward those of the student."""
        pairs = zip(self.teacher.parameters(), self.student.parameters(), strict=True)
        for teacher, student in pairs:
            if student.requires_grad:  # of what is frozen, the teacher keeps its weights, too
                teacher.lerp_(student, 1 - momentum)

    @torch.no_grad()
    def remember(self, features: Tensor, sample: Tensor) -> None:
        """Stores the teacher's features of the clips of all processes in the bank."""
        self.bank[gather(sample)] = gather(features).to(self.bank.dtype)

    @torch.no_grad()
    def pseudo_labels(self, sharpness: float) -> Tensor:
        r"""Returns the cluster of each clip in the bank, :math:`(N)`, with equally many clips in
        each cluster, see :func:`~pyg_skeleton.nn.loss.balanced_assignment`.

        Raises:
            ValueError: If a number in the bank is not finite.
        """
        finite = self.bank.sum(dim=1).isfinite()  # ten times faster than checking each number
        if not bool(finite.all()):
            row = int((~finite).nonzero()[0])
            raise ValueError(f"expected a bank of finite features, those of clip {row} are not")
        logits = self.teacher.clusters(self.bank)
        out = balanced_assignment(logits, sharpness=sharpness, potential=self.potential)
        self.potential.copy_(out.potential)
        return out.assignment

    @torch.no_grad()
    def start_clusters(self, centroids: Tensor) -> None:
        """Sets the rows of the cluster classifiers to centroids, in student and teacher."""
        for network in (self.student, self.teacher):
            network.clusters.weight.copy_(centroids)
            network.clusters.bias.zero_()
        self.potential.zero_()


def _linear(in_features: int, out_features: int) -> torch.nn.Linear:
    """A linear map with the authors' initialization."""
    linear = torch.nn.Linear(in_features, out_features)
    torch.nn.init.normal_(linear.weight, 0.0, 0.02)
    torch.nn.init.zeros_(linear.bias)
    return linear
