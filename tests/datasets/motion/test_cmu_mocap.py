import re

import numpy as np
import pytest
import torch

from pyg_skeleton.datasets import CMUMocap
from pyg_skeleton.io import read_exp_map

# Facts of the data and of the protocol, for 25 predicted frames.
STARTS = {
    "walking": (180, [2, 102, 47, 12, 51, 33, 43, 60]),
    "running": (82, [2, 6, 4, 3, 1, 3, 1, 4]),
    "soccer": (299, [130, 102, 47, 140, 51, 33, 171, 105]),
    "basketball": (289, [130, 102, 47, 140, 51, 33, 171, 105]),
    "washwindow": (1377, [1071, 1164, 939, 1129, 316, 644, 288, 185]),
    "jumping": (1043, [386, 358, 47, 140, 819, 289, 939, 105]),
}
# The columns of the nodes that the literature keeps: whole joints with a moving component.
COLUMNS = [*range(9, 21), *range(27, 39), *range(42, 60), *range(66, 81), *range(84, 87)]
COLUMNS += [*range(93, 108), *range(111, 114)]
USED = "0-5,9-13,15-19,27-31,33-37,42-59,66-68,70-72,75-77,80,84-86,93-95,97-99,102-104,107,111-113"


def test_train_split(cmu_root, cmu_rows):
    dataset = CMUMocap(cmu_root)
    total = sum((rows + 1) // 2 - 75 for name, rows in cmu_rows.items() if name[:5] == "train")
    assert str(dataset) == f"CMUMocap('train', 'cmu26', windows={total}, recordings=40, classes=8)"
    assert len(dataset) == total
    assert dataset.num_classes == 8
    assert dataset.classes[0] == "walking"
    assert dataset.skeleton.name == "cmu26"
    assert dataset.fps == 25
    assert dataset.missing_files == []
    assert dataset.missing_actions == []


def test_items_are_the_rows_of_the_file(cmu_root):
    dataset = CMUMocap(cmu_root)
    for i in (0, 3, 10, len(dataset) - 1):
        which, start = dataset.windows[i].tolist()
        file = dataset.files[which]
        table = read_exp_map(cmu_root / file.name)[::2][start : start + 75, COLUMNS]
        expected = torch.from_numpy(table).float().view(75, 26, 3).transpose(0, 1)
        data = dataset[i]
        data.validate()
        assert torch.allclose(data.x, expected[:, :50], atol=1e-7)
        assert torch.allclose(data.target, expected[:, 50:], atol=1e-7)
        assert data.y.tolist() == [dataset.classes.index(file.action)]
        assert data.skeleton == "cmu26"


def test_nothing_is_written(cmu_root):
    before = sorted(cmu_root.rglob("*"))
    CMUMocap(cmu_root, "test")
    assert sorted(cmu_root.rglob("*")) == before


def test_other_lengths_and_layout(cmu_root):
    dataset = CMUMocap(cmu_root, num_observed=20, num_future=0, skeleton="cmu38")
    assert dataset[0].x.shape == (38, 20, 3)
    assert "target" not in dataset[0]
    assert len(dataset) > len(CMUMocap(cmu_root))


def test_transform(cmu_root):
    def double(data):
        data.x = data.x * 2
        return data

    plain, doubled = CMUMocap(cmu_root), CMUMocap(cmu_root, transform=double)
    assert torch.equal(doubled[5].x, plain[5].x * 2)


@pytest.fixture
def real(shared_dir):
    return shared_dir / "data/cmu_mocap"


@pytest.mark.filterwarnings("ignore:CMUMocap. 8 of 40 train files are missing")
def test_the_real_files(real):
    """Compares the data and the eight seeded windows with the documented facts."""
    with pytest.warns(UserWarning, match="2 of 8 test files are missing") as caught:
        dataset = CMUMocap(real, "test")
    assert "test/directing_traffic/directing_traffic_1.txt" in str(caught[0].message)
    assert dataset.missing_actions == ["directing_traffic", "basketball_signal"]
    starts = {dataset.files[i].action: [] for i in dataset.windows[:, 0].tolist()}
    for which, start in dataset.windows.tolist():
        starts[dataset.files[which].action].append(start)
    assert starts == {action: expected for action, (_, expected) in STARTS.items()}
    for file, clip in zip(dataset.files, dataset._clips, strict=True):
        assert clip.size(1) == STARTS[file.action][0]
    assert [dataset[i].y.item() for i in range(0, 48, 8)] == [0, 1, 3, 4, 5, 6]

    used = [int(n) for a in USED.split(",") for n in _span(a)]
    expected = torch.tensor([column not in used for column in COLUMNS]).view(26, 3)
    assert torch.equal(dataset.constant, expected)
    mean, std = dataset.statistics
    for data in dataset:
        for clip in (data.x, data.target):
            normal = (clip - mean[:, None]) / std[:, None]
            assert normal.transpose(0, 1)[:, expected].abs().max() == 0


def _span(text):
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


@pytest.mark.filterwarnings("ignore:CMUMocap. . of 8 test files are missing")
def test_statistics_are_over_all_rows_of_the_real_training_files(real):
    with pytest.warns(UserWarning, match=re.escape("8 of 40 train files are missing")):
        train = CMUMocap(real)
    rows = np.concatenate([read_exp_map(real / file.name) for file in train.files])[:, COLUMNS]
    mean, std = (value.flatten().numpy() for value in train.statistics)
    np.testing.assert_allclose(mean, rows.mean(0), atol=1e-6)
    moves = rows.std(0) >= 1e-4
    np.testing.assert_allclose(std, np.where(moves, rows.std(0), 1), rtol=1e-5)
    assert train.num_classes == 8
    assert train.missing_actions == ["washwindow"]

    test = CMUMocap(real, "test", statistics_from=train)
    assert torch.equal(test.statistics[0], train.statistics[0])
