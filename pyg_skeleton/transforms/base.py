"""The base of all transforms, which records their arguments to print, store and restore them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch_geometric.transforms import BaseTransform

from pyg_skeleton.skeleton import BodyGraph, Skeleton, list_skeletons

#: All transforms by the name of their class.
_CLASSES: dict[str, type[SkeletonTransform]] = {}


class SkeletonTransform(BaseTransform):
    r"""The base of the transforms of clips.

    The arguments of the constructor, with their defaults, are recorded in :attr:`arguments`. They
    make up the ``repr``, and :meth:`to_dict` returns them as plain values, so that a saved model
    can hold its preparation. Subclasses get this without any code of their own.
    """

    _arguments: Mapping[str, Any] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__init__" in cls.__dict__:
            cls.__init__ = _recorded(cls.__init__)  # type: ignore[method-assign]
        if not cls.__name__.startswith("_"):
            _CLASSES.setdefault(cls.__name__, cls)

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The arguments with which the transform was made, by name."""
        return self._arguments

    def to_dict(self) -> dict[str, Any]:
        """Returns name and arguments of the transform as plain values: numbers, strings, lists and
        dictionaries.

        Raises:
            ValueError: If an argument cannot be written.
        """
        name = type(self).__name__
        if _CLASSES.get(name) is not type(self):
            raise ValueError(f"cannot store {self}: there is another transform of that name")
        arguments = {key: _encode(value, name) for key, value in self.arguments.items()}
        return {"name": name, "arguments": arguments}

    @staticmethod
    def from_dict(content: Mapping[str, Any]) -> Any:
        """Creates the transform that :meth:`to_dict` has described.

        Args:
            content (dict): The name and the arguments of the transform.

        Raises:
            ValueError: If the transform is unknown or does not take the arguments.
        """
        if not isinstance(content, Mapping) or set(content) != {"name", "arguments"}:
            raise ValueError(f"expected a transform as name and arguments, got {content!r:.200}")
        name, arguments = content["name"], content["arguments"]
        if not isinstance(name, str) or name not in _CLASSES:
            raise ValueError(f"unknown transform {name!r:.80}")
        if not isinstance(arguments, Mapping):
            raise ValueError(f"expected the arguments of {name} by name, got {arguments!r:.200}")
        try:
            return _CLASSES[name](**{key: _decode(value) for key, value in arguments.items()})
        except (TypeError, ValueError, KeyError, AttributeError, RecursionError) as error:
            raise ValueError(f"{name} cannot be made of {arguments!r:.200}: {error}") from error

    def __repr__(self) -> str:
        shown = ", ".join(f"{key}={_show(value)}" for key, value in self.arguments.items())
        return f"{type(self).__name__}({shown})"


def _recorded(init: Callable[..., None]) -> Callable[..., None]:
    """Wraps a constructor so that it first records its arguments."""
    signature = inspect.signature(init)

    @functools.wraps(init)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> None:
        # A constructor of a base class, called by that of a subclass, records nothing.
        if "_arguments" not in self.__dict__:
            bound = signature.bind(self, *args, **kwargs)
            bound.apply_defaults()
            self._arguments = dict(list(bound.arguments.items())[1:])
        init(self, *args, **kwargs)

    return wrapper


def _encode(value: Any, name: str) -> Any:
    """Converts an argument to plain values."""
    if isinstance(value, (np.generic, np.ndarray)):
        return _encode(value.tolist(), name)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, SkeletonTransform):
        return value.to_dict()
    if isinstance(value, Skeleton):
        if value.name in list_skeletons() and value == Skeleton.get(value.name):
            return value.name
        return {"skeleton": value.to_dict()}
    if isinstance(value, BodyGraph):
        return {"graph": value.to_dict()}
    if isinstance(value, Tensor):
        dtype = str(value.dtype).removeprefix("torch.")
        return {"tensor": value.tolist(), "dtype": dtype}
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {"dict": {key: _encode(item, name) for key, item in value.items()}}
    if isinstance(value, tuple):
        return {"tuple": [_encode(item, name) for item in value]}
    if isinstance(value, Sequence):
        return [_encode(item, name) for item in value]
    raise ValueError(f"cannot store {name}, one of its arguments is {value!r:.200}")


def _decode(value: Any) -> Any:
    """Inverts :func:`_encode`."""
    if isinstance(value, Mapping):
        if set(value) == {"name", "arguments"}:
            return SkeletonTransform.from_dict(value)
        if set(value) == {"tensor", "dtype"}:
            dtype = getattr(torch, str(value["dtype"]), None)
            if not isinstance(dtype, torch.dtype):
                raise ValueError(f"unknown type of numbers {value['dtype']!r}")
            return torch.tensor(value["tensor"], dtype=dtype)
        ((kind, content),) = value.items()
        return _DECODERS[kind](content)
    if isinstance(value, (list, tuple)):
        return [_decode(item) for item in value]
    return value


_DECODERS: dict[str, Callable[[Any], Any]] = {
    "skeleton": Skeleton.from_dict,
    "graph": lambda content: BodyGraph(**content),
    "dict": lambda content: {key: _decode(item) for key, item in content.items()},
    "tuple": lambda content: tuple(_decode(item) for item in content),
}


def _show(value: Any) -> str:
    """Formats an argument for ``repr``: layouts by name, tensors by shape."""
    if isinstance(value, BodyGraph):
        return repr(value.name)
    if isinstance(value, Tensor) and value.dim():
        return f"tensor{list(value.shape)}"
    return repr(value)
