r"""Sums over groups of joints."""

import torch
from torch import Tensor


def group_sum(query: Tensor, key: Tensor, value: Tensor, bias: Tensor) -> Tensor:
    r"""Averages the values of groups, each weighted by its affinity to the joint that looks.

    .. math::
        \mathbf{y}_i = \mathbf{b} + \frac{1}{G} \sum_{g=1}^{G} \mathrm{ReLU}(q_i + k_g) \,
        \mathbf{v}_g

    Args:
        query (torch.Tensor): The number :math:`q_i` of each joint.
        key (torch.Tensor): The number :math:`k_g` of each group.
        value (torch.Tensor): The features of each group.
        bias (torch.Tensor): What every sum starts from.

    Shapes:
        - **query:** :math:`(B, V, 1)`
        - **key:** :math:`(B, G, 1)`
        - **value:** :math:`(B, G, C)`
        - **bias:** :math:`(C)`
        - **output:** :math:`(B, V, C)`
    """
    affinity = (query + key.transpose(1, 2)).relu()
    return torch.baddbmm(bias, affinity, value, alpha=1 / key.size(1))


def max_of(h: Tensor, members: Tensor) -> Tensor:
    r"""Takes the maximum over the members of each group, with half the time of
    :func:`torch.amax` in the backward pass.

    Shapes:
        - **h:** :math:`(B, V, *)`
        - **members:** :math:`(M, G)`, a short group repeats one of its members
        - **output:** :math:`(B, G, *)`
    """
    out, *others = (h.index_select(1, member) for member in members)
    for other in others:
        out = out + (other - out).relu()
    return out
