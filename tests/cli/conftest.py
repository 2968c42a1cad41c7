"""The training run of seconds."""

import importlib.util
import logging
import sys
from pathlib import Path

import pytest
import torch

from pyg_skeleton.camera import Camera
from pyg_skeleton.datasets import LiftingDataset, PoseSequence
from pyg_skeleton.nn.models import SemGCN
from pyg_skeleton.training import load_task

PATH = Path(__file__).resolve().parents[1] / "training" / "tiny_run.py"


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


@pytest.fixture(scope="session")
def task():
    """Two movements of eighteen clips that help to cluster two others."""
    names = {"source_classes": ["walking", "waving"], "target_classes": ["running", "bowing"]}
    return load_task("embedded", clips_per_class=9, test_clips_per_class=4, **names)
