"""Memory banks of embeddings of previous clips, for graph contrastive learning."""

import torch
import torch.nn.functional as F
from torch import Tensor


class InstanceBank(torch.nn.Module):
    r"""The latest embeddings of each class, first in, first out (section 3.2 of the `"Graph
    Contrastive Learning for Skeleton-based Action Recognition" <https://arxiv.org/abs/2301.10900>`_
    paper).

    Args:
        num_classes (int): The number of classes.
        per_class (int): The number :math:`P` of embeddings per class.
        channels (int): The size of an embedding.
    """

    vectors: Tensor
    count: Tensor

    def __init__(self, num_classes: int, per_class: int, channels: int) -> None:
        super().__init__()
        self.per_class = per_class
        self.register_buffer("vectors", torch.zeros(num_classes, per_class, channels))
        #: The number of embeddings ever added for each class.
        self.register_buffer("count", torch.zeros(num_classes, dtype=torch.long))

    def read(self) -> tuple[Tensor, Tensor, Tensor]:
        """Returns embeddings, their classes, and which slots are filled."""
        K, P, _ = self.vectors.shape
        classes = torch.arange(K, device=self.count.device).repeat_interleave(P)
        slots = torch.arange(P, device=self.count.device)
        return self.vectors.flatten(0, 1), classes, (slots < self.count.unsqueeze(1)).flatten()

    @torch.no_grad()
    def update(self, vectors: Tensor, y: Tensor) -> None:
        """Adds embeddings :math:`(B, C)`, in order."""
        hits = F.one_hot(y, self.count.numel())
        before = (hits.cumsum(0) - hits).gather(1, y.unsqueeze(1)).squeeze(1)
        # If a class gets more embeddings than it has slots, the last ones stay.
        kept = hits.sum(0)[y] - before <= self.per_class
        slot = (self.count[y] + before) % self.per_class
        self.vectors[y[kept], slot[kept]] = vectors[kept].to(self.vectors.dtype)
        self.count += hits.sum(0)


class SemanticBank(torch.nn.Module):
    r"""A running mean of the embeddings of each class (equation 4 of the paper).

    .. math::
        \mathbf{m}_c \leftarrow \alpha \, \mathbf{m}_c + (1 - \alpha) \, \mathbf{v}

    for each clip in turn; a class begins with its first clip, which the paper does not specify.

    Args:
        num_classes (int): The number of classes.
        channels (int): The size of an embedding.
        momentum (float): :math:`\alpha`.
    """

    vectors: Tensor
    count: Tensor

    def __init__(self, num_classes: int, channels: int, momentum: float) -> None:
        super().__init__()
        if not 0 <= momentum < 1:
            raise ValueError(f"expected momentum in [0, 1), got {momentum}")
        self.momentum = momentum
        self.register_buffer("vectors", torch.zeros(num_classes, channels))
        self.register_buffer("count", torch.zeros(num_classes, dtype=torch.long))

    def read(self) -> tuple[Tensor, Tensor, Tensor]:
        """Returns embeddings, their classes, and which slots are filled."""
        classes = torch.arange(self.count.numel(), device=self.count.device)
        return self.vectors, classes, self.count > 0

    @torch.no_grad()
    def update(self, vectors: Tensor, y: Tensor) -> None:
        """Adds embeddings :math:`(B, C)`, in order."""
        hits = F.one_hot(y, self.count.numel())
        # Later clips of the same class reduce the weight of a clip.
        after = (hits.flip(0).cumsum(0).flip(0) - hits).gather(1, y.unsqueeze(1)).squeeze(1)
        first = (self.count[y] == 0) & (hits.cumsum(0).gather(1, y.unsqueeze(1)).squeeze(1) == 1)
        weight = self.momentum**after * torch.where(first, 1.0, 1 - self.momentum)
        kept = self.vectors * (self.momentum ** hits.sum(0)).unsqueeze(1)
        new = hits.to(kept.dtype).t() @ (weight.unsqueeze(1) * vectors.to(kept.dtype))
        self.vectors.copy_(kept + new)
        self.count += hits.sum(0)


class SampleBank(torch.nn.Module):
    r"""The latest embedding of each training clip, as in the code of the paper's authors.

    Args:
        num_samples (int): The number of training clips.
        channels (int): The size of an embedding.
    """

    vectors: Tensor
    classes: Tensor

    def __init__(self, num_samples: int, channels: int) -> None:
        super().__init__()
        self.register_buffer("vectors", torch.zeros(num_samples, channels))
        self.register_buffer("classes", torch.full((num_samples,), -1))

    def read(self) -> tuple[Tensor, Tensor, Tensor]:
        """Returns embeddings, their classes, and which slots are filled."""
        return self.vectors, self.classes, self.classes >= 0

    @torch.no_grad()
    def update(self, vectors: Tensor, y: Tensor, sample: Tensor) -> None:
        """Sets the embeddings :math:`(B, C)` of the clips with the given numbers."""
        self.vectors[sample] = vectors.to(self.vectors.dtype)
        self.classes[sample] = y
