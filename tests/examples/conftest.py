"""Loads the examples as modules."""

from collections.abc import Callable
from types import ModuleType

import pytest
import torch


@pytest.fixture(scope="session")
def load_example(load_file) -> Callable[[str], ModuleType]:
    """Loads an example by its file name."""
    return lambda name: load_file(f"../examples/{name}.py")


@pytest.fixture(autouse=True)
def one_thread():
    """Small networks are fastest on one thread, also where other processes are busy."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
