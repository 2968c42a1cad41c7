"""The registry of named layouts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyg_skeleton.skeleton.checks import show, suggest

if TYPE_CHECKING:
    from pyg_skeleton.skeleton.skeleton import Skeleton

_skeletons: dict[str, Skeleton] = {}


def register_skeleton(skeleton: Skeleton, overwrite: bool = False) -> Skeleton:
    """Registers a skeleton for :meth:`~pyg_skeleton.skeleton.Skeleton.get` and returns it.

    Args:
        skeleton (Skeleton): The skeleton.
        overwrite (bool, optional): If set to :obj:`True`, replaces another skeleton of the same
            name. (default: :obj:`False`)

    Raises:
        ValueError: If another skeleton has the same name and `overwrite` is :obj:`False`.
    """
    known = _skeletons.get(skeleton.name)
    if known is not None and known != skeleton and not overwrite:
        raise ValueError(
            f"there is another skeleton {skeleton.name!r} "
            f"({known.describe_difference(skeleton) or 'with another order of joints in a part'}); "
            f"choose another name or pass overwrite=True"
        )
    _skeletons[skeleton.name] = skeleton
    return skeleton


def get_skeleton(name: str) -> Skeleton:
    """Returns the skeleton with a given name."""
    if not isinstance(name, str):
        raise TypeError(f"expected the name of a skeleton, got {show(name)}")
    if name not in _skeletons:
        raise ValueError(f"unknown skeleton {name!r}; {suggest(name, list_skeletons())}")
    return _skeletons[name]


def list_skeletons() -> list[str]:
    """Returns the sorted names of all registered skeletons."""
    return sorted(_skeletons)
