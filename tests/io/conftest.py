"""The files that several tests write."""

import importlib.util
import sys
import tracemalloc
from contextlib import contextmanager
from pathlib import Path

import pytest


def _module(name):
    if name not in sys.modules:
        path = Path(__file__).with_name(f"{name}.py")
        spec = importlib.util.spec_from_file_location(name, path)
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="session")
def keypoint_files():
    """The module `keypoint_files.py`, which writes files of 2-D keypoints."""
    return _module("keypoint_files")


@pytest.fixture(scope="session")
def mocap_files():
    """The module `mocap_files.py`, which writes files of motion capture."""
    return _module("mocap_files")


@pytest.fixture(scope="session")
def corpus_files():
    """The module `corpus_files.py`, which writes files of the corpora."""
    return _module("corpus_files")


@pytest.fixture(scope="session")
def peak_memory():
    """A context that says how many bytes Python and NumPy have taken in it at most."""

    @contextmanager
    def measure():
        tracemalloc.start()
        try:
            yield lambda: tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    return measure
