"""Small data sets in the exact layout of the real ones."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pyg_skeleton.datasets import CMUMocap, Human36MExpMap
from pyg_skeleton.io import write_exp_map
from pyg_skeleton.skeleton import Skeleton


def recording(seed: int, num_rows: int, num_columns: int, moving: list[int]) -> np.ndarray:
    """Random motion in some columns; the others stand still, one of them away from zero."""
    table = np.zeros((num_rows, num_columns))
    table[:, 7] = 0.25
    table[:, moving] = (
        np.random.default_rng(seed).normal(0.3, 0.5, (num_rows, len(moving))).round(3)
    )
    return table


def write_tree(root: Path, rows: dict[str, int], num_columns: int, moving: list[int]) -> Path:
    for seed, (name, num_rows) in enumerate(rows.items()):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        write_exp_map(root / name, recording(seed, num_rows, num_columns, moving))
    return root


@pytest.fixture(scope="session")
def cmu_rows() -> dict[str, int]:
    """All files of CMU Mocap with their number of rows."""
    rows = {}
    for number, action in enumerate(CMUMocap.actions):
        for trial in range(1, 6):
            rows[f"train/{action}/{action}_{trial}.txt"] = 160 + 2 * trial + number
        rows[f"test/{action}/{action}_1.txt"] = 199 + 10 * number
    return rows


@pytest.fixture(scope="session")
def cmu_root(tmp_path_factory, cmu_rows) -> Path:
    """A complete CMU Mocap."""
    return write_tree(tmp_path_factory.mktemp("cmu"), cmu_rows, 117, [0, 4, 9, 10, 48, 113])


@pytest.fixture
def make_cmu(tmp_path) -> Callable[..., Path]:
    """Writes a part of CMU Mocap: ``make_cmu({"train/walking/walking_1.txt": 200})``."""

    def make(rows: dict[str, int]) -> Path:
        return write_tree(tmp_path / "cmu", rows, 117, [9, 10])

    return make


@pytest.fixture(scope="session")
def h36m_rows() -> dict[str, int]:
    """Two actions of Human3.6M, by two of the six people to train with."""
    rows = {}
    for number, action in enumerate(Human36MExpMap.actions[:2]):
        for trial in (1, 2):
            rows[f"S5/{action}_{trial}.txt"] = 400 + 101 * number + 50 * trial
            for subject in (1, 11):
                rows[f"S{subject}/{action}_{trial}.txt"] = 190 + trial
    return rows


@pytest.fixture(scope="session")
def h36m_root(tmp_path_factory, h36m_rows) -> Path:
    """A part of Human3.6M, in a folder `dataset` as the archive unpacks."""
    root = tmp_path_factory.mktemp("h36m")
    write_tree(root / "dataset", h36m_rows, 99, [0, 3, 6, 8, 84])
    return root


@pytest.fixture(scope="session")
def kinect_clip() -> Callable[[int, int], np.ndarray]:
    """Makes random joints of a Kinect, ``[T, 20, 3]``."""

    def make(seed: int, frames: int) -> np.ndarray:
        return np.random.default_rng(seed).normal(size=(frames, 20, 3)).astype(np.float32)

    return make


@pytest.fixture(scope="session")
def same_joints() -> Callable[..., None]:
    """Checks that every joint is where the file has the joint of that name."""
    kinect = Skeleton.get("kinect20")

    def check(data, clip: np.ndarray, names: str) -> None:
        ordered = names.split()
        assert sorted(ordered) == sorted(kinect.joints)
        for j, name in enumerate(kinect.joints):
            np.testing.assert_allclose(data.x[j], clip[:, ordered.index(name)], rtol=1e-5)

    return check
