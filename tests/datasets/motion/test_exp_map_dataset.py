import re
import shutil
import warnings

import numpy as np
import pytest
import torch
from torch.utils.data import WeightedRandomSampler

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.datasets import CMUMocap, ExpMapDataset, Human36MExpMap

WALK = "train/walking/walking_{}.txt".format
TEST = "test/walking/walking_1.txt"


def quiet(function, *args, **kwargs):
    """The data set without its warnings, and the warnings."""
    with pytest.warns(UserWarning, match="CMUMocap") as caught:
        dataset = function(*args, **kwargs)
    return dataset, [str(warning.message) for warning in caught]


def test_missing_files_are_named_once_each(make_cmu):
    root = make_cmu({WALK(1): 200, WALK(3): 200, TEST: 200})
    train, messages = quiet(CMUMocap, root)
    assert len(messages) == 1
    assert messages[0].startswith(f"CMUMocap: 38 of 40 train files are missing in {root}: ")
    assert f"{WALK(2)}, {WALK(4)}, {WALK(5)}, train/running/running_1.txt" in messages[0]
    assert messages[0].endswith(" and 26 more")
    assert len(train.missing_files) == 38
    assert train.missing_actions == list(train.actions[1:])

    test, messages = quiet(CMUMocap, root, "test")
    assert [message[:24] for message in messages] == [
        "CMUMocap: 7 of 8 test fi",
        "CMUMocap: 38 of 40 train",
    ]
    assert len(test) == 8

    test, messages = quiet(CMUMocap, root, "test", statistics_from=train)
    assert len(messages) == 1


def test_the_warning_points_to_the_caller(make_cmu):
    with pytest.warns(UserWarning, match="missing") as caught:
        CMUMocap(make_cmu({WALK(1): 200}))
    assert caught[0].filename == __file__


@pytest.mark.parametrize("kind", [CMUMocap, Human36MExpMap])
@pytest.mark.parametrize("split", ["train", "test"])
def test_wrong_root(tmp_path, kind, split):
    looked_for = "S1/walking_1.txt" if kind is Human36MExpMap else WALK(1)
    for root, problem in [
        (tmp_path, "has none of the files"),
        (tmp_path / "nowhere", "is not a directory with the files"),
    ]:
        with pytest.raises(FileNotFoundError) as error:
            kind(root, split)
        assert str(error.value).startswith(f"{root}: {problem} {looked_for}, ")
        assert "\n" not in str(error.value)
    assert not any(tmp_path.iterdir())


def test_a_split_without_files(make_cmu):
    root = make_cmu({TEST: 200})
    with pytest.raises(
        FileNotFoundError, match=re.escape(f"has no train file, looked for {WALK(1)}")
    ):
        CMUMocap(root)
    with (
        pytest.warns(UserWarning, match="7 of 8 test files"),
        pytest.raises(FileNotFoundError, match="has no train file"),
    ):
        CMUMocap(root, "test")  # no statistics


@pytest.mark.filterwarnings("ignore:CMUMocap. .* files are missing")
def test_a_damaged_file(make_cmu):
    root = make_cmu({WALK(1): 200, WALK(2): 200, TEST: 200})
    path = root / WALK(2)
    lines = path.read_text().splitlines(keepends=True)
    for broken, message in [
        (lines[40].replace(",", ";", 1), ":41: column 1 is not a finite number"),
        (lines[40].replace(",", ",nan,", 1), ":41: column 2 is not a finite number: 'nan'"),
        (",".join(["0"] * 116) + "\n", ":41: expected 117 columns, got 116"),
    ]:
        path.write_text("".join([*lines[:40], broken, *lines[41:]]))
        for split in ("train", "test"):
            with pytest.raises(ValueError, match=re.escape(f"{path}{message}")):
                CMUMocap(root, split)


