"""Runs an example so that a user's mistake is one line, not a traceback."""

import logging
import os
import sys
import warnings
from collections.abc import Callable
from typing import Any

from lightning.fabric.utilities.exceptions import MisconfigurationException


def run_example(main: Callable[[], None]) -> None:
    """Calls :obj:`main`; bad input ends the program with one line on stderr and exit code 1.

    Warnings are one line each, too, from the first of several processes only, and Lightning's
    advice is left out.

    Args:
        main (callable): The example.
    """

    def show(message: Warning | str, category: Any, *args: Any, **kwargs: Any) -> None:
        print(f"warning: {_one_line(message)}", file=sys.stderr)

    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)
    with warnings.catch_warnings():
        warnings.showwarning = show
        warnings.filterwarnings("ignore", module=r"lightning\..*")
        # Filters of the modules that are to blame do not see what they cause elsewhere.
        for category in (FutureWarning, DeprecationWarning, PendingDeprecationWarning):
            warnings.simplefilter("ignore", category)
        if os.environ.get("LOCAL_RANK", "0") != "0":
            warnings.simplefilter("ignore")
        try:
            main()
        except (ValueError, OSError, ImportError, MisconfigurationException) as error:
            sys.exit(f"error: {_one_line(error)}")
        except KeyboardInterrupt:
            sys.exit("interrupted")


def _one_line(message: object) -> str:
    return " ".join(str(message).split())
