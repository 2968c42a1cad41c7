"""The base class of networks that recognize actions."""

from abc import abstractmethod
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch_geometric.utils import scatter

from pyg_skeleton.nn.models.bodies import Bodies, bodies_of, flatten_clips
from pyg_skeleton.nn.models.skeleton_model import SkeletonModel, as_data, first_tensor
from pyg_skeleton.nn.sums.copies import repeat_edges
from pyg_skeleton.nn.sums.graphs import Edges
from pyg_skeleton.skeleton import GraphLike, SkeletonLike


class GraphLayer(NamedTuple):
    """A layer that infers a graph from each clip, see :meth:`RecognitionModel.graph_layers`."""

    module: torch.nn.Module
    """The module whose output is the graph, ``[B, ...]``."""
    graph_size: int | None
    """The size of a flattened graph, after the mean over :attr:`averaged_dim`, where known."""
    averaged_dim: int | None = None
    """The dimension of the output to average over (channels or frames), if any."""


class Recognition(NamedTuple):
    """The output of :meth:`RecognitionModel.predict`."""

    probability: np.ndarray
    """The probability of each class, ``[N, classes]``."""
    classes: list[str]
    """The names of the classes."""

    @property
    def labels(self) -> list[str]:
        """The likeliest class of each clip."""
        return [self.classes[c] for c in self.probability.argmax(axis=1).tolist()]

    def to_frame(self, top: int = 5) -> pd.DataFrame:
        """Returns the likeliest classes of each clip with their probability, likeliest first.

        Args:
            top (int, optional): The number of classes. (default: :obj:`5`)
        """
        order = np.argsort(-self.probability, axis=1, kind="stable")[:, :top]
        rows = [
            (clip, self.classes[c], float(self.probability[clip, c]))
            for clip in range(len(order))
            for c in order[clip].tolist()
        ]
        return pd.DataFrame(rows, columns=["clip", "class", "probability"])


class RecognizedClasses(Recognition):
    """The output of :meth:`RecognitionModel.predict` where a clip may have several classes. The
    probabilities of a clip do not sum to 1.
    """

    @property
    def labels(self) -> list[str]:
        """The classes of each clip that are likelier than not, separated by ``;``."""
        likely = self.probability > 0.5
        return [";".join(self.classes[c] for c in np.flatnonzero(row)) for row in likely]

    def to_frame(self, top: int | None = None) -> pd.DataFrame:
        """Returns the classes of each clip with a probability above 0.5, likeliest first. A clip
        without any has a row whose class is empty.

        Args:
            top (int, optional): The largest number of classes. (default: all)
        """
        frame = super().to_frame(len(self.classes) if top is None else top)
        frame = frame[frame["probability"] > 0.5]
        none = [(clip, "", np.nan) for clip in set(range(len(self.probability))) - {*frame["clip"]}]
        rows = [*frame.itertuples(index=False, name=None), *none]
        rows.sort(key=lambda row: row[0])
        return pd.DataFrame(rows, columns=list(frame.columns))


class RegressedScores(NamedTuple):
    """The output of :meth:`RecognitionModel.predict` of a network that regresses a score."""

    score: np.ndarray
    """The score of each clip in the unit of the training data, ``[N]``."""

    @property
    def labels(self) -> list[str]:
        """The scores as text."""
        return [f"{score:.4g}" for score in self.score.tolist()]

    def to_frame(self) -> pd.DataFrame:
        """Returns the score of each clip."""
        return pd.DataFrame({"clip": np.arange(len(self.score)), "score": self.score})


def check_one_class(model: Any, what: str) -> None:
    """Refuses networks that learned several classes of each clip, or a score.

    Args:
        model (torch.nn.Module): The network.
        what (str): What needs one class, for the message.

    Raises:
        ValueError: If :attr:`RecognitionModel.target` is not :obj:`"class"`.
    """
    target = getattr(model, "target", "class")
    if target != "class":
        kind = "a score" if target == "score" else "several classes"
        raise ValueError(f"{what} needs a network for one class of each clip, got one for {kind}")