@pytest.mark.filterwarnings("ignore:CMUMocap. .* files are missing")
def test_twins_across_the_splits_are_named(make_cmu):
    root = make_cmu({WALK(1): 200, WALK(2): 200, TEST: 200})
    shutil.copy(root / TEST, root / WALK(2))
    with pytest.warns(UserWarning, match=re.escape(f"{WALK(2)} = {TEST}")) as caught:
        train = CMUMocap(root)
    assert "the test is in the training data" in str(caught[-1].message)
    with pytest.warns(UserWarning, match=re.escape(f"{WALK(2)} = {TEST}")):
        CMUMocap(root, "test")
    assert len(quiet(CMUMocap, root, "test", statistics_from=train)[1]) == 1


@pytest.mark.filterwarnings("ignore:CMUMocap. .* files are missing")
def test_recordings_shorter_than_a_window_are_left_out(make_cmu):
    root = make_cmu({WALK(1): 200, WALK(2): 150, WALK(3): 151, TEST: 150})
    with pytest.warns(UserWarning, match="left out") as caught:
        train = CMUMocap(root)
    assert str(caught[-1].message).endswith(f"left out: {WALK(2)}")
    assert train.windows[:, 0].unique().tolist() == [0, 2]
    assert len(train) == 26
    with (
        pytest.warns(UserWarning, match=f"left out: {TEST}"),
        pytest.raises(ValueError, match="no test recording of CMUMocap is as long as a window"),
    ):
        CMUMocap(root, "test")


def test_fewer_observed_frames_are_the_last_of_the_fifty(cmu_root):
    """The literature's windows stay, and with them what has to be predicted."""
    full = CMUMocap(cmu_root, "test")
    short = CMUMocap(cmu_root, "test", num_observed=10, statistics_from=full)
    assert torch.equal(short.windows[:, 1], full.windows[:, 1] + 40)
    for i in range(0, len(full), 7):
        assert torch.equal(short[i].x, full[i].x[:, 40:])
        assert torch.equal(short[i].target, full[i].target)


def test_the_sturdy_protocol_begins_like_the_literature(cmu_root):
    literature = CMUMocap(cmu_root, "test")
    sturdy = CMUMocap(cmu_root, "test", protocol="sturdy", statistics_from=literature)
    assert (literature.num_windows, sturdy.num_windows) == (8, 256)
    assert len(sturdy) == 8 * 256
    assert torch.equal(sturdy.windows.view(8, 256, 2)[:, :8].flatten(0, 1), literature.windows)
    long = CMUMocap(
        cmu_root, "test", 60, 10, protocol="sturdy", num_windows=3, statistics_from=literature
    )
    assert len(long) == 24
    assert long[0].x.shape == (26, 60, 3)


def test_window_weights_draw_a_recording_evenly_then_a_start_evenly(cmu_root):
    dataset = CMUMocap(cmu_root)
    weights = dataset.window_weights()
    assert weights.shape == (len(dataset),)
    files = dataset.windows[:, 0]
    share = torch.zeros(40).double().index_add(0, files, weights)
    assert torch.allclose(share, torch.full((40,), 1 / 40).double())
    for which in range(40):
        assert weights[files == which].unique().numel() == 1

    subset = dataset[files % 2 == 0]
    share = torch.zeros(40).double().index_add(0, subset.windows[:, 0], subset.window_weights())
    assert torch.allclose(share[::2], torch.full((20,), 1 / 20).double())
    assert share[1::2].sum() == 0


def test_clips_are_views_of_the_recordings(cmu_root):
    dataset = CMUMocap(cmu_root)
    storages = {clip.untyped_storage().data_ptr() for clip in dataset._clips}
    assert len(storages) == 40
    assert dataset[7].x.untyped_storage().data_ptr() in storages


@pytest.mark.parametrize("num_workers", [0, 1])
def test_batches(cmu_root, num_workers):
    dataset = CMUMocap(cmu_root)
    generator = torch.Generator().manual_seed(0)
    sampler = WeightedRandomSampler(dataset.window_weights(), 12, generator=generator)
    loader = SkeletonLoader(dataset, batch_size=4, sampler=sampler, num_workers=num_workers)
    batches = list(loader)
    assert len(batches) == 3
    assert batches[0].x.shape == (4 * 26, 50, 3)
    assert batches[0].target.shape == (4 * 26, 25, 3)
    assert batches[0].y.shape == (4,)


