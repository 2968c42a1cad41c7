from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


class InfoGCNLoss(torch.nn.Module):
    r"""The loss of the `"InfoGCN: Representation Learning for Human Skeleton-Based Action
    Recognition" <https://openaccess.thecvf.com/content/CVPR2022/html/
    Chi_InfoGCN_Representation_Learning_for_Human_Skeleton-Based_Action_Recognition_CVPR_2022_paper
    .html>`_ paper (equation 6).

    .. math::
        \mathcal{L} = \mathcal{L}_{CE} + \lambda_1 \Vert \bar{\mathbf{z}} \Vert_2 + \lambda_2 \,
        \mathrm{mean}_{c} \, (\bar{\mathbf{z}}_c - \mathbf{m}_c)^2

    The mean code :math:`\bar{\mathbf{z}}_c` of each class in the batch is pulled toward a prior
    of its own. The priors are orthogonal, have the norm :obj:`gain`, and are saved with the
    weights.

    Args:
        num_classes (int): The number of classes.
        latent_channels (int, optional): The size of a code. (default: :obj:`256`)
        label_smoothing (float, optional): The label smoothing of the cross-entropy.
            (default: :obj:`0.1`)
        norm_weight (float, optional): :math:`\lambda_1`. (default: :obj:`1e-4`)
        prior_weight (float, optional): :math:`\lambda_2`. (default: :obj:`0.1`)
        gain (float, optional): The norm of the priors. (default: :obj:`3.0`)

    Shapes:
        - **input:** logits :math:`(N, \text{classes})`, codes :math:`(N, C)`, classes :math:`(N)`
        - **output:** a number

    Raises:
        ValueError: If there are more classes than a code has channels: no orthogonal priors.
    """

    prior: Tensor

    def __init__(
        self,
        num_classes: int,
        latent_channels: int = 256,
        label_smoothing: float = 0.1,
        norm_weight: float = 1e-4,
        prior_weight: float = 0.1,
        gain: float = 3.0,
    ) -> None:
        super().__init__()
        if num_classes > latent_channels:
            raise ValueError(
                f"expected at most {latent_channels} classes for codes of that size, got "
                f"{num_classes}"
            )
        self.label_smoothing = label_smoothing
        self.norm_weight, self.prior_weight = norm_weight, prior_weight
        prior = torch.nn.init.orthogonal_(torch.empty(num_classes, latent_channels), gain)
        self.register_buffer("prior", prior)

    def forward(self, logits: Tensor, latent: Tensor, y: Tensor) -> Tensor:
        """Computes the loss of a batch."""
        loss = F.cross_entropy(logits, y, label_smoothing=self.label_smoothing)
        latent = latent.float()
        members = F.one_hot(y, self.prior.size(0)).to(latent.dtype)
        count = members.sum(0)
        mean = members.t() @ latent / count.clamp(min=1).unsqueeze(1)
        off = (mean - self.prior).square().mean(1)
        prior = off[count > 0].mean()
        return loss + self.norm_weight * latent.mean(0).norm() + self.prior_weight * prior
