import numpy as np
import pytest

from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.training import load_task


def save(path, seed, joints, frames=9, channels=3):
    path.parent.mkdir(parents=True, exist_ok=True)
    array = np.random.default_rng(seed).normal(1, 0.1, (frames, joints, channels))
    np.save(path, array.astype(np.float32))


@pytest.fixture
def roots(tmp_path):
    for seed, name in enumerate(("wave/a", "wave/b", "clap/a")):
        save(tmp_path / "source" / f"{name}.npy", seed, 25)
    for seed in range(4):
        save(tmp_path / "target" / f"day{seed % 2}" / f"{seed}.npy", seed, 24, frames=5 + seed)
    return tmp_path / "source", tmp_path / "target"


def make(roots, **options):
    options = {"source_skeleton": "ntu25", "target_skeleton": "smpl24", "num_clusters": 2} | options
    return load_task("own", *roots, **options)


def test_own(roots):
    task = make(roots)
    assert task.source.classes == ["clap", "wave"]
    assert task.target_train is task.target_test
    assert task.target_train.classes == ["unlabeled"]
    assert task.target_train.names == ["day0/0", "day0/2", "day1/1", "day1/3"]
    assert task.num_clusters == 2
    assert task.source[0].x.shape == (25, 50, 3)
    assert task.target_test[3].x.shape == (24, 50, 3)
    assert task.shared.num_joints == 21


def test_a_table_and_a_layout_of_ones_own(roots, tmp_path):
    table = tmp_path / "source" / "table.csv"
    table.write_text("file,label\nwave/a.npy,wave\nclap/a.npy,clap\n")
    layout = tmp_path / "body.yaml"
    Skeleton.get("smpl24").to_yaml(layout)
    task = make((table, roots[1]), target_skeleton=str(layout), num_frames=7)
    assert len(task.source) == 2
    assert task.target_train[0].x.shape == (24, 7, 3)


@pytest.mark.filterwarnings("ignore:the joints seem to be in another order")  # they are noise
def test_poses_in_pictures(tmp_path):
    save(tmp_path / "source/wave/a.npy", 0, 18)
    save(tmp_path / "target/a.npy", 1, 17)
    options = {"source_skeleton": "openpose18", "target_skeleton": "coco17", "num_clusters": 1}
    roots = (tmp_path / "source", tmp_path / "target")
    task = load_task("own", *roots, flat=True, **options)
    assert task.shared.num_joints == 18
    assert load_task("own", *roots, flat=True, derive=False, **options).shared.num_joints == 17
    assert task.source[0].x.shape == (18, 50, 3)
    assert task.target_train[0].x.shape == (17, 50, 3)


def test_refusals(roots, tmp_path):
    with pytest.raises(ValueError, match=r"num_clusters must be from 1 to 4, .* got 5"):
        make(roots, num_clusters=5)
    with pytest.raises(ValueError, match=r"'own' needs the option target_skeleton and num_clus"):
        load_task("own", *roots, source_skeleton="ntu25")
    with pytest.raises(FileNotFoundError, match=r"has no files \*\.npy"):
        make((roots[0], tmp_path / "nothing"))
    worm = Skeleton("worm", ["a", "b"], [("b", "a")], "a")
    with pytest.raises(ValueError, match=r"'ntu25' and 'worm' share no joint"):
        make(roots, target_skeleton=worm)
