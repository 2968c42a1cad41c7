"""Layers that read the size of their input features from the first input."""

from functools import lru_cache
from typing import Any

import torch
from torch import Tensor
from torch.nn.parameter import UninitializedParameter
from torch_geometric.nn import MessagePassing


class _Unsized(UninitializedParameter):
    """A parameter that no optimizer takes: the layer will have others."""

    @property
    def is_leaf(self) -> bool:  # type: ignore[override]
        raise ValueError("a layer has in_channels=-1: call it once before making an optimizer")


class Lazy(torch.nn.Module):
    """Becomes the layer of its arguments at its first call, with the channels of that input.

    Until then it has a single parameter without a size, which moves to devices like any other.
    Call the layer once before its weights are loaded or given to an optimizer.
    """

    kind: type[torch.nn.Module]

    def __init__(self, in_channels: int, *args: Any, **kwargs: Any) -> None:
        MessagePassing.__init__(self)
        self._arguments = args, kwargs
        self.weight = _Unsized()

    def reset_parameters(self) -> None:
        """Does nothing: the first call draws the parameters."""

    def forward(self, x: Tensor, *args: Any, **kwargs: Any) -> Any:
        """Creates the layer and calls it."""
        others, options = self._arguments
        layer = self.kind(x.size(-1), *others, **options)
        layer.to(self.weight.device, self.weight.dtype).train(self.training)
        hooks = {key: value for key, value in self.__dict__.items() if key.endswith("_hooks")}
        self.__class__ = self.kind  # type: ignore[assignment]
        self.__dict__ = {**layer.__dict__, **hooks}
        return self.forward(x, *args, **kwargs)

    def _load_from_state_dict(self, *args: Any) -> None:
        raise RuntimeError(
            f"this {self.kind.__name__} has in_channels=-1: call it once before load_state_dict"
        )

    def __repr__(self) -> str:
        return f"{self.kind.__name__}(-1, {', '.join(map(str, self._arguments[0][:1]))})"


@lru_cache
def lazy(kind: type[torch.nn.Module]) -> type[torch.nn.Module]:
    """The subclass of a layer that waits for its first input."""
    return type(kind.__name__, (Lazy, kind), {"kind": kind})
