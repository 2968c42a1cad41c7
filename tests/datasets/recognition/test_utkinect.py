import numpy as np
import pytest
import torch

from pyg_skeleton.datasets import UTKinect
from pyg_skeleton.io import read_utkinect

pytestmark = pytest.mark.filterwarnings("ignore:.* are left out:UserWarning")


@pytest.fixture
def utkinect(tmp_path, kinect_clip):
    (tmp_path / "joints").mkdir()
    text = ""
    for subject in (1, 2):
        clip = kinect_clip(subject, 30)
        numbers = np.arange(100, 160, 2)[:, None]
        rows = np.concatenate([numbers, clip.reshape(30, 60)], axis=1)
        np.savetxt(tmp_path / "joints" / f"joints_s0{subject}_e01.txt", rows, fmt="%.7g")
        text += (
            f"s0{subject}_e01\nwalk: 100 110\nclapHands: 113 158\ncarry: NaN NaN\npush: 900 9000\n"
        )
    text += "s03_e01\nwalk: 1 2\n"
    (tmp_path / "actionLabel.txt").write_text(text)
    return tmp_path


def test_utkinect(utkinect, kinect_clip):
    with pytest.warns(UserWarning, match=r"2 of .* are left out: s01_e01_push_900, s02_"):
        train = UTKinect(utkinect, progress=False)
    assert str(train) == "UTKinect('kinect20', clips=2, items=2, classes=10)"
    assert train.names == ["s01_e01_walk_100", "s01_e01_clapHands_113"]
    assert train.labels.tolist() == [0, 9]
    assert train.missing == ["s01_e01_push_900", "s02_e01_push_900"]
    clip = torch.from_numpy(kinect_clip(1, 30)).transpose(0, 1)
    torch.testing.assert_close(train[0].x, clip[:, :6], rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(train[1].x, clip[:, 7:], rtol=1e-5, atol=1e-6)
    assert UTKinect(utkinect, "test", progress=False).subjects == [2, 2]


def test_each_recording_is_read_once(utkinect, monkeypatch):
    read = []

    def count(path):
        read.append(path)
        return read_utkinect(path)

    monkeypatch.setattr("pyg_skeleton.datasets.recognition.utkinect.read_utkinect", count)
    UTKinect(utkinect, num_workers=0, progress=False)
    assert len(read) == len(set(read)) == 2


def test_utkinect_errors(utkinect, tmp_path):
    path = utkinect / "actionLabel.txt"
    path.write_text("s01_e01\ndance: 1 2\n")
    with pytest.raises(ValueError, match=r"actionLabel.txt: expected one of walk, .* got 'dance'"):
        UTKinect(utkinect)
    path.write_text("s09_e01\nwalk: 1 2\n")
    with pytest.raises(FileNotFoundError, match=r"has no joints/joints_s01_e01.txt"):
        UTKinect(utkinect)
    with pytest.raises(FileNotFoundError, match=r"actionLabel.txt: no such file"):
        UTKinect(tmp_path / "nowhere")
