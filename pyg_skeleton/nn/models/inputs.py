"""Checks of what users give to :meth:`predict`."""

import warnings
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pyg_skeleton.skeleton import BodyGraph


def read_clip(clip: Any, skeleton: BodyGraph, channels: int | None = None) -> Tensor:
    r"""Returns a clip of the user as a tensor, without padding.

    Persons whose joints are all zero are left out, and frames at the end in which everybody's
    joints are.

    Args:
        clip (numpy.ndarray or torch.Tensor): :math:`(T, V, C)`, or :math:`(M, T, V, C)` for
            :math:`M` persons.
        skeleton (BodyGraph): The layout of the joints.
        channels (int, optional): The number of channels, where it is fixed.
            (default: :obj:`None`)

    Shapes:
        - **output:** :math:`(M, T, V, C)`

    Raises:
        ValueError: If the shape is another, a value is not finite, or all joints are zero.
    """
    x = torch.as_tensor(np.asarray(clip, dtype=np.float64))
    V, C = skeleton.num_joints, "C" if channels is None else channels
    shape = tuple(x.shape)
    wrong = x.dim() not in (3, 4) or x.size(-2) != V or x.numel() == 0
    if wrong or (channels is not None and x.size(-1) != channels):
        raise ValueError(
            f"expected frames of shape (T, {V}, {C}) or (M, T, {V}, {C}) for skeleton "
            f"{skeleton.name!r}, got {shape}"
        )
    if not bool(x.isfinite().all()):
        place = tuple((~x.isfinite()).nonzero()[0].tolist())
        raise ValueError(f"expected finite joints, got {float(x[place])} at {list(place)}")
    x = x.view(-1, *shape[-3:])
    seen = (x != 0).flatten(2).any(dim=2)  # [M, T]
    if not bool(seen.any()):
        raise ValueError("expected joints, got zeros only")
    last = int(seen.any(dim=0).nonzero().max())
    return x[seen.any(dim=1), : last + 1]


def body_size(x: Tensor) -> float:
    r"""The median over persons and frames of the length from corner to corner of the box around a
    body, of joints :math:`(M, T, V, C)`; frames without joints do not count.
    """
    seen = (x != 0).flatten(2).any(dim=2)
    box = (x.amax(dim=2) - x.amin(dim=2)).norm(dim=-1)[seen]
    return float(box.median()) if box.numel() else 0.0


def check_size(x: Tensor, expected: float | None) -> None:
    """Refuses joints in other units than those of the training data.

    Args:
        x (torch.Tensor): The joints, :math:`(M, T, V, C)`.
        expected (float, optional): The :func:`body_size` of the training data, where it is known.

    Raises:
        ValueError: If bodies are 30 times larger or smaller.
    """
    size = body_size(x)
    if expected and not expected / 30 < size < expected * 30:
        raise ValueError(
            f"expected bodies of about {expected:.3g} units from corner to corner, as in training, "
            f"got {size:,.4g}; are these other units, such as millimeters instead of meters?"
        )


def warn_if_untrained(model: torch.nn.Module) -> None:
    """Warns once per network if its weights seem to be random: no norm has seen a batch."""
    norms = [m for m in model.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
    fresh = all(not n.running_mean.any() and bool((n.running_var == 1).all()) for n in norms)  # type: ignore[union-attr]
    if norms and fresh and not getattr(model, "_warned", False):
        model._warned = True  # type: ignore[assignment]
        warnings.warn(
            f"this {type(model).__name__} has random weights; load trained ones with "
            f"{type(model).__name__}.load(path)",
            stacklevel=3,
        )
