"""The files that several tests write."""

import importlib.util
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def keypoint_files():
    """The module `keypoint_files.py`, which writes files of 2-D keypoints."""
    if "keypoint_files" not in sys.modules:
        path = Path(__file__).with_name("keypoint_files.py")
        spec = importlib.util.spec_from_file_location("keypoint_files", path)
        sys.modules["keypoint_files"] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules["keypoint_files"]
