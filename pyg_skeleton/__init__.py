"""Graph neural networks for human skeletons on PyTorch Geometric."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from pyg_skeleton.version import __version__

if TYPE_CHECKING:
    from pyg_skeleton.data import Clip, SkeletonData, SkeletonLoader, read, read_all
    from pyg_skeleton.nn.models import create_model, list_models
    from pyg_skeleton.skeleton import Skeleton, list_skeletons
    from pyg_skeleton.visualization import view

__all__ = [
    "Clip",
    "Skeleton",
    "SkeletonData",
    "SkeletonLoader",
    "__version__",
    "create_model",
    "list_models",
    "list_skeletons",
    "read",
    "read_all",
    "view",
]

# Imported at first use, so that the command answers --help without importing torch.
_ROOMS = {
    "Clip": "data",
    "Skeleton": "skeleton",
    "SkeletonData": "data",
    "SkeletonLoader": "data",
    "create_model": "nn.models",
    "list_models": "nn.models",
    "list_skeletons": "skeleton",
    "read": "data",
    "read_all": "data",
    "view": "visualization",
}


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
    try:
        return import_module(f"{__name__}.{name}")  # a room: pyg_skeleton.nn
    except ModuleNotFoundError as error:
        if error.name != f"{__name__}.{name}":
            raise
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
