import pickle

import pytest
import torch

from pyg_skeleton.training import SafeCheckpointIO


@pytest.fixture
def content():
    return {"loops": {}, "state_dict": {"weight": torch.arange(4.0)}, "epoch": 3}


def test_round_trip(tmp_path, content):
    path = tmp_path / "new" / "last.ckpt"
    SafeCheckpointIO().save_checkpoint(content, path)
    assert [p.name for p in path.parent.iterdir()] == ["last.ckpt"]
    loaded = SafeCheckpointIO().load_checkpoint(path)
    assert loaded["epoch"] == 3
    assert torch.equal(loaded["state_dict"]["weight"], torch.arange(4.0))


def test_a_failed_write_leaves_the_old_one(tmp_path, content):
    path = tmp_path / "last.ckpt"
    SafeCheckpointIO().save_checkpoint(content, path)
    before = path.read_bytes()
    with pytest.raises((AttributeError, TypeError, pickle.PicklingError)):
        SafeCheckpointIO().save_checkpoint({"function": lambda: None}, path)
    assert path.read_bytes() == before


def test_refuses_what_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no checkpoint at .*last\.ckpt"):
        SafeCheckpointIO().load_checkpoint(tmp_path / "last.ckpt")


def test_refuses_half_a_file_and_other_files(tmp_path, content):
    path = tmp_path / "last.ckpt"
    SafeCheckpointIO().save_checkpoint(content, path)
    for data in (path.read_bytes()[:-100], b"", b"some text\n"):
        path.write_bytes(data)
        with pytest.raises(ValueError, match=r"last\.ckpt is no readable checkpoint") as error:
            SafeCheckpointIO().load_checkpoint(path)
        assert "\n" not in str(error.value)


def test_refuses_what_is_no_training(tmp_path):
    path = tmp_path / "model.pt"
    torch.save({"state_dict": {}}, path)
    with pytest.raises(ValueError, match=r"model\.pt is not a checkpoint of a training run"):
        SafeCheckpointIO().load_checkpoint(path)


class Evil:
    def __reduce__(self):
        return (print, ("run by a checkpoint",))


def test_runs_no_code_from_a_file(tmp_path, capsys):
    torch.save({"loops": Evil()}, tmp_path / "last.ckpt")
    with pytest.raises(ValueError, match="is no readable checkpoint"):
        SafeCheckpointIO().load_checkpoint(tmp_path / "last.ckpt")
    assert "run by" not in capsys.readouterr().out
