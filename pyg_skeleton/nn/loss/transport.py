"""Balanced pseudo labels: clusters of equal size, each sample where it fits best."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor

#: The number of elements in memory at a time.
CHUNK = 2**22
#: The maximum change of prices, on a logarithmic scale, before the kernel is recomputed.
DRIFT = 40.0


class Transport(NamedTuple):
    """The result of :func:`balanced_assignment`."""

    assignment: Tensor
    """The cluster of each sample, ``[N]``."""
    potential: Tensor
    """The price of each cluster, ``[K]``, a warm start for the next call."""
    iterations: int
    """The number of passes over all samples."""
    error: float
    """The largest relative deviation of a cluster from its target size."""


def balanced_assignment(
    logits: Tensor | Callable[[int, int], Tensor],
    num_samples: int | None = None,
    sharpness: float = 10.0,
    tolerance: float = 1e-2,
    max_iterations: int = 100,
    potential: Tensor | None = None,
) -> Transport:
    r"""Assigns samples to clusters of equal size by optimal transport, as in the `"Collaborating
    Domain-shared and Target-specific Feature Clustering for Cross-domain 3D Action Recognition"
    <https://arxiv.org/abs/2207.09767>`_ paper (supplementary, section 1).

    .. math::
        \min_{\mathbf{S}} \; \langle \mathbf{S}, -\log \mathbf{P} \rangle + \tfrac{1}{\xi}
        \mathrm{KL}(\mathbf{S} \,\Vert\, \mathbf{r} \mathbf{c}^{\top}) \quad \text{with} \quad
        \mathbf{S} \mathbf{1} = \tfrac{1}{K} \mathbf{1}, \; \mathbf{S}^{\top} \mathbf{1} =
        \tfrac{1}{N} \mathbf{1}

    by Sinkhorn's iterations on logarithms, then each sample goes to the cluster with the largest
    share of it. The iterations that the paper prints lack the marginals, and its authors'
    overflow for sharp :math:`\mathbf{P}`; these are finite for any logits. Only a price per cluster
    is kept between them, so that logits may be computed in chunks: a million samples and a thousand
    clusters take no more memory than a chunk.

    Args:
        logits (torch.Tensor or callable): The logits of :math:`\mathbf{P}`; or a function that
            returns the logits of samples :obj:`start` to :obj:`end`.
        num_samples (int, optional): The number of samples, needed with a function.
            (default: :obj:`None`)
        sharpness (float, optional): :math:`\xi`. (default: :obj:`10.0`)
        tolerance (float, optional): When to stop: the largest deviation of a cluster from its
            share, relative to it. (default: :obj:`1e-2`)
        max_iterations (int, optional): The largest number of iterations. (default: :obj:`100`)
        potential (torch.Tensor, optional): The potential of an earlier call with similar logits.
            (default: :obj:`None`)

    Shapes:
        - **logits:** :math:`(N, K)`
        - **output:** :class:`Transport`

    Raises:
        ValueError: If a logit is not finite, or there are no samples.

    Warns:
        UserWarning: If the iterations end before **tolerance** is reached.
    """
    if sharpness <= 0 or max_iterations < 1:
        raise ValueError(
            f"expected sharpness > 0 and max_iterations >= 1, got {sharpness}, {max_iterations}"
        )
    N = logits.size(0) if isinstance(logits, Tensor) else num_samples
    if N is None or N < 1:
        raise ValueError(f"expected at least one sample, got {N}")
    parts = _Parts(logits, N, sharpness)
    K = parts.num_clusters
    price = parts.like.new_zeros(K) if potential is None else potential.to(parts.like)
    error, iteration = math.inf, 0
    while iteration < max_iterations:
        iteration += 1
        excess = parts.log_mass(price) + math.log(K / N)
        error = float((excess.exp() - 1).abs().max())
        if error <= tolerance:
            break
        price = price - excess
        price = price - price.max()
    if error > tolerance:  # a constant text, so that a training loop shows it once
        warnings.warn(
            f"transport stopped after {max_iterations} iterations, before clusters were within "
            f"{tolerance:.2g} of their size; see the field 'error', and max_iterations",
            stacklevel=2,
        )
    assignment = torch.cat([(scores + price).argmax(dim=1) for scores in parts])
    return Transport(assignment, price, iteration, error)


class _Parts:
    """The scaled logits, in chunks."""

    def __init__(
        self, logits: Tensor | Callable[[int, int], Tensor], num_samples: int, sharpness: float
    ) -> None:
        self.num_samples, self.sharpness = num_samples, sharpness
        self.read = logits if callable(logits) else lambda a, b: logits[a:b]
        self.like = self._scores(0, 1)
        self.num_clusters = self.like.size(1)
        self.size = max(1, CHUNK // self.num_clusters)
        # A single chunk is computed once.
        self.whole = self._scores(0, num_samples) if num_samples <= self.size else None
        self.kernel: Tensor | None = None
        self.base = self.like

    def log_mass(self, price: Tensor) -> Tensor:
        """The logarithm of the mass of each cluster when samples are shared among them."""
        if self.whole is not None:  # two products with a matrix, unless something underflows
            if self.kernel is None or float((price - self.base).abs().max()) > DRIFT:
                self.base, kernel = price, self.whole + price
                self.kernel = kernel.sub_(kernel.amax(dim=1, keepdim=True)).exp_()
            weight = (price - self.base).exp()
            mass = weight * (self.kernel.t() @ (self.kernel @ weight).reciprocal())
            if bool(mass.isfinite().all()) and float(mass.min()) > 0:
                return mass.log()
        logs = [(scores + price).log_softmax(dim=1).logsumexp(dim=0) for scores in self]
        return torch.stack(logs).logsumexp(dim=0)

    def _scores(self, start: int, end: int) -> Tensor:
        scores = self.sharpness * self.read(start, end).detach().float()
        if not bool(scores.isfinite().all()):
            row = int((~scores.isfinite()).any(dim=1).nonzero()[0]) + start
            raise ValueError(f"expected finite logits, those of sample {row} are not")
        return scores

    def __iter__(self) -> Iterator[Tensor]:
        if self.whole is not None:
            yield self.whole
            return
        for start in range(0, self.num_samples, self.size):
            yield self._scores(start, min(start + self.size, self.num_samples))
