"""Multi-task weighting by the combination of gradients with the smallest norm (MGDA)."""

import torch
from torch import Tensor


def min_norm_pair(first: Tensor, second: Tensor) -> Tensor:
    r"""The weight :math:`\lambda^*` of two tasks, as in equation 15 of the `"Symbiotic Graph
    Neural Networks" <https://arxiv.org/abs/1910.02212>`_ paper, in closed form.

    .. math::
        \lambda^* = \arg\min_{0 \leq \lambda \leq 1} \| \lambda \mathbf{g}_1 + (1 - \lambda)
        \mathbf{g}_2 \|_2^2 = \mathrm{clip} \left( \frac{(\mathbf{g}_2 - \mathbf{g}_1)^{\top}
        \mathbf{g}_2}{\| \mathbf{g}_1 - \mathbf{g}_2 \|_2^2}, 0, 1 \right)

    Equal gradients give one half.

    Args:
        first (torch.Tensor): The flat gradient :math:`\mathbf{g}_1` of the first task.
        second (torch.Tensor): The flat gradient :math:`\mathbf{g}_2` of the second task.

    Shapes:
        - **input:** :math:`(P)` twice
        - **output:** :math:`()`
    """
    apart = second - first
    square = apart.dot(apart)
    weight = apart.dot(second) / square.clamp(min=torch.finfo(square.dtype).tiny)
    return torch.where(square > 0, weight, 0.5).clamp(0, 1)
