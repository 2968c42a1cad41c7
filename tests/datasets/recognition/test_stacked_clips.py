import pickle

import numpy as np
import pytest
import torch

from pyg_skeleton.datasets import StackedClips
from pyg_skeleton.datasets.registry import RECOGNITION, open_corpus
from pyg_skeleton.skeleton import Skeleton

BODY = Skeleton("hand", ["wrist", "thumb", "index", "ring"], [(1, 0), (2, 0), (3, 0)], 0)


@pytest.fixture
def root(tmp_path):
    """Four clips, one of them without a person, of 9 frames at most and one or two persons."""
    x = np.random.default_rng(0).normal(size=(4, 3, 9, 4, 2)).astype(np.float32)
    x[0, :, 6:] = 0
    x[1, ..., 1] = 0
    x[3] = 0
    np.save(tmp_path / "train_data_joint.npy", x)
    labels = (["a", "b", "c", "d"], [0, 1, 0, 1])
    (tmp_path / "train_label.pkl").write_bytes(pickle.dumps(labels))
    np.save(tmp_path / "val_data_joint.npy", x[:1])
    (tmp_path / "val_label.pkl").write_bytes(pickle.dumps((["e"], [2])))
    return tmp_path, x


@pytest.mark.filterwarnings("ignore:.* are left out:UserWarning")
def test_clips_without_their_padding(root):
    path, x = root
    with pytest.warns(UserWarning, match="1 of 4 clips have no person and are left out: d$"):
        data = StackedClips(path, "train", BODY)
    assert (data.names, data.labels.tolist()) == (["a", "b", "c"], [0, 1, 0])
    assert data.classes == StackedClips(path, "test", BODY).classes == ["0", "1", "2"]
    assert [d.num_persons for d in data] == [2, 1, 2]
    assert [d.num_frames for d in data] == [6, 9, 9]
    expected = torch.from_numpy(x[1, :, :, :, 0]).permute(2, 1, 0)
    assert torch.equal(data[1].x, expected)
    data.transform = data.preparation(num_frames=8)
    assert data[0].x.shape == (8, 8, 3)


def test_by_name(root):
    BODY.to_yaml(root[0] / "hand.yaml")
    data = open_corpus(RECOGNITION, "stacked", root[0], "test", layout=str(root[0] / "hand.yaml"))
    assert (data.names, data.labels.tolist()) == (["e"], [2])
    with pytest.raises(ValueError, match="split must be 'train' or 'test', got 'val'"):
        StackedClips(root[0], "val", BODY)


def test_numbers_that_are_no_coordinates(root):
    path, x = root
    x[0, 1, 2, 3, 0] = 1e20
    np.save(path / "val_data_joint.npy", x[:1])
    with pytest.raises(ValueError, match=r"clip 'e': the number at \[0, 2, 3, 1\] is 1e\+20"):
        StackedClips(path, "test", BODY)
