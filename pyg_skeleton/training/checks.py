"""Checks of names."""

import difflib
from collections.abc import Iterable


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
