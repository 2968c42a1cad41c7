"""The command line of an example."""

import argparse
from typing import NoReturn


class ExampleParser(argparse.ArgumentParser):
    """An argument parser whose complaint is one line, without the list of all options."""

    def error(self, message: str) -> NoReturn:
        """Ends the program with exit code 2."""
        self.exit(2, f"error: {message}, see --help\n")


def share(text: str) -> float:
    """Reads a share of something, strictly between 0 and 1.

    Raises:
        argparse.ArgumentTypeError: If it is no such number.
    """
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"expected a number between 0 and 1, got {text!r}")
    return value


def count_or_all(text: str) -> int | str:
    """Reads a positive number, or :obj:`"all"`.

    Raises:
        argparse.ArgumentTypeError: If it is neither.
    """
    if text == "all":
        return text
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number from 1 on, or 'all', got {text!r}")
    return int(text)
