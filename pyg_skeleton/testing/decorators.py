"""Decorators of tests that not every machine can run."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

Test = TypeVar("Test", bound=Callable[..., Any])


def requires_package(*names: str) -> Callable[[Test], Test]:
    r"""Skips a pytest test where a package is not installed.

    A test that needs :obj:`torch_scatter` or :obj:`torch_sparse` is also marked :obj:`sparse`.

    Args:
        *names (str): Names of packages, as they are imported.
    """
    import pytest

    missing = [name for name in names if find_spec(name) is None]

    def decorate(test: Test) -> Test:
        if {"torch_scatter", "torch_sparse"}.intersection(names):
            test = pytest.mark.sparse(test)
        reason = f"not installed: {', '.join(missing)}"
        return pytest.mark.skipif(bool(missing), reason=reason)(test)

    return decorate


def requires_cpp_compiler(test: Test) -> Test:
    r"""Skips a pytest test where :obj:`torch.compile(backend="inductor")` cannot work on the CPU.

    It needs a C++ compiler, the header of Python, and an environment whose path has no space.

    Args:
        test (Callable): The test.
    """
    import pytest

    found = any(shutil.which(name) for name in (os.environ.get("CXX", "c++"), "g++", "clang++"))
    header = Path(sysconfig.get_path("include")) / "Python.h"
    reason = ""
    if not (found and header.exists()):
        reason = "no C++ compiler or no Python.h"
    elif " " in sys.prefix:
        reason = f"inductor takes no path with a space: {sys.prefix}"
    return pytest.mark.skipif(bool(reason), reason=reason)(test)
