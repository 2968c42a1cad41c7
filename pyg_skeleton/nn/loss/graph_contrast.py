"""Contrast of embedded graphs with those of other clips."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

SAMPLING = ("hard", "random", "both")


def graph_contrast_loss(
    anchor: Tensor,
    y: Tensor,
    bank: Tensor,
    bank_y: Tensor,
    valid: Tensor | None = None,
    num_positives: int = 128,
    num_hard: int = 512,
    num_random: int = 512,
    positives: str = "hard",
    negatives: str = "both",
    temperature: float = 0.8,
    split: bool = False,
    only_full: bool = False,
    noise: Tensor | None = None,
) -> Tensor:
    r"""The InfoNCE loss of the `"Graph Contrastive Learning for Skeleton-based Action Recognition"
    <https://arxiv.org/abs/2301.10900>`_ paper (equations 5 and 6), of all anchors at once.

    .. math::
        \mathcal{L} = - \frac{1}{|\mathcal{N}^+|} \sum_{\mathbf{v}^+ \in \mathcal{N}^+} \log
        \frac{\exp(s(\mathbf{v}, \mathbf{v}^+) / \tau)}{\exp(s(\mathbf{v}, \mathbf{v}^+) / \tau) +
        \sum_{\mathbf{v}^- \in \mathcal{N}^-} \exp(s(\mathbf{v}, \mathbf{v}^-) / \tau)}

    with the cosine similarity :math:`s`. The positives are the embeddings of the anchor's class
    that are least similar to it, the negatives the embeddings of other classes that are most
    similar to it, and random ones. The paper prints neither the exponentials nor the mean over
    positives; both are as in its authors' code.

    Args:
        anchor (torch.Tensor): The embeddings to learn.
        y (torch.Tensor): Their classes.
        bank (torch.Tensor): The embeddings to contrast them with.
        bank_y (torch.Tensor): Their classes.
        valid (torch.Tensor, optional): Which embeddings of the bank count, for all anchors or for
            each. (default: all)
        num_positives (int, optional): The number of hard positives. (default: :obj:`128`)
        num_hard (int, optional): The number of hard negatives. (default: :obj:`512`)
        num_random (int, optional): The number of random negatives. (default: :obj:`512`)
        positives (str, optional): :obj:`"hard"`, :obj:`"random"` or :obj:`"both"`, equally many.
            (default: :obj:`"hard"`)
        negatives (str, optional): Likewise. (default: :obj:`"both"`)
        temperature (float, optional): :math:`\tau`. (default: :obj:`0.8`)
        split (bool, optional): Whether hard and random negatives have separate denominators, as in
            the authors' code. (default: :obj:`False`)
        only_full (bool, optional): Whether anchors count only if the bank has
            :obj:`num_positives` positives and :obj:`num_hard` negatives for them, as in the
            authors' code; otherwise one of each is enough.
            (default: :obj:`False`)
        noise (torch.Tensor, optional): Random numbers; those with the largest are drawn.
            (default: uniform)

    Shapes:
        - **anchor:** :math:`(B, C)`
        - **y:** :math:`(B)`
        - **bank:** :math:`(N, C)`
        - **bank_y:** :math:`(N)`
        - **valid:** :math:`(N)` or :math:`(B, N)`
        - **noise:** :math:`(B, N)`
        - **output:** a number, zero if no anchor counts

    Raises:
        ValueError: If an option is unknown or the temperature is not positive.
    """
    for name, word in (("positives", positives), ("negatives", negatives)):
        if word not in SAMPLING:
            raise ValueError(f"expected {name} {', '.join(SAMPLING)}, got {word!r}")
    if temperature <= 0:
        raise ValueError(f"expected temperature > 0, got {temperature}")
    similarity = F.normalize(anchor.float()) @ F.normalize(bank.float()).t()
    same = y.unsqueeze(1) == bank_y
    there = torch.ones_like(same) if valid is None else valid.expand_as(same)
    positive, negative = same & there, ~same & there
    if noise is None and (positives, negatives) != ("hard", "hard"):
        noise = torch.rand_like(similarity)

    needed = (num_positives, num_hard) if only_full else (1, 1)
    counts = (positive.sum(1) >= needed[0]) & (negative.sum(1) >= needed[1])
    pos, pos_mask = _choose(
        similarity, positive, positives, -1, num_positives, num_positives, noise
    )
    groups = [_choose(similarity, negative, negatives, 1, num_hard, num_random, noise)]
    if split and negatives == "both":
        groups = [
            _choose(similarity, negative, "hard", 1, num_hard, 0, noise),
            _choose(similarity, negative, "random", 1, 0, num_random, noise),
        ]
    rows = similarity.new_zeros(())
    for neg, mask in groups:
        rest = (neg / temperature).masked_fill(~mask, -torch.inf).logsumexp(1, keepdim=True)
        rows = rows + torch.logaddexp(pos / temperature, rest) - pos / temperature
    rows = torch.where(pos_mask, rows, 0.0).sum(1) / (len(groups) * pos_mask.sum(1).clamp(min=1))
    return torch.where(counts, rows, 0.0).sum() / counts.sum().clamp(min=1)


def _choose(
    similarity: Tensor,
    mask: Tensor,
    how: str,
    sign: int,
    num_hard: int,
    num_random: int,
    noise: Tensor | None,
) -> tuple[Tensor, Tensor]:
    """Similarities of the chosen, and which of them are there at all."""
    chosen = []
    if how != "random":
        score = (sign * similarity.detach()).masked_fill(~mask, -torch.inf)
        chosen.append(score.topk(min(num_hard, mask.size(1)))[1])
    if how != "hard":
        assert noise is not None
        score = noise.masked_fill(~mask, -torch.inf)
        chosen.append(score.topk(min(num_random, mask.size(1)))[1])
    index = torch.cat(chosen, dim=1)
    return similarity.gather(1, index), mask.gather(1, index)


def graph_triplet_loss(
    anchor: Tensor,
    y: Tensor,
    bank: Tensor,
    bank_y: Tensor,
    valid: Tensor | None = None,
    margin: float = 0.3,
) -> Tensor:
    r"""The triplet loss that the paper compares with (Table 7), on the hardest positive and
    negative of each anchor.

    .. math::
        \mathcal{L} = \max(0, s(\mathbf{v}, \mathbf{v}^-) - s(\mathbf{v}, \mathbf{v}^+) + m)

    The paper gives neither the margin nor the choice of triplets.

    Args:
        anchor (torch.Tensor): The embeddings to learn.
        y (torch.Tensor): Their classes.
        bank (torch.Tensor): The embeddings to contrast them with.
        bank_y (torch.Tensor): Their classes.
        valid (torch.Tensor, optional): Which embeddings of the bank count. (default: all)
        margin (float, optional): :math:`m`. (default: :obj:`0.3`)

    Shapes:
        As :func:`graph_contrast_loss`.
    """
    similarity = F.normalize(anchor.float()) @ F.normalize(bank.float()).t()
    same = y.unsqueeze(1) == bank_y
    there = torch.ones_like(same) if valid is None else valid.expand_as(same)
    counts = (same & there).any(1) & (~same & there).any(1)
    farthest = similarity.masked_fill(~(same & there), torch.inf).amin(1)
    nearest = similarity.masked_fill(~(~same & there), -torch.inf).amax(1)
    rows = torch.where(counts, (nearest - farthest + margin).relu(), 0.0)
    return rows.sum() / counts.sum().clamp(min=1)
