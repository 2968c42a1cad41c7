"""The training run of seconds."""

import importlib.util
import logging
import sys
from pathlib import Path

import pytest
import torch

PATH = Path(__file__).with_name("tiny_run.py")


@pytest.fixture(scope="session")
def tiny():
    """The module `tiny_run.py` beside this file."""
    if "tiny_run" not in sys.modules:
        spec = importlib.util.spec_from_file_location("tiny_run", PATH)
        sys.modules["tiny_run"] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules["tiny_run"]


@pytest.fixture(scope="module")
def num_threads():
    return 1


# Of the module, so that what its other fixtures compute is computed by as many threads.
@pytest.fixture(scope="module", autouse=True)
def _quiet_threads(num_threads):
    threads, logger = torch.get_num_threads(), logging.getLogger("lightning.pytorch")
    level = logger.level
    logger.setLevel(logging.WARNING)
    torch.set_num_threads(num_threads)
    yield
    torch.set_num_threads(threads)
    logger.setLevel(level)
