"""Parts of a network that keep their weights."""

from collections.abc import Iterable
from typing import TypeVar

import torch
from torch.nn.modules.batchnorm import _BatchNorm

from pyg_skeleton.skeleton.checks import suggest

F = TypeVar("F", bound="Freezable")


class Freezable(torch.nn.Module):
    """A network whose parts can be frozen.

    A subclass defines :meth:`named_parts`.
    """

    def __init__(self) -> None:
        super().__init__()
        #: The parts that are frozen.
        self.frozen: tuple[str, ...] = ()
        self._fixed: tuple[str, ...] = ()  # the weights that they have frozen
        self._still: tuple[str, ...] = ()  # the norms whose statistics they keep

    def named_parts(self) -> dict[str, list[str]]:
        """Returns the parts that :meth:`freeze` knows: by their name, the names of their modules
        and weights.
        """
        raise NotImplementedError

    def freeze(self: F, *parts: str, statistics: bool = False) -> F:
        """Keeps the weights of parts of the network as they are.

        .. code-block:: python

            model = CTRGCN.load("model.pt", classes=["wave", "nod"]).freeze("backbone")

        Args:
            *parts (str): Names of :meth:`named_parts`, or of modules and weights, for example
                :obj:`"blocks.0"`.
            statistics (bool, optional): Whether batch norms in these parts keep their running
                statistics and normalize with them, in training mode, too. Without parts, all batch
                norms do, and all weights learn. (default: :obj:`False`)

        Returns:
            The network itself.

        Raises:
            ValueError: If the network has no such part.
        """
        names = [name for part in parts for name in self._names_in(part)]
        self.frozen = (*self.frozen, *(part for part in parts if part not in self.frozen))
        fixed = []
        for name, parameter in self.named_parameters():
            if parameter.requires_grad and _is_in(name, names):
                parameter.requires_grad_(False)
                fixed.append(name)
        self._fixed = (*self._fixed, *fixed)
        if statistics:
            norms = [name for name, m in self.named_modules() if isinstance(m, _BatchNorm)]
            kept = [name for name in norms if not parts or _is_in(name, names)]
            self._still = (*self._still, *kept)
            self._keep_statistics()
        return self

    def unfreeze(self: F) -> F:
        """Undoes :meth:`freeze`: all weights and statistics learn again. Returns the network."""
        for name in self._fixed:
            self.get_parameter(name).requires_grad_(True)
        for name in self._still:
            self.get_submodule(name).train(self.training)
        self.frozen = self._fixed = self._still = ()
        return self

    def train(self: F, mode: bool = True) -> F:
        """Sets the mode, but for batch norms that keep their statistics."""
        super().train(mode)
        self._keep_statistics()
        return self

    def _keep_statistics(self) -> None:
        for name in self._still:
            self.get_submodule(name).eval()

    def _names_in(self, part: str) -> list[str]:
        parts = self.named_parts()
        if part in parts:
            return parts[part]
        own = {name for name, _ in (*self.named_modules(), *self.named_parameters()) if name}
        if part in own:
            return [part]
        raise ValueError(f"unknown part {part!r} of {type(self).__name__}; {suggest(part, parts)}")


def _is_in(name: str, modules: Iterable[str]) -> bool:
    """Whether a name is that of a module, or of something in it."""
    return any(name == module or name.startswith(f"{module}.") for module in modules)
