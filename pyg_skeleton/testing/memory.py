"""The size of the largest tensor of a forward pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from pyg_skeleton.testing.compare import named_tensors


def max_activation_elements(
    module: Callable[..., Any], *args: Any, backward: bool = False, **kwargs: Any
) -> int:
    r"""The number of elements of the largest tensor that a forward pass allocates.

    Counts storage, so that an expanded view costs nothing, and leaves out parameters, buffers
    and arguments. What a single kernel needs for itself is not seen. With it a test asserts that
    a complete graph's messages (:obj:`num_joints * num_joints * num_frames * channels`) are never
    there at once.

    Args:
        module (torch.nn.Module or Callable): The module.
        *args (Any): Its arguments.
        backward (bool, optional): If set to :obj:`True`, includes the backward pass of the sum of
            all outputs. (default: :obj:`False`)
        **kwargs (Any): Its keyword arguments.
    """
    known = [t for _, t in named_tensors([args, kwargs])]
    if isinstance(module, torch.nn.Module):
        known += [*module.parameters(), *module.buffers()]
    probe = _Probe(known)
    with probe:
        out = module(*args, **kwargs)
        if backward:
            tensors = [t for _, t in named_tensors(out) if t.requires_grad]
            torch.autograd.backward(tensors, [torch.ones_like(t) for t in tensors])
    return probe.largest


class _Probe(TorchDispatchMode):  # type: ignore[no-untyped-call]
    def __init__(self, known: list[Tensor]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        # Held, so that no storage of a later tensor can take the address of one of these.
        self.known = {t.untyped_storage()._cdata: t for t in known if t.layout == torch.strided}
        self.largest = 0

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        for _, t in named_tensors(out):
            if t.layout == torch.strided and t.untyped_storage()._cdata not in self.known:
                size = t.untyped_storage().nbytes() // max(t.element_size(), 1)
                self.largest = max(self.largest, size)
        return out
