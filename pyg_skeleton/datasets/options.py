"""Options of data sets that are opened by name: layouts, and checks with clear errors."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

from pyg_skeleton.skeleton import Skeleton


def load_layout(layout: Skeleton | str) -> Skeleton:
    """Returns the layout itself, the one of that name, or the one in that YAML file.

    Args:
        layout (Skeleton or str): The layout, its name or its file.
    """
    if isinstance(layout, Skeleton):
        return layout
    if layout.endswith((".yaml", ".yml")) or Path(layout).is_file():
        return Skeleton.from_yaml(layout)
    return Skeleton.get(layout)


def parameters(function: Callable[..., Any], *without: str) -> dict[str, Parameter]:
    """Returns the parameters of a function by name, but for some.

    Args:
        function (callable): The function.
        *without (str): The names of those to leave out.
    """
    named = signature(function).parameters
    return {name: value for name, value in named.items() if name not in without}


def is_required(parameter: Parameter) -> bool:
    """Returns :obj:`True` if a parameter has no default."""
    return parameter.default is parameter.empty


def check_options(what: str, known: Mapping[str, Parameter], given: Iterable[str]) -> None:
    """Refuses options that do not exist, and the lack of those that have no default.

    Args:
        what (str): What has the options, for the message.
        known (dict): The options.
        given (iterable of str): The names of the options that are set.

    Raises:
        ValueError: If an option is unknown or missing.
    """
    given = list(given)
    for name in given:
        if name not in known:
            raise ValueError(f"{what} has no option {name!r}, expected {choices(name, known)}")
    missing = [name for name, value in known.items() if is_required(value) and name not in given]
    if missing:
        raise ValueError(f"{what} needs the option {' and '.join(missing)}")


def choices(name: str, known: Iterable[str]) -> str:
    """Returns the known names for a message about an unknown one, and the closest of them.

    Args:
        name (str): The unknown name.
        known (iterable of str): The known names.
    """
    known = list(known)
    if not known:
        return "none"
    close = difflib.get_close_matches(name, known, 1)
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    return f"one of {', '.join(known)}{hint}"
