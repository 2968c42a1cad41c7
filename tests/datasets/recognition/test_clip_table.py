import pickle
import re

import numpy as np
import pandas as pd
import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.datasets import ClipTable
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import Stream, TemporalResize

HAND = Skeleton("hand", ["wrist", "thumb", "index", "ring"], [(1, 0), (2, 0), (3, 0)], 0)


def clip_of(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@pytest.fixture
def root(tmp_path):
    """Two classes, one or two persons, several lengths."""
    for seed, name in enumerate(("wave/a", "wave/b", "clap/a")):
        path = tmp_path / f"{name}.npy"
        path.parent.mkdir(exist_ok=True)
        persons = [2] if name == "wave/b" else []
        np.save(path, clip_of(seed, *persons, 5 + seed, 4, 3))
    return tmp_path


def table_of(**columns):
    return pd.DataFrame(
        {"file": ["wave/a.npy", "wave/b.npy", "clap/a.npy"], "label": ["w", "w", "c"], **columns}
    )


def test_a_folder(root):
    dataset = ClipTable.from_folder(root, HAND)
    assert str(dataset) == "ClipTable('hand', clips=3, items=3, classes=2)"
    assert dataset.classes == ["clap", "wave"]
    assert dataset.names == ["clap/a", "wave/a", "wave/b"]
    assert dataset.labels.tolist() == [0, 1, 1]
    clip = torch.from_numpy(clip_of(1, 2, 6, 4, 3)).transpose(1, 2)
    assert torch.equal(dataset[2].x, clip.flatten(0, 1))
    assert dataset[2].num_persons == 2
    for data in dataset:
        data.validate()


def test_unlabeled(root):
    np.save(root / "alone.npy", clip_of(9, 7, 4, 3))
    dataset = ClipTable.from_unlabeled(root, HAND, transform=TemporalResize(8))
    assert dataset.classes == ["unlabeled"]
    assert dataset.names == ["alone", "clap/a", "wave/a", "wave/b"]
    assert dataset.labels.tolist() == [0, 0, 0, 0]
    assert dataset[0].x.shape == (4, 8, 3)
    assert ClipTable.from_unlabelled(root, HAND).names == dataset.names
    with pytest.raises(FileNotFoundError, match=r"nothing: has no files \*\.npy"):
        ClipTable.from_unlabeled(root / "nothing", HAND)


def test_it_trains(root):
    dataset = ClipTable.from_folder(root, HAND, transform=TemporalResize(8), repeat=4)
    batch = next(iter(SkeletonLoader(dataset, 12, shuffle=True, seed=0)))
    assert batch.x.shape == (4 * 16, 8, 3)
    assert Stream("bone", HAND)(dataset[0]).x.shape == (4, 8, 3)


def test_folders_of_splits(tmp_path):
    for split, label in (("train", "wave"), ("train", "clap"), ("test", "wave")):
        (tmp_path / split / label).mkdir(parents=True)
        np.save(tmp_path / split / label / "a.npy", clip_of(0, 5, 4, 2))
    test = ClipTable.from_folder(tmp_path, HAND, "test")
    assert (test.classes, test.names) == (["clap", "wave"], ["test/wave/a"])
    assert test.labels.tolist() == [1]
    with pytest.raises(ValueError, match="the table has no clip of the split 'val'"):
        ClipTable.from_folder(tmp_path, HAND, "val")
    with pytest.raises(FileNotFoundError, match=re.escape("has no files <split>/<label>/*.npy")):
        ClipTable.from_folder(tmp_path / "test", HAND, "val")


def test_a_table(root):
    table = table_of(split=["train", "test", "test"], name=["x", "y", "z"])
    dataset = ClipTable(table, HAND, root=root)
    assert (dataset.classes, dataset.names) == (["c", "w"], ["x", "y", "z"])
    test = ClipTable(table, HAND, "test", root=root, classes=["w", "c"])
    assert (test.names, test.labels.tolist()) == (["y", "z"], [0, 1])
    numbers = ClipTable(table_of().assign(label=[2, 0, 2]), HAND, root=root)
    assert (numbers.classes, numbers.labels.tolist()) == (["0", "1", "2"], [2, 0, 2])


def test_a_csv_file(root):
    table_of().to_csv(root / "clips.csv", index=False)
    dataset = ClipTable(root / "clips.csv", HAND)
    assert dataset.names == ["wave/a", "wave/b", "clap/a"]


@pytest.mark.parametrize(
    ("persons", "expected"),
    [
        (1, [0]),
        (2, [0, 1]),
        ([1], [1]),
        ("1 0", [1, 0]),
        ("1,0", [1, 0]),
        (None, [0, 1]),
        ("1", [0]),
    ],
)
def test_persons(root, persons, expected):
    table = pd.DataFrame({"file": ["wave/b.npy"], "label": ["w"], "persons": [persons]})
    data = ClipTable(table, HAND, root=root)[0]
    clip = torch.from_numpy(clip_of(1, 2, 6, 4, 3)).transpose(1, 2)
    assert torch.equal(data.x, clip[expected].flatten(0, 1))


@pytest.mark.parametrize("axes", ["MTVC", "CTVM", "VMCT", "TVC", "VTC"])
def test_axes(tmp_path, axes):
    clip = clip_of(0, 2, 5, 4, 3)  # MTVC
    if "M" not in axes:
        clip = clip[:1]
    stored = clip.transpose(["MTVC".index(axis) for axis in (axes if "M" in axes else "M" + axes)])
    np.save(tmp_path / "a.npy", stored if "M" in axes else stored[0])
    table = pd.DataFrame({"file": ["a.npy"], "label": [0]})
    data = ClipTable(table, HAND, axes=axes, root=tmp_path)[0]
    assert torch.equal(data.x, torch.from_numpy(clip).transpose(1, 2).flatten(0, 1))


def test_missing_joints(root):
    clip = clip_of(0, 2, 5, 4, 3)
    clip[0, 3, 2, 1] = np.nan
    clip[1] = np.nan
    np.save(root / "wave" / "a.npy", clip)
    with pytest.raises(ValueError, match=r"a.npy: person 0, joint 2, frame 3 is not a finite"):
        ClipTable(table_of(), HAND, root=root)
    dataset = ClipTable(table_of(), HAND, root=root, missing="mask")
    assert dataset[0].num_persons == 1
    assert (~dataset[0].visible).nonzero().tolist() == [[2, 3]]
    assert not dataset[0].x[2, 3].any()
    assert dataset[1].visible.all()
    batch = next(iter(SkeletonLoader(dataset[:1], 1)))
    assert batch.visible.shape == (4, 5)


def test_files_of_another_kind(root):
    dataset = ClipTable(table_of(), HAND, root=root, read=lambda path: np.ones((5, 4, 2)))
    assert dataset[2].x.shape == (4, 5, 2)


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_store(root, tmp_path):
    kwargs = {"root": root, "store": tmp_path / "store", "progress": False}
    dataset = ClipTable(table_of(), HAND, num_workers=2, **kwargs)
    plain = ClipTable(table_of(), HAND, root=root)
    assert all(torch.equal(a.x, b.x) for a, b in zip(dataset, plain, strict=True))
    one = ClipTable(table_of(persons=1), HAND, **kwargs)
    assert [data.num_persons for data in one] == [1, 1, 1]


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.ones((5, 4)), "expected the dimensions MTVC, got [5, 4]"),
        (np.ones((5, 0, 3)), "expected the dimensions MTVC, got [5, 0, 3]"),
        (np.ones((4, 5, 3)), "expected 4 joints in dimension 1 (TVC), got 5"),
        (np.zeros((5, 4, 3)), "has no person, all joints are zero or missing"),
        (np.full((5, 4, 3), np.inf), "person 0, joint 0, frame 0 is not a finite number"),
        (np.full((5, 4, 3), 1e300), "person 0, joint 0, frame 0 is not a finite number"),
        (np.full((5, 4, 3), 1e20), "person 0, joint 0, frame 0 is 1e+20, no coordinate"),
    ],
)
def test_files_that_do_not_fit(root, array, message):
    path = root / "wave" / "a.npy"
    np.save(path, array)
    for store in (None, root / "store"):
        with pytest.raises(ValueError, match=re.escape(f"{path}: {message}")):
            ClipTable(table_of(), HAND, root=root, store=store, progress=False)
    assert not (root / "store").exists()


