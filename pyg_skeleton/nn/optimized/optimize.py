"""The evaluation form of a network."""

import copy
from typing import TypeVar

import torch

# Each module registers the forms of some layers.
from pyg_skeleton.nn.optimized import (  # noqa: F401
    actional,
    constant_graphs,
    hops,
    learned_graphs,
    poses,
    temporal,
)
from pyg_skeleton.nn.optimized.forms import form

M = TypeVar("M", bound=torch.nn.Module)


@torch.no_grad()
def optimize(model: M) -> M:
    """Returns a copy of a network that gives the same answers in less time, see
    :meth:`~pyg_skeleton.nn.models.SkeletonModel.optimized`.

    Args:
        model (torch.nn.Module): The network.

    Raises:
        TypeError: If a layer has no optimized form.
    """
    device = next(model.parameters()).device
    try:
        own = form(copy.deepcopy(model).cpu().eval()).eval().requires_grad_(False).to(device)
    except TypeError as error:
        raise TypeError(f"{type(model).__name__}: {error}") from None
    assert isinstance(own, type(model))
    return own
