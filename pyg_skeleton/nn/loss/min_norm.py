"""Multi-task weighting by the point of least norm among the tasks' gradients (MGDA)."""

from collections.abc import Sequence

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


def min_norm_weights(gradients: Sequence[Tensor] | Tensor, tolerance: float = 1e-10) -> Tensor:
    r"""The convex weights of any number of tasks whose combined gradient is shortest, from the
    `"Multi-Task Learning as Multi-Objective Optimization" <https://arxiv.org/abs/1810.04650>`_
    paper.

    .. math::
        \min_{\mathbf{w}} \Big\| \sum_{n} w_n \mathbf{g}_n \Big\|_2^2 \quad \text{with} \quad
        w_n \geq 0, \; \sum_n w_n = 1

    Solved on the tasks' Gram matrix by moving weight from the worst task in use to the best one
    with exact steps, until no move gains more than :obj:`tolerance` of the largest square norm.

    Args:
        gradients (list[torch.Tensor]): The flat gradient of each task.
        tolerance (float, optional): The relative gap at which to stop. (default: :obj:`1e-10`)

    Raises:
        ValueError: If there is no gradient, or one is not finite.

    Shapes:
        - **input:** :math:`(N, P)` or :math:`N` times :math:`(P)`
        - **output:** :math:`(N)`
    """
    if len(gradients) == 0:
        raise ValueError("expected at least one gradient, got none")
    stacked = gradients if isinstance(gradients, Tensor) else torch.stack(list(gradients))
    if stacked.dim() != 2:
        raise ValueError(f"expected gradients of shape (N, P), got {tuple(stacked.shape)}")
    G = stacked.double() @ stacked.double().t()
    if not torch.isfinite(G).all():
        raise ValueError("expected finite gradients, got NaN or infinity")
    N = G.size(0)
    w = torch.full((N,), 1.0 / N, dtype=G.dtype, device=G.device)
    scale = float(G.diagonal().max())
    for _ in range(1000 * N):
        slope = G @ w
        best = int(slope.argmin())
        worst = int(slope.masked_fill(w <= 0, -torch.inf).argmax())
        gap = float(slope[worst] - slope[best])
        if gap <= tolerance * scale:
            break
        curvature = float(G[worst, worst] + G[best, best] - 2 * G[worst, best])
        full = float(w[worst])
        step = full if curvature <= 0 else min(gap / curvature, full)
        w[best] += step
        w[worst] = 0.0 if step == full else w[worst] - step
    return w.to(stacked.dtype)