def test_tables_that_do_not_fit(root):
    table = table_of()
    with pytest.raises(ValueError, match=r"the table has no column 'label', only \['file'\]"):
        ClipTable(table[["file"]], HAND)
    with pytest.raises(ValueError, match="the table has no column 'split'"):
        ClipTable(table, HAND, "train")
    with pytest.raises(ValueError, match="the table has no label in row 1"):
        ClipTable(table.assign(label=["a", None, "b"]), HAND)
    with pytest.raises(ValueError, match="the label 'c', which is not in classes"):
        ClipTable(table, HAND, classes=["w"])
    with pytest.raises(ValueError, match="axes must name M, T, V and C once each, got 'TVX'"):
        ClipTable(table, HAND, axes="TVX")
    with pytest.raises(ValueError, match="missing must be 'error' or 'mask', got 'x'"):
        ClipTable(table, HAND, missing="x")
    with pytest.raises(ValueError, match=r"wave/a.npy: persons must be positions, got 'x'"):
        ClipTable(table.assign(persons="x"), HAND, root=root)
    with pytest.raises(ValueError, match=r"a.npy: has 1 persons, the table asks for \[1\]"):
        ClipTable(table.assign(persons=[[1], None, None]), HAND, root=root)
    with pytest.raises(FileNotFoundError, match=r"wave/a.npy: no such file"):
        ClipTable(table, HAND, root=root / "nowhere")


