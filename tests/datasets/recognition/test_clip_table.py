import pickle
import re

import numpy as np
import pandas as pd
import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.datasets import (
    ClipMotion,
    ClipTable,
    CrossDomainTask,
    prepare_clips,
    select_classes,
)
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.training import SkeletonDataModule
from pyg_skeleton.transforms import Chain, Stream, TemporalResize

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
    with pytest.raises(ValueError, match="missing must be 'error', 'mask' or 'fill', got 'x'"):
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
    with pytest.raises(ValueError, match=r"row 0, a\.npy: persons must be positions, got '.+'"):
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


# What people have ################################################################################


def save(root, *names, joints=4, channels=3):
    for seed, name in enumerate(names):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "wb") as file:
            np.save(file, clip_of(seed, 5, joints, channels))


def test_folders_with_numbers_are_in_natural_order(tmp_path):
    save(tmp_path, *(f"{label}/a.npy" for label in (0, 1, 10, 11, 2)))
    data = ClipTable.from_folder(tmp_path, HAND)
    assert data.classes == ["0", "1", "2", "10", "11"]
    assert data.names == ["0/a", "1/a", "2/a", "10/a", "11/a"]
    assert data.labels.tolist() == [0, 1, 2, 3, 4]
    same = ClipTable.from_folder(tmp_path, HAND, classes=["11", "10", "2", "1", "0"])
    assert same.labels.tolist() == [4, 3, 2, 1, 0]


def test_a_test_folder_without_one_of_the_classes(tmp_path):
    save(tmp_path, "train/a/0.npy", "train/b/0.npy", "train/c/0.npy", "test/c/1.npy")
    train, test = (ClipTable.open(tmp_path, split, layout=layout(tmp_path))
                   for split in ("train", "test"))  # fmt: skip
    assert train.classes == test.classes == ["a", "b", "c"]
    assert test.labels.tolist() == [2]
    # Opened one by one, the classes differ, which training refuses.
    apart = ClipTable.from_folder(tmp_path / "test", HAND)
    with pytest.raises(ValueError, match="label 0 is 'c' in the data and 'a' in the training data"):
        SkeletonDataModule(train, apart, batch_size=1)


def layout(root):
    HAND.to_yaml(root / "hand.yaml")
    return str(root / "hand.yaml")


def test_links_and_endings_in_capitals_and_hidden_files(tmp_path):
    save(tmp_path, "elsewhere/0.npy", "own/wave/1.NPY", "own/wave/._1.npy", "own/.cache/x/2.npy")
    (tmp_path / "own" / "clap").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "own" / "wave" / "loop").symlink_to(tmp_path / "own")
    data = ClipTable.from_folder(tmp_path / "own", HAND)
    assert data.names == ["clap/0", "wave/1"]
    assert ClipTable.from_unlabeled(tmp_path / "own", HAND).names == ["clap/0", "wave/1"]


def test_deeper_folders_do_not_vanish(tmp_path):
    save(tmp_path, "wave/0.npy", "wave/day1/1.npy", "2.npy")
    with pytest.warns(UserWarning, match=r"2 of 3 clips are not <label>/\*.npy and are left out"):
        assert ClipTable.from_folder(tmp_path, HAND).names == ["wave/0"]
    save(tmp_path / "deep", "train/wave/0.npy")
    with pytest.raises(FileNotFoundError, match=r"no files <label>/\*.npy, only train/wave/0"):
        ClipTable.from_folder(tmp_path / "deep", HAND)


def test_a_csv_file_is_text(tmp_path):
    save(tmp_path, "a.npy", "b.npy", "c.npy", "d.npy")
    (tmp_path / "table.csv").write_text(
        "file,label,name,split,persons\n"
        "a.npy,None,0012,0,\nb.npy,NA,0013,1,1.0\nc.npy,null,0014,1,\nd.npy,NA,1e3,0,\n"
    )
    data = ClipTable(tmp_path / "table.csv", HAND, split="1", classes=["NA", "None", "null"])
    assert (data.names, data.labels.tolist()) == (["0013", "0014"], [0, 2])
    test = ClipTable.open(tmp_path / "table.csv", "test", layout=layout(tmp_path), fold="0")
    train = ClipTable.open(tmp_path / "table.csv", "train", layout=layout(tmp_path), fold="0")
    assert (test.names, train.names) == (["0012", "1e3"], ["0013", "0014"])
    assert test.classes == train.classes == ["NA", "None", "null"]
    with pytest.raises(ValueError, match="has no clip of the fold '2' in a column split"):
        ClipTable.open(tmp_path / "table.csv", "test", layout=layout(tmp_path), fold="2")


def test_tables_with_folds_as_numbers(tmp_path):
    save(tmp_path, "a.npy", "b.npy")
    table = pd.DataFrame({"file": ["a.npy", "b.npy"], "label": ["x", "y"], "split": [0, 1]})
    assert ClipTable(table, HAND, split="1", root=tmp_path).names == ["b"]


