import pickle

import numpy as np
import pytest

from pyg_skeleton.io import count_stacked_classes, read_stacked_clips


@pytest.fixture
def joints():
    return np.random.default_rng(0).normal(size=(5, 2, 7, 4, 3)).astype(np.float32)


@pytest.fixture
def folder(tmp_path, joints):
    """As ST-GCN's code writes them: [N, C, T, V, M], and a pair of names and labels."""
    for word, part, labels in (("train", joints[:3], [0, 2, 1]), ("val", joints[3:], [3, 0])):
        np.save(tmp_path / f"{word}_data.npy", part.transpose(0, 4, 2, 3, 1))
        names = [f"S001A00{label}.skeleton" for label in labels]
        (tmp_path / f"{word}_label.pkl").write_bytes(pickle.dumps((names, labels)))
    return tmp_path


@pytest.fixture
def archive(tmp_path, joints):
    """As CTR-GCN's code writes them: [N, T, M * V * 3], and labels as rows with a 1."""
    flat = joints.transpose(0, 2, 1, 3, 4).reshape(5, 7, -1)
    y = np.eye(4)[[0, 2, 1, 3, 0]]
    path = tmp_path / "NTU_CS.npz"
    np.savez(path, x_train=flat[:3], y_train=y[:3], x_test=flat[3:], y_test=y[3:])
    return path


@pytest.mark.parametrize("form", ["folder", "archive"])
def test_both_forms(form, request, joints):
    path = request.getfixturevalue(form)
    train, test = (read_stacked_clips(path, split, 4) for split in ("train", "test"))
    np.testing.assert_array_equal(train.joints, joints[:3])
    np.testing.assert_array_equal(test.joints, joints[3:])
    assert (train.labels.tolist(), test.labels.tolist()) == ([0, 2, 1], [3, 0])
    assert count_stacked_classes(path) == 4
    expected = ["S001A003", "S001A000"] if form == "folder" else ["test_0", "test_1"]
    assert test.names == expected


def test_files_that_do_not_fit(folder, archive):
    with pytest.raises(ValueError, match=r"clips of 5 joints, got float32 \[3, 2, 7, 4, 3\]"):
        read_stacked_clips(folder, "train", 5)
    with pytest.raises(ValueError, match=r"x_train: expected \[N, T, M \* 5 \* 3\], got"):
        read_stacked_clips(archive, "train", 5)
    label = folder / "train_label.pkl"
    for content, message in (
        ([1, 2, 3], "expected a pair of names and labels"),
        ((["a", 2, "c"], [0, 1, 2]), "expected the names of clips in a list"),
        ((["a", "b", "c"], [0, 1, -1]), "expected a label from 0 for each clip, got int64"),
        ((["a", "b", "c"], [0, 1, 99_999_999_999]), "up to 1,000,000, got 99999999999"),
        ((["a", "b", "c"], [0, [1], 1]), "expected a label from 0 for each clip"),
        ((["a", "b"], [0, 1]), "each of 3 clips, got 2 names and 2 labels"),
    ):
        label.write_bytes(pickle.dumps(content))
        with pytest.raises(ValueError, match=message):
            read_stacked_clips(folder, "train", 4)
    label.unlink()
    with pytest.raises(FileNotFoundError, match=r"train_label\.pkl"):
        read_stacked_clips(folder, "train", 4)
    np.savez(archive, x_train=np.zeros((1, 2, 12)))
    with pytest.raises(ValueError, match="has no 'y_test', only 'x_train'"):
        read_stacked_clips(archive, "test", 4)
