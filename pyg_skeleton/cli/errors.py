"""A user's mistake is one line on standard error, not a traceback."""

import os
import re
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

#: The packages of each extra of setup.py, as they are imported.
_EXTRAS = {
    "train": ("lightning", "torchmetrics", "tensorboard", "tyro"),
    "viz": ("matplotlib",),
    "cluster": ("sklearn", "scipy"),
    "h5": ("h5py",),
    "onnx": ("onnx", "onnxscript", "onnxruntime"),
}


class UsageError(ValueError):
    """An option that is unknown, or that has no valid value."""


class Stopped(KeyboardInterrupt):
    """The end of a command by a signal.

    Args:
        message (str): The line to print.
        signal (int): The signal.
    """

    def __init__(self, message: str, signal: int) -> None:
        super().__init__(message)
        self.signal = signal


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Names that look like :obj:`name`, or all known names."""
    known = list(known)
    close = get_close_matches(name, known, n=3)
    if close:
        return f"did you mean {' or '.join(close)}?"
    return f"expected one of {', '.join(known)}"


def check_name(kind: str, name: str, known: Iterable[str]) -> None:
    """Refuses an unknown name.

    Raises:
        UsageError: With the names that look like it.
    """
    known = list(known)
    if name not in known:
        raise UsageError(f"unknown {kind} {name!r}; {did_you_mean(name, known)}")


def run_command(command: Callable[[], Any]) -> int:
    """Calls a command; a mistake becomes one line on standard error and exit code 1.

    Warnings are one line each, too, from the first of several processes only, and Lightning's
    advice is left out.

    Args:
        command (callable): The command.

    Returns:
        The exit code; after a signal 128 and its number.
    """

    def show(message: Warning | str, category: Any, *args: Any, **kwargs: Any) -> None:
        print(f"warning: {one_line(message)}", file=sys.stderr)

    with warnings.catch_warnings(), _stopped_by_sigterm(), _quiet_threads():
        warnings.showwarning = show
        warnings.filterwarnings("ignore", module=r"lightning\..*")
        # Filters of the modules that are to blame do not see what they cause elsewhere.
        for category in (FutureWarning, DeprecationWarning, PendingDeprecationWarning):
            warnings.simplefilter("ignore", category)
        if os.environ.get("LOCAL_RANK", "0") != "0":
            warnings.simplefilter("ignore")
        try:
            command()
        except BrokenPipeError:  # the reader of the output is gone, as in `pyg-skeleton ... | head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        except ImportError as error:
            return _fail(missing_extra(error) or str(error))
        except (ValueError, OSError) as error:
            return _fail(error)
        except KeyboardInterrupt as interrupt:
            print(interrupt if interrupt.args else "interrupted", file=sys.stderr)
            return 128 + getattr(interrupt, "signal", signal.SIGINT)
        except Exception as error:
            if type(error).__name__ != "MisconfigurationException":  # of Lightning
                raise
            return _fail(error)
    return 0


def missing_extra(error: ImportError) -> str | None:
    """The line that names the extra of a package that is missing; None for other packages."""
    package = (error.name or "").partition(".")[0]
    named = re.search(r"pyg_skeleton\[(\w+)\]", str(error))
    extra = named[1] if named else next((e for e, names in _EXTRAS.items() if package in names), "")
    if not extra:
        return None
    what = f"{package} is missing" if package else str(error).partition(":")[0]
    return f'{what}: pip install "pyg_skeleton[{extra}]"'


def one_line(message: object) -> str:
    """A message without line breaks."""
    return " ".join(str(message).split())


@contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """Raises :class:`Stopped` on SIGTERM."""
    process = os.getpid()

    def stop(number: int, frame: Any) -> None:
        if os.getpid() != process:  # a worker that inherited this
            os._exit(128 + number)
        raise Stopped("terminated", number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _quiet_threads() -> Iterator[None]:
    """Leaves it to the main thread to say that a thread could not write, as that of TensorBoard."""
    before = threading.excepthook

    def show(found: threading.ExceptHookArgs) -> None:
        if not isinstance(found.exc_value, OSError):
            before(found)

    threading.excepthook = show
    try:
        yield
    finally:
        threading.excepthook = before


def _fail(message: object) -> int:
    print(f"error: {one_line(message)}", file=sys.stderr)
    return 1
