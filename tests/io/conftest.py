"""The files that several tests write."""

import tracemalloc
from contextlib import contextmanager

import pytest


@pytest.fixture(scope="session")
def keypoint_files(load_file):
    """The module `keypoint_files.py`, which writes files of 2-D keypoints."""
    return load_file("io/keypoint_files.py")


@pytest.fixture(scope="session")
def mocap_files(load_file):
    """The module `mocap_files.py`, which writes files of motion capture."""
    return load_file("io/mocap_files.py")


@pytest.fixture(scope="session")
def corpus_files(load_file):
    """The module `corpus_files.py`, which writes files of the corpora."""
    return load_file("io/corpus_files.py")


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
