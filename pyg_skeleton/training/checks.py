"""Checks of names, labels and classes."""

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

from torch import Tensor


def check_choice(what: str, name: str, choices: Iterable[str]) -> str:
    """Returns a name if it is one of some choices.

    Args:
        what (str): The kind of name, for the message.
        name (str): The name.
        choices (iterable of str): The names to choose from.

    Raises:
        ValueError: If it is none of them. The message names the most similar one.
    """
    choices = list(choices)
    if name in choices:
        return name
    similar = difflib.get_close_matches(str(name), choices, n=1, cutoff=0.5)
    hint = f" (did you mean {similar[0]!r}?)" if similar else ""
    known = f"{', '.join(choices[:-1])} or {choices[-1]}" if len(choices) > 1 else choices[0]
    raise ValueError(f"expected {what} {known}, got {name!r}{hint}")


def check_labels(batch: Any, num_classes: int) -> None:
    """Refuses labels outside of the classes of a network, which on a GPU would end the process.

    Args:
        batch (Batch): The batch.
        num_classes (int): The number of classes.

    Raises:
        ValueError: With the first label and its clip.
    """
    y = getattr(batch, "y", None)
    if not isinstance(y, Tensor) or y.is_floating_point():
        return
    wrong = ((y < 0) | (y >= num_classes)).flatten().nonzero()
    if len(wrong):
        row = int(wrong[0])
        sample = getattr(batch, "sample", None)
        clip = f"clip {row} of the batch" if sample is None else f"sample {int(sample[row])}"
        raise ValueError(
            f"{clip} has the label {int(y.flatten()[row])}, expected one from 0 to "
            f"{num_classes - 1}"
        )


def check_classes(expected: Sequence[str] | None, found: Sequence[str] | None, what: str) -> None:
    """Refuses data whose labels mean other classes.

    Args:
        expected (sequence of str, optional): The classes of the training data, in the order of
            their labels; :obj:`None` where they are not known.
        found (sequence of str, optional): The classes of other data.
        what (str): What they are compared with, for the message.

    Raises:
        ValueError: With the first class that differs.
    """
    if expected is None or found is None:
        return
    first, second = [str(name) for name in expected], [str(name) for name in found]
    if first == second:
        return
    pairs = zip(first, second, strict=False)
    label = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(first), len(second)))
    names = [repr(c[label]) if label < len(c) else "nothing" for c in (second, first)]
    raise ValueError(
        f"label {label} is {names[0]} in the data and {names[1]} in {what} ({len(second)} and "
        f"{len(first)} classes); the same labels have to mean the same classes"
    )
