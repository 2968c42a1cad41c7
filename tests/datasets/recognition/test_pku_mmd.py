import re
from collections import Counter

import numpy as np
import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.datasets import PKUMMD
from pyg_skeleton.datasets.recognition.pku_mmd import pku_persons

pytestmark = pytest.mark.filterwarnings("ignore:.* are left out:UserWarning")

# Video -> (its frames, the lines of its label file).
VIDEOS = {
    "0002-L": (60, ["1,1,20,2", "22,30,60,2", "51,50,41,1"]),
    "0002-M": (60, ["1,1,20,2"]),
    "0002-R": (60, ["14,11,40,2"]),
    "0007-L": (60, ["5,51,100,2"]),
    "0007-M": (420, ["6,10,400,2"]),
    "0007-R": (30, ["7,5,9,2", "8,20,29,2"]),
}


def table_of(video, count):
    table = np.random.default_rng(int(video[:4])).normal(0, 1, (count, 150)).round(6)
    table[:, 0] = np.arange(count)  # The number of the frame as x of the first joint.
    table[:, 75:] = 0.0
    if video == "0002-R":  # A second person from frame 21 on (from 1).
        table[20:, 75:] = table[20:, :75] + 1
    if video == "0007-R":
        table[:15] = 0.0
    return table


def write_corpus(root, videos=VIDEOS, suffix="txt"):
    skeletons, labels = root / "PKU_Skeleton_Renew", root / "Train_Label_PKU_final"
    skeletons.mkdir(parents=True)
    labels.mkdir()
    for video, (count, lines) in videos.items():
        rows = table_of(video, count)
        text = "".join(" " + " ".join(f"{v:.6f}" for v in row) + "\n" for row in rows)
        (skeletons / f"{video}.{suffix}").write_text(text)
        (labels / f"{video}.{suffix.replace('skeleton', 'label')}").write_text("\n".join(lines))
    split = root / "Split"
    split.mkdir()
    for name, test in (("subject", "0007"), ("view", "L")):
        parts = [[v for v in VIDEOS if (test in v) == t] for t in (False, True)]
        (split / f"cross-{name}.txt").write_text(
            f"Training videos:\n{', '.join(parts[0])},\nValidataion videos: \n{', '.join(parts[1])}"
        )
    return root


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("pku"))


def make(root, *args, **kwargs):
    return PKUMMD(root, *args, num_workers=0, progress=False, **kwargs)


def test_splits(root):
    with pytest.warns(UserWarning, match="clips have no person and are left out: 0007-R-000.5-9$"):
        by = {(b, s): make(root, b, s) for b in ("xsub", "xview") for s in ("train", "test")}
    videos = {key: Counter(name[:6] for name in data.names) for key, data in by.items()}
    assert videos["xsub", "train"] == {"0002-L": 3, "0002-M": 1, "0002-R": 1}
    # Nobody is seen in the first action of 0007-R.
    assert videos["xsub", "test"] == {"0007-L": 1, "0007-M": 1, "0007-R": 1}
    assert videos["xview", "test"] == {"0002-L": 3, "0007-L": 1}
    assert by["xsub", "train"].missing == ["0007-R-000.5-9"]
    assert by["xsub", "train"].num_classes == 51
    data = by["xsub", "train"]
    assert [data.classes[label] for label in data.labels[:3]] == ["bow", "pickup", "writing"]
    assert len({data._clips.clips.path for data in by.values()}) == 1


def test_frames(root):
    train = make(root, transform=None)

    def frames(name):
        return train[train.names.index(name)].x[0, :, 0].int().tolist()

    # Lines count from 1 and include both ends.
    assert frames("0002-L-000.1-20") == list(range(20))
    assert frames("0002-L-001.30-60") == list(range(29, 60))
    # Swapped in the file.
    assert frames("0002-L-002.41-50") == list(range(40, 50))
    test = make(root, split="test", transform=None)
    # Goes on after the end of the video.
    assert test[0].x[0, :, 0].int().tolist() == list(range(50, 60))
    # The middle of 391 frames.
    assert test[1].x[0, :, 0].int().tolist() == list(range(9 + 45, 9 + 45 + 300))
    assert make(root, split="test", transform=None, max_frames=10).clip(1).shape[2] == 10


def test_persons(root):
    data = make(root, transform=None)
    two = data[[name[:6] for name in data.names].index("0002-R")]
    assert two.num_persons == 2
    second = two.x[25:]
    assert (second[:, :10] == 0).all()
    torch.testing.assert_close(second[:, 10:], two.x[:25, 10:] + 1)
    joints = np.zeros((2, 6, 25, 3), np.float32)
    assert pku_persons(joints, 300) is None
    joints[1, [1, 4]] = 1.0
    # Only the second one is there, and frames without anybody are left out.
    assert pku_persons(joints, 300).shape == (1, 25, 2, 3)


def test_default_chain_and_batches(root):
    data = make(root)
    batch = next(iter(SkeletonLoader(data, batch_size=len(data))))
    assert batch.x.shape == (25 * 6, 50, 3)
    assert batch.x.view(6, 25, 50, 3)[:, 20].abs().max() < 1e-6


def test_other_suffix_and_store_alone(tmp_path):
    root = write_corpus(tmp_path / "pku", suffix="skeleton")
    names = make(root).names
    for file in (root / "PKU_Skeleton_Renew").iterdir():
        file.unlink()
    assert make(root).names == names


def test_missing_files(tmp_path):
    root = write_corpus(tmp_path / "pku", {k: v for k, v in VIDEOS.items() if k != "0002-M"})
    with pytest.warns(UserWarning, match=r"1 of 3 train videos of xsub are missing: 0002-M"):
        data = make(root)
    assert data.missing_videos == ["0002-M"]
    (root / "Train_Label_PKU_final" / "0002-L.txt").unlink()
    with pytest.raises(FileNotFoundError, match=r"has no labels of 1 videos: 0002-L"):
        make(root)
    (root / "Split" / "cross-view.txt").unlink()
    with pytest.raises(FileNotFoundError, match=r"has no cross-view\.txt"):
        make(root, "xview")


def test_other_labels_make_another_store(tmp_path):
    root = write_corpus(tmp_path / "pku")
    before = make(root, transform=None).clip(0)
    (root / "Train_Label_PKU_final" / "0002-L.txt").write_text("1,1,10,2")
    assert make(root, transform=None).clip(0).size(2) == 10 < before.size(2)


def test_lying_labels(tmp_path):
    root = write_corpus(tmp_path / "pku", {"0002-L": (20, ["1,1,9,2", "2,30,40,2"])})
    where = re.escape(str(root / "Train_Label_PKU_final" / "0002-L.txt"))
    with pytest.raises(ValueError, match=where + r":2: begins in frame 30, .*0002-L\.txt has 20"):
        make(root)


def test_refusals(root, tmp_path):
    with pytest.raises(ValueError, match=r"expected one of 'xsub', 'xview'.*got 'xset' and"):
        make(root, "xset")
    with pytest.raises(ValueError, match=r"got 'xsub' and 'val'"):
        make(root, split="val")
    with pytest.raises(ValueError, match=r"max_frames must be at least 1"):
        make(root, max_frames=0)
    with pytest.raises(ValueError, match=r"callable or 'codt', got 'ctrgcn'"):
        make(root, transform="ctrgcn")
    (tmp_path / "cross-subject.txt").write_text((root / "Split" / "cross-subject.txt").read_text())
    with pytest.raises(FileNotFoundError, match=r"has no video of PKU-MMD"):
        make(tmp_path)
