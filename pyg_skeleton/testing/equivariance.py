"""Permutation equivariance: nodes have no order but the one the edges give them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from pyg_skeleton.testing.compare import assert_close
from pyg_skeleton.testing.run import cast, map_tensors, working_copy


def assert_permutation_equivariant(
    layer: Callable[..., Any],
    x: Tensor,
    edge_index: Tensor,
    *args: Any,
    edge_weight: Tensor | None = None,
    perm: Tensor | None = None,
    relabel: Callable[[Any, Tensor], Callable[..., Any]] | None = None,
    shuffle_edges: bool = True,
    seed: int = 0,
    rtol: float = 1e-8,
    atol: float = 1e-10,
) -> None:
    r"""Asserts that renaming the nodes renames the outputs, and changes nothing else.

    .. math::
        f(\mathbf{P}\mathbf{X}, \mathbf{P}(\mathcal{E})) = \mathbf{P} f(\mathbf{X}, \mathcal{E})

    for a random permutation :math:`\mathbf{P}`, in double precision; the edges also come in
    another order.

    Args:
        layer (torch.nn.Module or Callable): Called with :obj:`(x, edge_index, *args)`. All
            tensors that it returns must have the nodes in their first dimension.
        x (torch.Tensor): Node features :obj:`[num_nodes, *]`.
        edge_index (torch.Tensor): Edges :obj:`[2, num_edges]`, row 0 source, row 1 target.
        *args (Any): Further arguments that no permutation touches.
        edge_weight (torch.Tensor, optional): One value or row per edge, the argument after
            the edges; it follows them. (default: :obj:`None`)
        perm (torch.Tensor, optional): The permutation :obj:`[num_nodes]`: new node :math:`i`
            is the old node :obj:`perm[i]`. A layer whose weights belong to the joints of a
            template is equivariant under whole copies of it changing places only.
            (default: a random one)
        relabel (Callable, optional): Called with the layer and the permutation, returns the
            layer that carries its weights to the renamed template. (default: :obj:`None`)
        shuffle_edges (bool, optional): If set to :obj:`False`, the edges keep their order.
            (default: :obj:`True`)
        seed (int, optional): Of the permutations. (default: :obj:`0`)
        rtol (float, optional): Relative tolerance. (default: :obj:`1e-8`)
        atol (float, optional): Absolute tolerance. (default: :obj:`1e-10`)

    Raises:
        AssertionError: Names the tensor that differs and its largest deviation.
    """
    generator = torch.Generator().manual_seed(seed)
    num_nodes, num_edges = x.size(0), edge_index.size(1)
    if perm is None:
        perm = torch.randperm(num_nodes, generator=generator)
    new_name = torch.empty_like(perm)
    new_name[perm] = torch.arange(num_nodes)
    order = torch.arange(num_edges)
    if shuffle_edges:
        order = torch.randperm(num_edges, generator=generator)

    layer, x, args = working_copy(layer), cast(x), cast(args)
    renamed = layer if relabel is None else relabel(layer, perm)
    if edge_weight is None:
        old, new = args, args
    else:
        edge_weight = cast(edge_weight)
        old, new = (edge_weight, *args), (edge_weight[order], *args)
    with torch.no_grad():
        expected = map_tensors(layer(x, edge_index, *old), lambda t: t[perm])
        actual = renamed(x[perm], new_name[edge_index][:, order], *new)
    assert_close(actual, expected, "not permutation equivariant", rtol, atol)
