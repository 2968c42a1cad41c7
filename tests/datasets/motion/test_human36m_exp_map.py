import pytest
import torch

from pyg_skeleton.datasets import Human36MExpMap
from pyg_skeleton.io import read_exp_map, write_exp_map
from pyg_skeleton.skeleton import Skeleton

pytestmark = pytest.mark.filterwarnings(
    "ignore:Human36MExpMap. 172 of 180 train files are missing",
    "ignore:Human36MExpMap. 26 of 30 test files are missing",
)

# The first column of each of the 21 joints.
FIRST = [3, 6, 9, 12, 15, 21, 24, 27, 30, 36, 39, 42, 45, 51, 54, 57, 60, 75, 78, 81, 84]


@pytest.mark.parametrize("inside", ["", "dataset"])
def test_train_split(h36m_root, inside):
    dataset = Human36MExpMap(h36m_root / inside)
    assert [file.name for file in dataset.files][:3] == [
        "S1/walking_1.txt",
        "S1/walking_2.txt",
        "S1/eating_1.txt",
    ]
    lengths = [clip.size(1) for clip in dataset._clips]
    assert lengths == [96] * 8
    assert len(dataset) == sum(length - 75 - 16 for length in lengths)
    assert dataset.windows[:, 1].min() == 16
    assert dataset.num_classes == 15
    assert dataset.classes[-1] == "walkingtogether"
    assert len(dataset.missing_files) == 172


@pytest.mark.parametrize(("skeleton", "first"), [("h36m21", FIRST), ("h36m20", FIRST[1:])])
def test_items_are_the_rows_of_the_file(h36m_root, skeleton, first):
    dataset = Human36MExpMap(h36m_root, "test", skeleton=skeleton)
    assert [dataset[i].y.item() for i in range(16)] == [0] * 8 + [1] * 8
    for i in (0, 1, 15):
        which, start = dataset.windows[i].tolist()
        file = dataset.files[which]
        assert file.name == f"S5/{'walking' if i < 8 else 'eating'}_{i % 2 + 1}.txt"
        table = read_exp_map(h36m_root / "dataset" / file.name)[::2][start : start + 75]
        expected = torch.stack([torch.from_numpy(table[:, c : c + 3]) for c in first]).float()
        assert torch.allclose(dataset[i].x, expected[:, :50], atol=1e-7)
        assert torch.allclose(dataset[i].target, expected[:, 50:], atol=1e-7)


def test_windows_of_the_literature(tmp_path):
    """Both recordings have a length for which the literature's draws are known."""
    for subject, trial in ((1, 1), (5, 1), (5, 2)):
        (tmp_path / f"S{subject}").mkdir(exist_ok=True)
        table = torch.zeros(2 * 1500 if subject == 5 else 200, 99)
        write_exp_map(tmp_path / f"S{subject}/smoking_{trial}.txt", table)
    with pytest.warns(UserWarning, match="files are missing"):
        dataset = Human36MExpMap(tmp_path, "test", num_future=10)
    assert dataset.windows.tolist() == [
        [0, 1087], [1, 1180], [0, 1329], [1, 955], [0, 1145], [1, 332], [0, 660], [1, 304],
    ]  # fmt: skip


def test_an_action_needs_both_recordings(tmp_path, h36m_root, h36m_rows):
    for name in h36m_rows:
        if name != "S5/eating_1.txt":
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).symlink_to(h36m_root / "dataset" / name)
    with pytest.warns(UserWarning, match="27 of 30 test files are missing"):
        dataset = Human36MExpMap(tmp_path, "test")
    assert dataset.missing_actions == [a for a in dataset.actions if a != "walking"]
    assert len(dataset) == 8


def test_constant_components_are_the_mean_in_the_test_too(h36m_root):
    dataset = Human36MExpMap(h36m_root, "test")
    mean, std = dataset.statistics
    assert mean[1, 1].item() == 0.25
    assert std[dataset.constant].unique().tolist() == [1.0]
    assert dataset.constant.sum() == 63 - 4


def test_joints_of_the_facts():
    layout = Skeleton.get("h36m32")
    ids = [layout.joint_id(name) for name in Skeleton.get("h36m21").joints]
    assert ids == [0, 1, 2, 3, 4, 6, 7, 8, 9, 11, 12, 13, 14, 16, 17, 18, 19, 24, 25, 26, 27]
    assert [3 + 3 * joint for joint in ids] == FIRST
