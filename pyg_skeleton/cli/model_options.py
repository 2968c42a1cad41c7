"""The arguments of a network as options of a command line."""

import argparse
import inspect
from typing import Any


def add_model_options(parser: argparse.ArgumentParser, model: type, prefix: str = "") -> list[str]:
    """Adds an option for each plain argument of a network that has a default.

    A switch that is on gets a :obj:`--no-NAME`, one that is off a :obj:`--NAME`; numbers, words
    and tuples of numbers take their values. What is not given on the command line is
    :obj:`None`, so that a preset can decide.

    Args:
        parser (argparse.ArgumentParser): Where to add them.
        model (type): The network's class.
        prefix (str, optional): What the names of the options begin with. (default: :obj:`""`)

    Returns:
        The names of the arguments; their values are under these with :obj:`prefix` before them.
    """
    group = parser.add_argument_group(f"arguments of {model.__name__}, see its documentation")
    names = []
    for name, parameter in inspect.signature(model.__init__).parameters.items():  # type: ignore[misc]
        default = parameter.default
        option = (prefix + name).replace("_", "-")
        extra: dict[str, Any] = {"dest": prefix + name, "default": None}
        if isinstance(default, bool):
            option = f"no-{option}" if default else option
            extra |= {"action": "store_const", "const": not default}
        elif isinstance(default, (int, float, str)):
            extra |= {"type": type(default), "metavar": type(default).__name__}
        elif isinstance(default, tuple) and all(isinstance(v, int) for v in default):
            extra |= {"type": int, "nargs": "+", "metavar": "int"}
        else:
            continue
        group.add_argument(f"--{option}", **extra)
        names.append(name)
    return names
