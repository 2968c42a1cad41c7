"""Files of networks: their format, upgrades of older ones, and weights that scripts have saved."""

import math
import re
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from pyg_skeleton.skeleton import BodyGraph, as_graph
from pyg_skeleton.transforms.chains import Chain
from pyg_skeleton.whole_file import read_tensors

M = TypeVar("M", bound=torch.nn.Module)

#: The number of the format that :meth:`SkeletonModel.save` writes.
FORMAT = 2
_NAME = "pyg_skeleton.model/"


class Checkpoint(NamedTuple):
    """The content of a file."""

    model: str | None
    """The name of the class, :obj:`None` for weights alone."""
    config: dict[str, Any]
    """The arguments of the constructor but the skeleton."""
    skeleton: BodyGraph | None
    """The layout."""
    attributes: dict[str, Any]
    """Attributes of the network."""
    preparation: Chain | None
    """The transforms from a raw clip to the input of the network."""
    state_dict: dict[str, Tensor]
    """The weights."""


def read_checkpoint(path: Path) -> Checkpoint:
    """Reads a file of :meth:`SkeletonModel.save`, of this or an older format, or weights alone: a
    dictionary of names and tensors, which may be under :obj:`state_dict` (as in checkpoints of
    Lightning) or :obj:`model_state_dict`.

    Nothing in the file is executed.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it holds something else, is damaged, comes from a newer version, or a weight
            is not finite.
    """
    content = read_tensors(path)
    try:
        if isinstance(content, dict) and "format" in content:
            return _checked(_upgraded(content))
        return _weights_alone(content)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _upgraded(content: dict[str, Any]) -> dict[str, Any]:
    """The content in the present format."""
    name = content["format"]
    found = re.fullmatch(rf"{_NAME}(\d+)", name) if isinstance(name, str) else None
    if found is None:
        raise ValueError(f"expected format '{_NAME}{FORMAT}', got {name!r}")
    number = int(found[1])
    if number > FORMAT:
        raise ValueError(
            f"format {number} is of a newer version of pyg_skeleton, this one reads up to {FORMAT}"
        )
    for older in range(number, FORMAT):
        if older not in _UPGRADES:
            raise ValueError(f"unknown format {number}")
        content = _UPGRADES[older](content)
    return content


def _from_1(content: dict[str, Any]) -> dict[str, Any]:
    """Format 1 had attributes at the top level, and buffers :obj:`mean` and :obj:`std` in every
    network, which all but Sym-GNN ignored.
    """
    weights = content.get("state_dict")
    if isinstance(weights, Mapping) and content.get("model") != "SymGNN":
        ignored = ("mean", "std")
        weights = {n: v for n, v in weights.items() if str(n).split(".")[-1] not in ignored}
    own = ("format", "model", "config", "skeleton", "fingerprint", "edge_index", "preparation")
    attributes = {n: v for n, v in content.items() if n not in (*own, "state_dict")}
    return {**content, "attributes": attributes, "state_dict": weights}


_UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _from_1}


def _checked(content: dict[str, Any]) -> Checkpoint:
    kinds = {"model": str, "config": dict, "skeleton": dict, "attributes": dict, "state_dict": dict}
    for name, kind in kinds.items():
        if not isinstance(content.get(name), kind):
            got = type(content[name]).__name__ if name in content else "nothing"
            raise ValueError(f"expected {name!r} to be a {kind.__name__}, got {got}")
    config, attributes = content["config"], content["attributes"]
    if not all(isinstance(name, str) for name in config):
        raise ValueError(f"expected names of arguments in 'config', got {list(config)[:5]}")
    skeleton = _attempt("skeleton", as_graph, content["skeleton"])
    if content.get("fingerprint") != skeleton.fingerprint:
        raise ValueError(
            f"skeleton {skeleton.name!r} is not that of the weights: its fingerprint is "
            f"{skeleton.fingerprint!r}, the file has {content.get('fingerprint')!r}"
        )
    edges, own = content.get("edge_index"), skeleton.edge_index()
    if not isinstance(edges, Tensor) or not torch.equal(edges, own):
        raise ValueError(f"the edges in the file are not those of skeleton {skeleton.name!r}")
    for name, value in attributes.items():
        if not _is_plain(value):
            raise ValueError(f"expected a plain, finite value of {name}, got {value!r:.60}")
    check_classes(attributes.get("classes"), config.get("num_classes"))
    preparation = content.get("preparation")
    if preparation is not None:
        preparation = _attempt("preparation", Chain.from_dict, preparation)
    weights = check_weights(content["state_dict"])
    return Checkpoint(content["model"], config, skeleton, attributes, preparation, weights)


def _weights_alone(content: Any) -> Checkpoint:
    weights = unwrap(content) if isinstance(content, Mapping) else {}
    if not weights or not all(isinstance(value, Tensor) for value in weights.values()):
        raise ValueError(
            "holds neither a network of SkeletonModel.save nor weights (a dictionary of names and "
            "tensors, which may be under 'state_dict' or 'model_state_dict')"
        )
    # Checkpoints of our training have the arguments, too.
    config, skeleton = content.get("hyper_parameters"), content.get("skeleton")
    ours = isinstance(config, dict) and isinstance(skeleton, dict)
    return Checkpoint(
        None,
        {str(name): _tuple(value) for name, value in config.items()} if ours else {},
        _attempt("skeleton", as_graph, skeleton) if ours else None,
        {},
        None,
        check_weights(weights),
    )