def test_two_clips_of_one_name(tmp_path):
    save(tmp_path, "a.npy", "a.txt")
    table = pd.DataFrame({"file": ["a.npy", "a.txt"], "label": ["x", "y"]})
    with pytest.raises(ValueError, match="two clips of the name 'a', in rows 0 and 1; the column"):
        ClipTable(table, HAND, root=tmp_path)
    table["name"] = ["first", "second"]
    assert ClipTable(table, HAND, root=tmp_path).names == ["first", "second"]


@pytest.fixture
def keypoints(tmp_path):
    """Clips of x and y in pixels, and scores."""
    for number in range(3):
        clip = clip_of(number, 20, 17, 3) * 20 + 400
        clip[..., 2] = np.random.default_rng(number).random((20, 17))
        np.save(tmp_path / f"{number}.npy", clip)
    return pd.DataFrame({"file": [f"{n}.npy" for n in range(3)], "label": ["a", "b", "a"]})


@pytest.mark.filterwarnings("ignore:the joints seem to be in another order")  # they are noise
def test_scores_are_no_depth(tmp_path, keypoints):
    with pytest.raises(ValueError, match=r"seem to be in pixels, up to .* expected image_size=\(w"):
        ClipTable(keypoints, "coco17", root=tmp_path)
    assert not ClipTable(keypoints, "coco17", root=tmp_path, planar=False).planar
    data = ClipTable(keypoints, "coco17", root=tmp_path, image_size=(640, 480))
    assert data.planar
    assert data.unit == "px"
    assert data[1].image_size.tolist() == [[640, 480]]
    data.transform = data.preparation(num_frames=12)
    out = data[1].x
    assert out.shape == (17, 12, 3)
    raw = data.clip(1)[0, :, :, 2]
    assert torch.isin(out[..., 2], raw).all()  # scores are as they were
    assert out[..., :2].abs().max() < 3
    with pytest.raises(ValueError, match=r"expected image_size=\(width, height\) in pixels, got"):
        ClipTable(keypoints, "coco17", root=tmp_path, image_size=(0, 480))


@pytest.mark.filterwarnings("ignore:the joints seem to be in another order")
def test_pictures_of_several_sizes(tmp_path, keypoints):
    table = keypoints.assign(width=[640, 1280, 640], height=[480, 720, 480])
    data = ClipTable(table, "coco17", root=tmp_path)
    assert [d.image_size.tolist() for d in data] == [[[640, 480]], [[1280, 720]], [[640, 480]]]
    assert data[torch.tensor([1])][0].image_size.tolist() == [[1280, 720]]
    table.to_csv(tmp_path / "table.csv", index=False)
    assert ClipTable(tmp_path / "table.csv", "coco17")[1].image_size.tolist() == [[1280, 720]]
    with pytest.raises(ValueError, match="the width x and height 720 in row 1, expected pixels"):
        ClipTable(table.assign(width=[640, "x", 640]), "coco17", root=tmp_path)


def test_shares_of_a_picture(tmp_path):
    clip = np.random.default_rng(0).random((20, 17, 3))
    np.save(tmp_path / "0.npy", clip)
    table = pd.DataFrame({"file": ["0.npy"], "label": ["a"]})
    data = ClipTable(table, "coco17", root=tmp_path, planar=True)
    data.transform = data.preparation(num_frames=20)
    torch.testing.assert_close(data[0].x, torch.from_numpy(clip).float().transpose(0, 1))


def test_lost_joints_are_filled(tmp_path):
    clip = clip_of(0, 6, 4, 3)
    whole = clip.copy()
    clip[2:4, 1, 0] = np.nan  # one channel of a joint
    clip[0, 3] = np.nan
    np.save(tmp_path / "a.npy", clip)
    table = pd.DataFrame({"file": ["a.npy"], "label": ["x"]})
    data = ClipTable(table, HAND, root=tmp_path, missing="fill")[0].x
    line = whole[1, 1] + (whole[4, 1] - whole[1, 1]) * np.array([[1], [2]]) / 3
    np.testing.assert_allclose(data[1, 2:4], line, rtol=1e-5)
    np.testing.assert_array_equal(data[3, 0], whole[1, 3])
    np.testing.assert_array_equal(data[0], whole[:, 0])
    clip[:, 2] = np.nan
    np.save(tmp_path / "a.npy", clip)
    with pytest.raises(ValueError, match=r"a.npy: person 0, joint 2 is missing in all frames"):
        ClipTable(table, HAND, root=tmp_path, missing="fill")


def test_persons_of_whom_one_acts(tmp_path):
    clip = 0.01 * clip_of(0, 3, 30, 4, 3) + np.arange(3).reshape(3, 1, 1, 1)
    clip[1] += np.sin(np.arange(30)).reshape(30, 1, 1)
    np.save(tmp_path / "a.npy", clip)
    table = pd.DataFrame({"file": ["a.npy"], "label": ["x"]})
    data = ClipTable(table, HAND, root=tmp_path, num_persons=1)
    assert data.num_persons == 1
    assert data[0].num_persons == 3
    chain = data.preparation(num_frames=30)
    out = chain(data[0])
    assert out.num_persons == 1
    assert out.x.std() > 0.3
    first = ClipTable(table, HAND, root=tmp_path, num_persons=1, persons="position")
    assert first.preparation(num_frames=30)(first[0]).x.std() < 0.3