class RecognitionModel(SkeletonModel):
    r"""The base class of networks that recognize actions.

    A subclass defines :meth:`features`; their mean over joints and frames, then over the persons
    of a clip, is classified by a linear layer.

    A clip has as many bodies as persons. The authors of the networks pad clips of one person with
    a second one whose joints are all zero; that body takes time, enters all statistics, and counts
    in the mean over persons. :obj:`pad_persons=True` reproduces this.

    Args:
        skeleton (BodyGraph or str): The layout, or any graph.
        num_classes (int): The number of classes.
        in_channels (int): Size of a joint's input.
        out_channels (int): Size of a joint's feature.
        num_persons (int, optional): The largest number of persons in a clip. (default: :obj:`2`)
        pad_persons (bool, optional): Whether each clip is padded to that number.
            (default: :obj:`False`)
        classifier_std (float, optional): The standard deviation of the classifier's initial
            weights. With the default, the first loss is near :math:`\ln(\text{classes})`; with
            :obj:`None`, the authors' :math:`\sqrt{2 / \text{classes}}`, it is far above for few
            classes. Presets with the configurations of a paper have :obj:`None`.
            (default: :obj:`0.01`)

    Shapes:
        - **input:** :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(\sum M \cdot V, T, C)`, or a batch
        - **output:** logits :math:`(N, \text{classes})`
    """

    kept: ClassVar[tuple[str, ...]] = (*SkeletonModel.kept, "target", "score_mean", "score_std")
    #: What is learned of each clip: one :obj:`"class"`, several :obj:`"classes"`, or a
    #: :obj:`"score"`, see :class:`~pyg_skeleton.datasets.ClipTable`.
    target: str = "class"
    #: The mean and the standard deviation of the training scores, by which the only output is
    #: shifted and scaled.
    score_mean: float = 0.0
    score_std: float = 1.0

    def __init__(
        self,
        skeleton: GraphLike,
        num_classes: int,
        in_channels: int,
        out_channels: int,
        num_persons: int = 2,
        pad_persons: bool = False,
        classifier_std: float | None = 0.01,
    ) -> None:
        super().__init__(skeleton, in_channels)
        if num_persons < 1:
            raise ValueError(f"expected num_persons >= 1, got {num_persons}")
        if num_classes < 1:
            raise ValueError(f"expected num_classes >= 1, got {num_classes}")
        self.num_classes, self.num_persons = num_classes, num_persons
        self.pad_persons, self.classifier_std = pad_persons, classifier_std
        self.classifier = self.make_classifier(out_channels)

    def make_classifier(self, in_channels: int) -> torch.nn.Linear:
        """Returns the last layer."""
        classifier, std = torch.nn.Linear(in_channels, self.num_classes), self.classifier_std
        std = (2 / self.num_classes) ** 0.5 if std is None else std
        torch.nn.init.normal_(classifier.weight, 0.0, std)
        return classifier

    @abstractmethod
    def features(self, x: Tensor, bodies: Bodies, edges: Edges | None = None) -> Tensor:
        r"""Returns the features of each joint, :math:`(B \cdot V, T', C')`."""

    def graph_layers(self) -> list[GraphLayer]:
        """Returns the layers that infer graphs from clips, in order."""
        return []

    def forward(self, data: Any, edge_index: Tensor | None = None, **fields: Any) -> Any:
        """Returns the logits of a clip or a batch, or a tuple that starts with them.

        Args:
            data (SkeletonData or torch.Tensor): A clip, a batch, or their features :obj:`x`.
            edge_index (torch.Tensor, optional): The edges beside :obj:`x`. (default: :obj:`None`)
            **fields (optional): Further fields beside :obj:`x`: :obj:`batch`, :obj:`person`.
        """
        data = as_data(data, edge_index, fields, self.in_channels)
        self.check_bodies(data)
        bodies = bodies_of(data, self.skeleton.num_joints)
        return self.forward_clips(data.x, *bodies, edges=self.edges_of(data))

    def forward_clips(
        self,
        x: Tensor,
        clip: Tensor | None = None,
        person: Tensor | None = None,
        num_clips: int = 1,
        edges: Edges | None = None,
    ) -> Any:
        r"""The forward pass on plain tensors, for export.

        Args:
            x (torch.Tensor): The joints, :math:`(B \cdot V, T, C)`.
            clip (torch.Tensor, optional): The clip of each body, :math:`(B)`.
                (default: all of one clip)
            person (torch.Tensor, optional): The number of the person in its clip, :math:`(B)`.
                (default: all zero)
            num_clips (int, optional): The number of clips. (default: :obj:`1`)
            edges (Edges, optional): The edges. (default: those of the layout)
        """
        zeros = torch.zeros(
            x.size(0) // self.skeleton.num_joints, dtype=torch.long, device=x.device
        )
        bodies = Bodies(
            zeros if clip is None else clip, zeros if person is None else person, num_clips
        )
        return self.classify(self.pool(*self.encode(x, bodies, edges)))

    def forward_plain(self, x: Tensor) -> Tensor:
        r"""The forward pass on padded clips, for export.

        A person whose joints are all zero is absent and has no influence, but with
        :obj:`pad_persons=True`.

        Shapes:
            - **input:** :math:`(N, M, T, V, C)`
            - **output:** logits :math:`(N, \text{classes})`
        """
        bodies, clip, person = flatten_clips(x, keep_absent=self.pad_persons)
        num_clips = x.size(0) if self.pad_persons else x.size(0) + 1
        output = self.forward_clips(bodies, clip, person, num_clips)
        return first_tensor(output)[: x.size(0)]

    def encode(
        self, x: Tensor, bodies: Bodies, edges: Edges | None = None
    ) -> tuple[Tensor, Bodies]:
        r"""Returns the features of each joint, :math:`(B \cdot V, T', C')`, and their bodies, with
        :attr:`pad_persons` including the absent persons.
        """
        if self.pad_persons:
            edges = self._pad_edges(edges, bodies)
            x, bodies = self._pad(x, bodies)
        h = self.features(x, bodies) if edges is None else self.features(x, bodies, edges)
        return h, bodies

    def classify(self, h: Tensor) -> Any:
        r"""Returns the output for the features of clips, :math:`(N, C')`."""
        return self.classifier(h)

    def pool(self, h: Tensor, bodies: Bodies) -> Tensor:
        r"""Averages over joints and frames, then over the persons of a clip."""
        h = h.mean(dim=1).view(-1, self.skeleton.num_joints, h.size(-1)).mean(dim=1)
        return scatter(h, bodies.clip, dim=0, dim_size=bodies.num_clips, reduce="mean")

    def _pad_edges(self, edges: Edges | None, bodies: Bodies) -> Edges | None:
        """Edges of padded clips, in which absent persons have those of the layout."""
        if edges is None:
            return None
        M, N, V = self.num_persons, bodies.num_clips, self.skeleton.num_joints
        place = bodies.clip * M + bodies.person
        absent = torch.ones(N * M, dtype=torch.bool, device=place.device)
        absent = absent.index_fill(0, place, False)
        hops = []
        for hop, given in enumerate(edges.hops, start=1):
            own = repeat_edges(self.skeleton.edge_index(hop).to(given.device), N * M, V, V)
            moved = place[given // V] * V + given % V
            hops.append(torch.cat([moved, own[:, absent[own[1] // V]]], dim=1))
        if edges.weight is None:
            return Edges(tuple(hops))
        ones = edges.weight.new_ones(hops[0].size(1) - edges.weight.numel())
        return Edges(tuple(hops), torch.cat([edges.weight, ones]))

    def _pad(self, x: Tensor, bodies: Bodies) -> tuple[Tensor, Bodies]:
        M, N, V = self.num_persons, bodies.num_clips, self.skeleton.num_joints
        own = x.view(-1, V, *x.shape[1:])
        place = bodies.clip * M + bodies.person
        padded = own.new_zeros((N * M, *own.shape[1:])).index_copy(0, place, own)
        slots = torch.arange(N * M, device=x.device)
        return padded.flatten(0, 1), Bodies(slots // M, slots % M, N)

    def check_bodies(self, data: Any) -> None:
        """Refuses data of another layout, shape or number of persons.

        Raises:
            ValueError: With what came and what was expected.
        """
        super().check_bodies(data)
        C = self.in_channels
        if data.x.dim() != 3 or data.x.size(2) != C:
            raise ValueError(f"expected x of shape [B * V, T, {C}], got {list(data.x.shape)}")
        if torch.compiler.is_compiling():
            return
        person = bodies_of(data, self.skeleton.num_joints).person
        if person.device.type == "cpu" and int(person.max()) >= self.num_persons:
            raise ValueError(
                f"expected clips of at most {self.num_persons} persons, got one of "
                f"{int(person.max()) + 1}; transforms.SelectPersons leaves out the others"
            )

    def predict(
        self,
        clips: Any,
        layout: SkeletonLike | None = None,
        image_size: tuple[int, int] | None = None,
        batch_size: int = 64,
        unit: str | None = None,
        frame_rate: float | None = None,
    ) -> Any:
        r"""Recognizes the actions of clips of the user.

        Returns a :class:`Recognition`; by :attr:`target`, a :class:`RecognizedClasses` or
        :class:`RegressedScores`.

        Raw clips become the input of the network by its :attr:`preparation`; without one, they
        must be prepared as the network was trained. A clip of another layout, unit or frame rate
        than the training data is converted, with a warning of one line. Arrays may be padded with
        zeros: persons whose joints are all zero are left out, and so are the frames at the end in
        which everybody's are.

        Args:
            clips (numpy.ndarray, SkeletonData, Clip or list of them): A clip, or several. An array
                has the shape :math:`(T, V, C)`, or :math:`(M, T, V, C)` for :math:`M` persons.
            layout (Skeleton or str, optional): The layout of arrays; joints are converted by name.
                (default: that of the network)
            image_size (tuple[int, int], optional): Width and height of the image, for joints in
                pixels, where a clip does not say. (default: :obj:`None`)
            batch_size (int, optional): Clips at a time. (default: :obj:`64`)
            unit (str, optional): The unit of the joints, where a clip does not say: :obj:`"m"`,
                :obj:`"cm"`, :obj:`"mm"`, :obj:`"in"`, :obj:`"px"` or :obj:`"normalized"`.
                (default: that of the training data)
            frame_rate (float, optional): Frames per second, where a clip does not say.
                (default: that of the training data)

        Raises:
            ValueError: If the shape is another, a value is not finite, a clip has less than two
                frames, bodies have another size than in training (30 times), or joints are missing.
        """
        data = self.read_clips(clips, layout, image_size, unit, frame_rate)
        output = [first_tensor(o) for o in self.run_clips(self, data, batch_size)]
        logits = torch.cat(output).float()
        if self.target == "score":
            if logits.size(1) != 1:
                raise ValueError(
                    f"a score is one output, this network has {logits.size(1)}: set its target to "
                    f"'class' or 'classes'"
                )
            return RegressedScores((logits[:, 0] * self.score_std + self.score_mean).cpu().numpy())
        several = self.target == "classes"
        probability = logits.sigmoid() if several else logits.softmax(dim=1)
        kind = RecognizedClasses if several else Recognition
        names = self.classes or [str(c) for c in range(self.num_classes)]
        return kind(probability.cpu().numpy(), names)

    def embed(
        self,
        clips: Any,
        layout: SkeletonLike | None = None,
        image_size: tuple[int, int] | None = None,
        batch_size: int = 64,
        unit: str | None = None,
        frame_rate: float | None = None,
    ) -> np.ndarray:
        r"""Returns the features of clips before the classifier, :math:`(N, C')`, for retrieval or
        clustering; see :meth:`predict` for the arguments.
        """

        def features(data: Any) -> Tensor:
            self.check_bodies(data)
            bodies = bodies_of(data, self.skeleton.num_joints)
            return self.pool(*self.encode(data.x, bodies, self.edges_of(data)))

        data = self.read_clips(clips, layout, image_size, unit, frame_rate)
        output = list(self.run_clips(features, data, batch_size))
        return torch.cat(output).float().cpu().numpy()