def check_classes(classes: Any, num_classes: Any) -> None:
    """Refuses names of classes that are none, or of which there are too few or too many.

    Raises:
        ValueError: With what is wrong.
    """
    if classes is None:
        return
    if not isinstance(classes, list) or not all(isinstance(name, str) for name in classes):
        raise ValueError(f"expected a list of names of classes, got {classes!r:.60}")
    if isinstance(num_classes, int) and len(classes) != num_classes:
        raise ValueError(
            f"expected the names of {num_classes} classes, got {len(classes)}: {classes!r:.60}"
        )


def check_weights(weights: Mapping[Any, Any]) -> dict[str, Tensor]:
    """Returns weights, if they are finite tensors by name.

    Raises:
        ValueError: With the name of the one that is not.
    """
    for name, value in weights.items():
        if not isinstance(name, str) or not isinstance(value, Tensor):
            raise ValueError(f"expected tensors by name, got {name!r}: {type(value).__name__}")
        plain = value.layout == torch.strided and not value.is_quantized and not value.is_complex()
        if not plain or value.numel() * value.element_size() > value.untyped_storage().nbytes():
            raise ValueError(f"{name} is no plain tensor of real numbers")
        # The sum is four times faster; it may overflow.
        if not bool(value.sum().isfinite()) and not bool(value.isfinite().all()):
            place = (~value.isfinite()).nonzero()[0].tolist()
            number = float(value[tuple(place)])
            raise ValueError(f"{name} is not finite: {number} at {place}; the training diverged")
    return dict(weights)


def unwrap(state_dict: Mapping[str, Any]) -> dict[str, Tensor]:
    """Returns the weights of a third-party checkpoint, which may be below :obj:`state_dict` or
    :obj:`model_state_dict`, or have the prefix ``module.`` of a parallel wrapper.
    """
    for key in ("state_dict", "model_state_dict"):
        if isinstance(state_dict.get(key), Mapping):
            state_dict = state_dict[key]
    if state_dict and all(str(name).startswith("module.") for name in state_dict):
        return {name.removeprefix("module."): value for name, value in state_dict.items()}
    return dict(state_dict)


def load_weights(model: torch.nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Loads weights into a network.

    The names in the file may have a common prefix, as that of a module around the network
    (``module.``, ``model.``, ``_orig_mod.``); what belongs to other modules there is left out.

    Raises:
        ValueError: If a weight is missing, unknown, or of another shape or type.
    """
    kind, own = type(model).__name__, model.state_dict()
    weights = _without_prefix(weights, own)
    for name, value in weights.items():
        if name in own and own[name].is_floating_point() != value.is_floating_point():
            raise ValueError(f"expected {name} of type {own[name].dtype}, got {value.dtype}")
    try:
        missing, unknown = model.load_state_dict(dict(weights), strict=False)
    except RuntimeError as error:
        lines = [line.strip() for line in str(error).splitlines() if "mismatch" in line]
        raise ValueError(f"these are no weights of this {kind}: {lines[0]}") from error
    if missing or unknown:
        hint = ""
        if not set(weights) & set(own) and hasattr(model, "from_official"):
            hint = f"; {kind}.from_official reads weights under the authors' names"
        raise ValueError(
            f"these are no weights of this {kind}: missing {missing[:5]}, unknown {unknown[:5]}"
            f"{hint}"
        )


def _without_prefix(weights: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights below the shortest prefix with which the first weight of a network is there."""
    first = next(iter(own), "")
    found = [n.removesuffix(first) for n in weights if n == first or n.endswith(f".{first}")]
    prefix = min(found, key=len, default="")
    return {n.removeprefix(prefix): v for n, v in weights.items() if n.startswith(prefix)}


def build(
    kind: Callable[..., M], skeleton: BodyGraph, config: Mapping[str, Any], num_weights: int
) -> M:
    """Creates a network from the arguments in a file.

    Raises:
        ValueError: If they are not those of the network, or describe one that is far larger than
            the weights.
    """
    try:
        with warnings.catch_warnings(), _Allocations(2**26 + 8 * num_weights):
            warnings.simplefilter("ignore")
            return kind(skeleton, **config)
    except Exception as error:  # anything may be in a file
        raise ValueError(f"these are no arguments of {kind.__name__}: {error}") from error


class _Allocations(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the numbers for which tensors are created.

    Args:
        limit (int): The most; a small tensor counts as one of 1000.
    """

    def __init__(self, limit: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.limit = self.left = limit

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        size = args[0] if args else None
        if isinstance(size, (list, tuple)) and all(isinstance(n, int) for n in size):
            self.left -= max(1000, math.prod(size))
            if self.left < 0:
                raise ValueError(f"they need more than {self.limit:,} numbers, for fewer weights")
        return func(*args, **(kwargs or {}))


def _attempt(what: str, function: Callable[[Any], Any], value: Any) -> Any:
    try:
        return function(value)
    except Exception as error:  # anything may be in a file
        raise ValueError(f"damaged {what}: {type(error).__name__}: {error}") from error


def _is_plain(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, (bool, int, str))


def _tuple(value: Any) -> Any:
    """Lists as tuples, which JSON does not have."""
    return tuple(map(_tuple, value)) if isinstance(value, list) else value