# Several classes, and scores ######################################################################


def test_several_classes_of_a_clip(root):
    dataset = ClipTable(table_of(label=["a; b", "c", "b"]), HAND, root=root)
    assert (dataset.target, dataset.classes) == ("classes", ["a", "b", "c"])
    assert dataset.labels.tolist() == [[1, 1, 0], [0, 0, 1], [0, 1, 0]]
    assert dataset[0].y.tolist() == [[1, 1, 0]]
    assert dataset[[2, 0]].labels.tolist() == [[0, 1, 0], [1, 1, 0]]
    dataset.transform = TemporalResize(8)
    assert next(iter(SkeletonLoader(dataset, 3))).y.shape == (3, 3)
    prepared = prepare_clips(dataset)
    assert (prepared.target, prepared[1].y.tolist()) == ("classes", [[0, 0, 1]])
    numbers = ClipTable(table_of(label=["0;3", "1", "3"]), HAND, root=root)
    assert numbers.labels.tolist() == [[1, 0, 0, 1], [0, 1, 0, 0], [0, 0, 0, 1]]
    named = ClipTable(table_of(label=["b;a", "a", "b"]), HAND, classes=["b", "a"], root=root)
    assert named.labels.tolist() == [[1, 1], [0, 1], [1, 0]]


def test_the_classes_are_those_of_all_splits(root):
    table = table_of(label=["a", "b;c", "a"], split=["test", "train", "train"])
    test = ClipTable(table, HAND, "test", root=root)
    assert (test.target, test.labels.tolist()) == ("classes", [[1, 0, 0]])


def test_the_target_can_be_named(root):
    table = table_of(label=["a;b", "c", "c"], score=["1", "2.5", "-3"])
    one = ClipTable(table, HAND, root=root, target="class")
    assert (one.classes, one.labels.tolist()) == (["a;b", "c"], [0, 1, 1])
    several = ClipTable(table_of(), HAND, root=root, target="classes")
    assert (several.classes, several.labels.tolist()) == (["c", "w"], [[0, 1], [0, 1], [1, 0]])
    score = ClipTable(table, HAND, root=root, target="score")
    assert (score.target, score[1].y.tolist()) == ("score", [[2.5]])
    assert "scores" in repr(score)


def test_scores_from_a_csv_file(root, tmp_path):
    layout = tmp_path / "hand.yaml"
    HAND.to_yaml(layout)
    table = table_of(score=[1, 2, 3], split=["train", "train", "test"]).drop(columns="label")
    table.to_csv(root / "scores.csv", index=False)
    train = ClipTable.open(root / "scores.csv", "train", layout=str(layout))
    assert (train.classes, train.labels.tolist()) == (["score"], [[1.0], [2.0]])
    store = ClipTable(root / "scores.csv", HAND, store=tmp_path / "store", progress=False)
    assert store.labels.tolist() == [[1.0], [2.0], [3.0]]


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        ({"label": ["a;;b", "c", "c"]}, {}, "the label 'a;;b' in row 0, expected classes between"),
        ({"label": ["c", "a;", "c"]}, {}, "the label 'a;' in row 1"),
        ({"label": ["0;1", "2", "5"]}, {"classes": ["a", "b", "c"]}, "label 5 in row 2"),
        ({"label": ["a;b", "c", "c"]}, {"classes": ["a", "b"]}, "label 'c', which is not in cla"),
        ({}, {"target": "classes", "classes": ["c", "w", "x;y"]}, "class 'x;y' contains ;"),
        ({}, {"target": "score"}, "the table has no column 'score'"),
        ({"score": ["1", "", "2"]}, {"target": "score"}, "has no score in row 1"),
        ({"score": ["1", "2", "inf"]}, {"target": "score"}, "the score 'inf' in row 2"),
        ({"score": ["1", "good", "2"]}, {"target": "score"}, "the score 'good' in row 1"),
        ({}, {"target": "rank"}, "target must be 'class', 'classes' or 'score', got 'rank'"),
    ],
)
def test_labels_that_do_not_fit(root, columns, options, message):
    with pytest.raises(ValueError, match=message):
        ClipTable(table_of(**columns), HAND, root=root, **options)


def test_what_needs_one_class(root):
    several = ClipTable(table_of(label=["a;b", "c", "c"]), HAND, root=root)
    with pytest.raises(ValueError, match="a selection of classes needs one class of each clip, th"):
        select_classes(several, ["a"])
    with pytest.raises(ValueError, match="motion prediction needs one class of each clip"):
        ClipMotion(several, Chain([]), 3, 1)
    with pytest.raises(ValueError, match="clustering needs one class of each clip"):
        CrossDomainTask("own", several, several, several, HAND, 2)
