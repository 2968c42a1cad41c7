"""Base classes of immutable objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from functools import cached_property
from typing import Any, ClassVar, TypeVar

import torch
from numpy.typing import NDArray
from torch import Tensor

T = TypeVar("T")


class FrozenMapping(Mapping[str, T]):
    """An ordered, immutable mapping that can be hashed and pickled.

    Like a :obj:`dict`, it equals any mapping with the same items, and its hash does not depend on
    their order. (:obj:`types.MappingProxyType` can be neither pickled nor hashed.)
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, T]) -> None:
        self._items = dict(items)

    def __getitem__(self, key: str) -> T:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return repr(self._items)


class Frozen:
    """The base of frozen data classes that compare by their fields and cache derived values.

    The cache holds arrays, and tensors are copies of them: a cached tensor would keep the device
    context, the inference mode or the fake mode of its first use, and could be modified in place.
    """

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def _set(self, **values: Any) -> None:
        for key, value in values.items():
            object.__setattr__(self, key, value)

    @cached_property
    def _cache(self) -> dict[tuple[object, ...], NDArray[Any]]:
        return {}

    def _copy(self, make: Callable[[], NDArray[Any]], *key: object) -> Tensor:
        if key not in self._cache:
            self._cache[key] = make()
        return torch.from_numpy(self._cache[key].copy())

    @cached_property
    def _key(self) -> tuple[object, ...]:
        values = (getattr(self, field.name) for field in fields(self))
        return tuple(tuple(v.items()) if isinstance(v, Mapping) else v for v in values)

    @cached_property
    def _hash(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other) or not isinstance(other, Frozen):
            return NotImplemented
        return self is other or self._key == other._key

    def __hash__(self) -> int:
        return self._hash

    def __getstate__(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._set(**state)

    def __copy__(self: T) -> T:
        return self

    def __deepcopy__(self: T, memo: dict[int, Any]) -> T:
        return self