@pytest.mark.parametrize("label", [99_999_999_999, -1, 1_000_000])
def test_numbers_that_are_no_classes(tmp_path, label):
    np.save(tmp_path / "a.npy", np.ones((3, 17, 3), "f4"))
    (tmp_path / "table.csv").write_text(f"file,label\na.npy,0\na.npy,{label}\n")
    with pytest.raises(ValueError, match=f"the table has the label {label} in row 1, expected num"):
        ClipTable(tmp_path / "table.csv", "coco17")
    with pytest.raises(ValueError, match=f"label {label} in row 1, expected numbers from 0 to 1"):
        ClipTable(tmp_path / "table.csv", "coco17", classes=["x", "y"])


@pytest.mark.parametrize("persons", ["inf", "-inf", "1e999"])
def test_persons_without_end(tmp_path, persons):
    np.save(tmp_path / "a.npy", np.ones((3, 17, 3), "f4"))
    (tmp_path / "table.csv").write_text(f"file,label,persons\na.npy,x,{persons}\n")
    with pytest.raises(ValueError, match=r"row 0, a\.npy: persons must be positions, got .*inf"):
        ClipTable(tmp_path / "table.csv", "coco17")


def test_splits_share_no_store(tmp_path):
    for i in range(4):
        np.save(tmp_path / f"{i}.npy", np.full((2, 17, 3), i + 1, "f4"))
    table = pd.DataFrame(
        {
            "file": [f"{i}.npy" for i in range(4)],
            "label": ["a", "b"] * 2,
            "split": ["../x", "../x", "y", "y"],
        }
    )
    keys = {"root": tmp_path, "store": tmp_path / "store", "progress": False}
    splits = [ClipTable(table, "coco17", split, **keys) for split in ("../x", "y")]
    again = [pickle.loads(pickle.dumps(split)) for split in splits]
    assert [int(data.x[0, 0, 0]) for split in again for data in split] == [1, 2, 3, 4]
    assert {path.parent.name for path in tmp_path.rglob("index.json")} == {
        "split=..%2Fx",
        "split=y",
    }


def test_a_rewritten_file_is_read_again(tmp_path):
    table = pd.DataFrame({"file": ["a.npy"], "label": ["x"]})
    for size in (2, 9):
        np.save(tmp_path / "a.npy", np.ones((size, 17, 3), "f4"))
        data = ClipTable(table, "coco17", root=tmp_path, store=tmp_path / "store", progress=False)
        assert data[0].x.shape[1] == size