def test_every_column_of_every_node(cmu_root):
    """A recording in which each number tells its row and column."""
    dataset = CMUMocap(cmu_root, skeleton="cmu38")
    assert dataset._columns.tolist() == [[3 * j + 3, 3 * j + 4, 3 * j + 5] for j in range(38)]
    clip = dataset._joints_first(np.arange(5.0 * 38 * 3).reshape(5, 38, 3))
    moving = ~dataset.constant
    assert clip[:, 2][moving].tolist() == (torch.arange(114) + 228).view(38, 3)[moving].tolist()
    assert torch.equal(clip[:, 2][~moving], dataset.statistics[0][~moving])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"split": "dev"}, "unknown split 'dev', expected one of train, val, test"),
        ({"protocol": "x"}, "unknown protocol 'x', expected one of literature, sturdy"),
        ({"num_observed": 0}, "num_observed must be at least 1, got 0"),
        ({"num_future": -1}, "num_future must be at least 0, got -1"),
        ({"num_windows": 9}, "protocol 'literature' means num_windows=8, got 9"),
        ({"num_windows": 0, "protocol": "sturdy"}, "num_windows must be at least 1, got 0"),
        ({"split": "test", "num_observed": 51}, "observes at most 50 frames, got 51"),
        ({"skeleton": "ntu25"}, "'cmu38' has no joint"),
    ],
)
def test_wrong_arguments(cmu_root, arguments, message):
    with pytest.raises(ValueError, match=message):
        CMUMocap(cmu_root, **arguments)


def test_statistics_of_another_data_set(cmu_root):
    other = CMUMocap(cmu_root, skeleton="cmu38")
    with pytest.raises(
        ValueError, match="must be a CMUMocap with the skeleton 'cmu26', got CMUMocap"
    ):
        CMUMocap(cmu_root, "test", statistics_from=other)


def test_a_subclass_names_its_files(cmu_root):
    class Nothing(ExpMapDataset):
        actions = ("walking",)
        file_layout = "cmu38"

    with pytest.raises(TypeError, match="Nothing does not say which files it has"):
        Nothing(cmu_root, "train", 50, 25, "cmu26", "literature", None, None, None)


@pytest.mark.parametrize(("layout", "exclude"), [("h36m21", [0]), ("h36m20", [])])
def test_the_metric_leaves_out_the_rotation_of_the_root(layout, exclude, h36m_root):
    """Only the pelvis holds it; `lower_back`, the root of the other tree, counts."""
    pytest.importorskip("torchmetrics")
    from pyg_skeleton.metrics import MeanAngleError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = Human36MExpMap(h36m_root, "train", num_future=10, skeleton=layout)
    metric = MeanAngleError(**dataset.angle_error_options())
    assert metric.exclude == exclude
    assert metric.actions == list(Human36MExpMap.actions)
    assert metric.frames == [1, 3, 7, 9]
    assert torch.equal(metric.constant, dataset.constant)
    assert not metric.state_dict()


def test_the_last_recording_of_each_action_is_held_out(cmu_root):
    whole = CMUMocap(cmu_root, "train")
    train = CMUMocap(cmu_root, "train", held_out=True)
    val = CMUMocap(cmu_root, "val", held_out=True, statistics_from=train)
    last = {file.action: file.name for file in whole.files}
    assert [file.name for file in val.files] == list(last.values())
    assert {f.name for f in train.files} == {f.name for f in whole.files} - set(last.values())
    windows = sum(
        1 for which, _ in whole.windows.tolist() if whole.files[which].name in last.values()
    )
    assert abs(len(val) - windows / 8) < 1
    with pytest.raises(ValueError, match="the split 'val' needs held_out=True"):
        CMUMocap(cmu_root, "val")
