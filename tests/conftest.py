"""Fixtures that every test shares."""

import importlib.util
import os
import random
from pathlib import Path
from types import ModuleType

if "PYTEST_XDIST_WORKER" in os.environ:  # before torch is imported: processes share the cores
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pytest
import torch
from hypothesis import settings

# The same examples in every run: what a change is told depends on the change alone.
settings.register_profile("same", derandomize=True)
settings.load_profile("same")


def _seed(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


# What a test draws does not depend on those that ran before it in the same process.
@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Before its fixtures."""
    _seed(0)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call() -> None:
    """Before itself: its inputs are other numbers than the weights of a fixture."""
    _seed(1)


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder with the real data; tests that need it skip without it."""
    default = Path(__file__).resolve().parents[2] / "shared"
    path = Path(os.environ.get("PYG_SKELETON_SHARED", default))
    if not path.is_dir():
        pytest.skip(f"no shared data: {path} is not a directory")
    return path


@pytest.fixture(scope="session")
def lifting_files() -> ModuleType:
    """The module `datasets/lifting_files.py`, which writes small corpora for lifting."""
    path = Path(__file__).parent / "datasets" / "lifting_files.py"
    spec = importlib.util.spec_from_file_location("lifting_files", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
