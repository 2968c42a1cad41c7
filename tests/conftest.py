"""Fixtures that every test shares."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder with the real data; tests that need it skip without it."""
    default = Path(__file__).resolve().parents[2] / "shared"
    path = Path(os.environ.get("PYG_SKELETON_SHARED", default))
    if not path.is_dir():
        pytest.skip(f"no shared data: {path} is not a directory")
    return path
