"""Losses of clustering without labels, with which the branches of CoDT learn from each other."""

import torch
import torch.nn.functional as F
from torch import Tensor


def same_cluster(labels: Tensor) -> Tensor:
    r"""Returns the mask of pairs of samples in the same cluster (CCM).

    .. math::
        G_{ij} = [\hat{y}_i = \hat{y}_j]

    Shapes:
        - **labels:** :math:`(N)`
        - **output:** :math:`(N, N)`, boolean
    """
    return labels.unsqueeze(1) == labels


def same_top_features(features: Tensor, k: int = 5) -> Tensor:
    r"""Returns the mask of pairs of samples whose :math:`k` largest features are the same, in any
    order (CCM-FP of the `supplementary of CoDT <https://arxiv.org/abs/2207.09767>`_, Section 5.2).

    Args:
        features (torch.Tensor): The features, which are compared by magnitude.
        k (int, optional): The number of features. (default: :obj:`5`)

    Shapes:
        - **features:** :math:`(N, C)`
        - **output:** :math:`(N, N)`, boolean

    Raises:
        ValueError: If there are fewer features.
    """
    if not 1 <= k <= features.size(1):
        raise ValueError(f"expected k from 1 to {features.size(1)} features, got {k}")
    top = features.abs().topk(k)[1].sort(dim=1)[0]
    return (top.unsqueeze(1) == top).all(dim=2)


def cosine_similarity(features: Tensor) -> Tensor:
    r"""Returns the cosines of all pairs of samples, which are not negative where features are not
    (CCM-PF). Shapes: :math:`(N, C)` to :math:`(N, N)`.
    """
    features = F.normalize(features)
    return features @ features.t()


def collaborative_loss(similarity: Tensor, pairs: Tensor) -> Tensor:
    r"""The loss of collaborative clustering (CCM), from the `"Collaborating Domain-shared and
    Target-specific Feature Clustering for Cross-domain 3D Action Recognition"
    <https://arxiv.org/abs/2207.09767>`_ paper: one branch learns from the pairs of the other.

    .. math::
        \mathcal{L} = - \frac{1}{n} \sum_i \frac{\sum_j G_{ij} \log \bar{P}_{ij}}{\sum_j G_{ij}}
        \quad \text{with} \quad \bar{P}_{ij} = \frac{P_{ij}}{\sum_k P_{ik}}

    Each sample is a pair with itself. Similarities are clamped :math:`10^{-8}` away from 0 and 1,
    as in the authors' code.

    Args:
        similarity (torch.Tensor): The similarity of two samples, in :math:`[0, 1]`:
            :math:`\mathbf{p}_i^{\top} \mathbf{p}_j` of their predictions.
        pairs (torch.Tensor): Which samples belong together, according to the other branch.

    Shapes:
        - **similarity:** :math:`(n, n)`
        - **pairs:** :math:`(n, n)`, boolean
        - **output:** a number; :math:`\log n` if all belong together and are equally similar

    Raises:
        ValueError: If the shapes differ.
    """
    if similarity.shape != pairs.shape or similarity.size(0) != similarity.size(1):
        raise ValueError(
            f"expected two square matrices, got {list(similarity.shape)} and {list(pairs.shape)}"
        )
    logs = similarity.clamp(1e-8, 1 - 1e-8).log()
    rows = logs - logs.logsumexp(dim=1, keepdim=True)
    weight = pairs.to(rows.dtype)
    return -((weight * rows).sum(dim=1) / weight.sum(dim=1).clamp(min=1)).mean()


def bank_contrast_loss(
    z: Tensor, positive: Tensor, bank: Tensor, own: Tensor, temperature: float = 0.07
) -> Tensor:
    r"""InfoNCE against a bank with a row for each sample (:math:`\mathcal{L}_{cont}` of CoDT).

    .. math::
        \mathcal{L} = - \frac{1}{n} \sum_i \log \frac{\exp(\mathbf{z}_i^{\top} \hat{\mathbf{z}}_i /
        T)}{\exp(\mathbf{z}_i^{\top} \hat{\mathbf{z}}_i / T) + \sum_{k \neq i}
        \exp(\mathbf{z}_i^{\top} \mathbf{m}_k / T)}

    Args:
        z (torch.Tensor): The embeddings to learn, of unit length.
        positive (torch.Tensor): The teacher's embeddings of the same samples, of unit length.
        bank (torch.Tensor): Embeddings of all samples, of unit length.
        own (torch.Tensor): The row of each sample in the bank, which is no negative.
        temperature (float, optional): :math:`T`. (default: :obj:`0.07`)

    Shapes:
        - **z, positive:** :math:`(n, C)`
        - **bank:** :math:`(N, C)`
        - **own:** :math:`(n)`
        - **output:** a number

    Raises:
        ValueError: If the temperature is not positive.
    """
    if temperature <= 0:
        raise ValueError(f"expected temperature > 0, got {temperature}")
    first = (z * positive).sum(dim=1, keepdim=True)
    rest = (z @ bank.t()).scatter(1, own.unsqueeze(1), -torch.inf)
    logits = torch.cat([first, rest], dim=1) / temperature
    return (logits.logsumexp(dim=1) - logits[:, 0]).mean()
