"""Fixtures that every test shares."""

import importlib.util
import os
import random
import sys
from pathlib import Path
from types import ModuleType

if "PYTEST_XDIST_WORKER" in os.environ:  # before torch is imported: processes share the cores
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pytest
import torch
from hypothesis import settings

from pyg_skeleton.camera import Camera
from pyg_skeleton.datasets import LiftingDataset, PoseSequence
from pyg_skeleton.nn.models import SemGCN

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
    return _module("lifting_files")


@pytest.fixture(scope="session")
def recognition_files() -> ModuleType:
    """The module `datasets/recognition_files.py`, which writes small corpora to recognize."""
    return _module("recognition_files")


def _module(name: str) -> ModuleType:
    path = Path(__file__).parent / "datasets" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def tiny():
    """The module `training/tiny_run.py`, a training run of seconds."""
    path = Path(__file__).parent / "training" / "tiny_run.py"
    if "tiny_run" not in sys.modules:
        spec = importlib.util.spec_from_file_location("tiny_run", path)
        sys.modules["tiny_run"] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules["tiny_run"]


@pytest.fixture(scope="session")
def bodies():
    """Makes a lifting data set of bodies of random joints, two sequences of each of two actions."""

    def make(skeleton="h36m16", frames=12, seed=0, **options):
        camera = Camera(1000, 800, (1100.0, 1100.0), (500.0, 400.0), name="one")
        generator = torch.Generator().manual_seed(seed)
        joints = int(skeleton[4:6])
        sequences = []
        for number in range(4):
            pose = 0.3 * torch.randn(frames, joints, 3, generator=generator).cumsum(0) / 2
            pose = pose + torch.tensor([0.0, 0.0, 5.0])
            action = ("walking", "sitting")[number % 2]
            keypoints = camera.project(pose)
            sequences.append(
                PoseSequence("S9", action, f"{action} {number}", camera, keypoints, pose, 50.0)
            )
        names = ("sitting", "walking", "waiting")
        return LiftingDataset(sequences, skeleton, actions=names, **options)

    return make


@pytest.fixture
def little_sem_gcn():
    """Makes a small SemGCN."""

    def make(skeleton="h36m16", seed=0, **options):
        torch.manual_seed(seed)
        options = {"hidden_channels": 8, "num_blocks": 1} | options
        return SemGCN.from_preset("paper", skeleton, **options)

    return make
