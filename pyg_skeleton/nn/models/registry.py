"""The networks by name, with their presets."""

from collections.abc import Callable
from typing import Any, TypeVar

from pyg_skeleton.nn.models.skeleton_model import SkeletonModel
from pyg_skeleton.nn.models.trained import weights_card
from pyg_skeleton.skeleton import GraphLike
from pyg_skeleton.skeleton.checks import suggest

_MODELS: dict[str, type[SkeletonModel]] = {}
M = TypeVar("M", bound=type[SkeletonModel])


def register_model(name: str) -> Callable[[M], M]:
    """Registers a network class under a name for :func:`create_model`."""

    def register(cls: M) -> M:
        if name in _MODELS and _MODELS[name] is not cls:
            raise ValueError(f"a model named {name!r} is registered already: {_MODELS[name]}")
        _MODELS[name] = cls
        return cls

    return register


def list_models() -> list[str]:
    """Returns the names that :func:`create_model` knows."""
    return sorted(_MODELS)


def model_class(name: str) -> type[SkeletonModel]:
    """Returns the class of a registered network.

    Raises:
        ValueError: If no network has this name; the message suggests similar names.
    """
    if name not in _MODELS:
        raise ValueError(f"unknown model {name!r}; {suggest(name, list_models())}")
    return _MODELS[name]


def create_model(
    name: str,
    preset: str | None = None,
    skeleton: GraphLike | None = None,
    *,
    weights: str | None = None,
    **overrides: Any,
) -> SkeletonModel:
    """Creates a network by name.

    .. code-block:: python

        network = create_model("ctr_gcn", "ntu60")
        lifter = create_model("sem_gcn", weights="lifter")  # trained

    Args:
        name (str): One of :func:`list_models`, for example :obj:`"sym_gnn"`.
        preset (str, optional): A configuration of its paper. (default: the class's first)
        skeleton (Skeleton or str, optional): The layout. (default: the preset's)
        weights (str, optional): A trained network of :func:`list_weights` instead of a preset;
            another layout or other arguments are those of a network to fine-tune, see
            :meth:`SkeletonModel.load`. (default: :obj:`None`)
        **overrides (optional): Arguments of the network that replace the preset's.

    Raises:
        ValueError: If the model, the preset, the weights or the layout is unknown, or there are
            both a preset and weights.
    """
    if weights is not None:
        if preset is not None:
            raise ValueError(f"expected a preset or weights, got {preset!r} and {weights!r}")
        return model_class(name).load(weights_card(weights).path, skeleton, **overrides)
    return model_class(name).from_preset(preset, skeleton, **overrides)
