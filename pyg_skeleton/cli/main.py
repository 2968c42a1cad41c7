"""The entry point of the command, which only imports the modules of the chosen subcommand."""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import Any

from pyg_skeleton.cli.errors import UsageError, did_you_mean, run_command
from pyg_skeleton.version import __version__

#: By name, what each subcommand does. Its module has :obj:`read(argv)`, which returns what to call.
COMMANDS = {
    "train": "train a network: recognition, motion, lifting or clustering",
    "evaluate": "measure trained networks on the test data of a run, or on other data",
    "predict": "run a trained network on files of your own",
    "export": "write a trained network as an ONNX file, with a script that runs it",
    "table": "run an experiment of a paper: all rows of its table",
    "fuse": "add up the scores of several recognition runs",
    "cluster": "cluster a folder of unlabeled clips with a trained network",
    "view": "draw a file or a prediction: animation and strip of poses",
    "sample": "write a recording of the embedded people, to try commands on",
    "info": "describe a file, a run or a layout",
    "list": "list models, layouts, datasets, recipes or tables",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command.

    Args:
        argv (sequence of str, optional): The words after :obj:`pyg-skeleton`.
            (default: those of the process)

    Returns:
        The exit code: 0, 1 after an error, 130 after an interruption.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    return run_command(lambda: parse(words)())


def parse(argv: Sequence[str]) -> Callable[[], Any]:
    """Reads a command line, and returns what to call to run it.

    Args:
        argv (sequence of str): The words after :obj:`pyg-skeleton`.

    Raises:
        UsageError: If there is no such subcommand or option, or a value is not valid.
        SystemExit: After :obj:`--help`.
    """
    words = list(argv)
    if not words or words[0] in ("-h", "--help"):
        return partial(print, _help())
    if words[0] == "--version":
        return partial(print, f"pyg-skeleton {__version__}")
    name, rest = words[0], words[1:]
    if name not in COMMANDS:
        raise UsageError(f"unknown command {name!r}; {did_you_mean(name, COMMANDS)}")
    import tyro  # noqa: F401  # Without the extra, --help says so in one line, too.

    command: Callable[[], Any] = import_module(f"pyg_skeleton.cli.{name}").read(rest)
    return command


def _help() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {text}" for name, text in COMMANDS.items()]
    return "\n".join(
        [
            "usage: pyg-skeleton COMMAND ...",
            "",
            "Graph neural networks for human skeletons.",
            "",
            *lines,
            "",
            "pyg-skeleton COMMAND --help lists the options of a command; --version, -h, --help",
        ]
    )
