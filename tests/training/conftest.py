"""Fixtures of the tests of training."""

import logging
import re

import pytest
import torch

from pyg_skeleton.training import load_task


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


@pytest.fixture(scope="session")
def task():
    """Two movements of eighteen clips that help to cluster two others."""
    names = {"source_classes": ["walking", "waving"], "target_classes": ["running", "bowing"]}
    return load_task("embedded", clips_per_class=9, test_clips_per_class=4, **names)


@pytest.fixture(scope="session")
def small_runs(load_file):
    """The module `small_runs.py`, a training run of seconds for each task."""
    return load_file("training/small_runs.py")


@pytest.fixture(scope="session")
def without_gloo():
    """Leaves out what PyTorch 2.10 prints piece by piece when processes connect, each a line of its
    own or in the middle of another's.
    """
    pieces = (
        r"\[Gloo\] Rank | is connected to | peer ranks\. |"
        r"Expected number of connected peer ranks is : "
    )
    return lambda text: re.sub(r"^\d*\n", "", re.sub(pieces, "", text), flags=re.MULTILINE)
