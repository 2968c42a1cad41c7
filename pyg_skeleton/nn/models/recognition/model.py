"""What the networks that recognize actions share."""

from abc import abstractmethod
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch_geometric.utils import scatter

from pyg_skeleton.nn.models.skeleton_model import SkeletonModel
from pyg_skeleton.skeleton import Skeleton

#: Width and step in time of the ten blocks that ST-GCN and its successors have.
TEN_CHANNELS = (64, 64, 64, 64, 128, 128, 128, 256, 256, 256)
TEN_STRIDES = (1, 1, 1, 1, 2, 1, 1, 2, 1, 1)


class Bodies(NamedTuple):
    """Whose the joints of a batch are."""

    clip: Tensor
    """The clip of each body, ``[B]``."""
    person: Tensor
    """Which person of its clip each body is, ``[B]``."""
    num_clips: int


def bodies_of(data: Any, num_joints: int) -> Bodies:
    """Whose the joints of a clip, or of a batch of clips, are."""
    person, clip = data.person[::num_joints], getattr(data, "batch", None)
    if clip is None:
        return Bodies(torch.zeros_like(person), person, 1)
    return Bodies(clip[::num_joints], person, data.num_graphs)


class RecognitionModel(SkeletonModel):
    r"""The base of the networks that recognize actions.

    A subclass has :meth:`features`; the mean over joints and frames, then over the persons of a
    clip, goes to a linear classifier.

    A clip has as many bodies as there are persons in it. The authors of the networks pad clips of
    one person with a second one whose joints are all zero; that body is computed, has a say in all
    statistics, and counts in the mean over persons. :obj:`pad_persons=True` reproduces it.

    Args:
        skeleton (Skeleton): The layout.
        config (dict): The other arguments of the constructor, plain values only.
        num_classes (int): The number of classes.
        in_channels (int): Size of a joint's input.
        num_persons (int): How many persons a clip may have.
        pad_persons (bool): Whether each clip is padded to that number.
        out_channels (int): Size of a joint's feature.

    Shapes:
        - **input:** :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(\sum M \cdot V, T, C)`, or a batch
        - **output:** logits :math:`(N, \text{classes})`
    """

    def __init__(
        self,
        skeleton: Skeleton,
        config: dict[str, Any],
        num_classes: int,
        in_channels: int,
        num_persons: int,
        pad_persons: bool,
        out_channels: int,
    ) -> None:
        super().__init__(skeleton, config, in_channels)
        if num_persons < 1:
            raise ValueError(f"expected num_persons >= 1, got {num_persons}")
        self.num_classes, self.num_persons = num_classes, num_persons
        self.pad_persons = pad_persons
        self.classifier = torch.nn.Linear(out_channels, num_classes)
        torch.nn.init.normal_(self.classifier.weight, 0.0, (2 / num_classes) ** 0.5)

    @abstractmethod
    def features(self, x: Tensor, bodies: Bodies) -> Tensor:
        r"""Returns the features of each joint, :math:`(B \cdot V, T', C')`."""

    def graph_layers(self) -> list[torch.nn.Module]:
        """Returns the modules that yield learned graphs, layer by layer."""
        return []

    def forward(self, data: Any) -> Any:
        """Runs the forward pass of the module."""
        self.check_bodies(data)
        return self.forward_clips(data.x, *bodies_of(data, self.skeleton.num_joints))

    def forward_clips(
        self,
        x: Tensor,
        clip: Tensor | None = None,
        person: Tensor | None = None,
        num_clips: int = 1,
    ) -> Any:
        r"""The forward pass on plain tensors, for export.

        Args:
            x (torch.Tensor): The joints, :math:`(B \cdot V, T, C)`.
            clip (torch.Tensor, optional): The clip of each body, :math:`(B)`.
                (default: all of one clip)
            person (torch.Tensor, optional): Which person of its clip each body is, :math:`(B)`.
                (default: all the first one)
            num_clips (int, optional): The number of clips. (default: :obj:`1`)
        """
        zeros = torch.zeros(
            x.size(0) // self.skeleton.num_joints, dtype=torch.long, device=x.device
        )
        bodies = Bodies(
            zeros if clip is None else clip, zeros if person is None else person, num_clips
        )
        return self.classify(self.pool(*self.encode(x, bodies)))

    def encode(self, x: Tensor, bodies: Bodies) -> tuple[Tensor, Bodies]:
        r"""Returns the features of each joint, :math:`(B \cdot V, T', C')`, and whose they are:
        with :attr:`pad_persons` also of those who are not there.
        """
        if self.pad_persons:
            x, bodies = self._pad(x, bodies)
        return self.features(x, bodies), bodies

    def classify(self, h: Tensor) -> Any:
        r"""Returns what the network says of clips :math:`(N, C')`."""
        return self.classifier(h)

    def pool(self, h: Tensor, bodies: Bodies) -> Tensor:
        r"""Averages over joints and frames, then over the persons of a clip."""
        h = h.mean(dim=1).view(-1, self.skeleton.num_joints, h.size(-1)).mean(dim=1)
        return scatter(h, bodies.clip, dim=0, dim_size=bodies.num_clips, reduce="mean")

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
        C = self.mean.size(1)
        if data.x.dim() != 3 or data.x.size(2) != C:
            raise ValueError(f"expected x of shape [B * V, T, {C}], got {list(data.x.shape)}")
        if data.x.device.type == "cpu" and int(data.person.max()) >= self.num_persons:
            raise ValueError(
                f"expected clips of at most {self.num_persons} persons, got one of "
                f"{int(data.person.max()) + 1}; transforms.SelectPersons leaves out the others"
            )

    @torch.no_grad()
    def predict(self, array: np.ndarray, top: int = 5) -> pd.DataFrame:
        r"""Recognizes the action of a clip of the user's own.

        Args:
            array (numpy.ndarray): The joints as the network was trained with them, frame by frame:
                :math:`(T, V, C)`, or :math:`(M, T, V, C)` for :math:`M` persons.
            top (int, optional): How many classes to name. (default: :obj:`5`)

        Returns:
            The likeliest classes with their probability, likeliest first.

        Raises:
            ValueError: If the shape is another, or a value is not finite.
        """
        array = np.asarray(array, dtype=np.float64)
        V, C = self.mean.shape
        if array.ndim not in (3, 4) or array.shape[-2:] != (V, C) or array.size == 0:
            raise ValueError(
                f"expected frames of shape (T, {V}, {C}) or (M, T, {V}, {C}) for skeleton "
                f"{self.skeleton.name!r}, got {array.shape}"
            )
        if not np.isfinite(array).all():
            bad = np.argwhere(~np.isfinite(array))[0].tolist()
            raise ValueError(f"expected finite joints, got {array[tuple(bad)]} at {bad}")
        persons = torch.as_tensor(array.reshape(-1, *array.shape[-3:])).transpose(1, 2)
        data = self.skeleton.to_data(persons.to(self.mean.dtype)).to(self.mean.device)
        training = self.training
        self.eval()
        try:
            output = self(data)
        finally:
            self.train(training)
        logits = output if isinstance(output, Tensor) else output[0]
        probability, order = logits[0].softmax(dim=0).cpu().sort(descending=True)
        names = self.classes or [str(c) for c in range(self.num_classes)]
        return pd.DataFrame(
            {
                "class": [names[c] for c in order[:top].tolist()],
                "probability": probability[:top].tolist(),
            }
        )


def load_renamed(model: SkeletonModel, weights: dict[str, Tensor]) -> None:
    """Loads weights that were brought under our names, and says which ones do not fit.

    Raises:
        ValueError: If a weight is missing, unknown or of another shape.
    """
    ours = model.state_dict()
    weights = {"mean": model.mean, "std": model.std, **weights}
    missing = [name for name in ours if name not in weights and "num_batches" not in name]
    unknown = [name for name in weights if name not in ours]
    if missing or unknown:
        raise ValueError(
            f"these are no weights of {type(model).__name__}: missing {missing[:5]}, unknown "
            f"{unknown[:5]}"
        )
    for name, value in weights.items():
        if value.shape != ours[name].shape:
            raise ValueError(
                f"expected {name} of shape {tuple(ours[name].shape)}, got {tuple(value.shape)}"
            )
    model.load_state_dict(weights, strict=False)
