import numpy as np
import pytest

from pyg_skeleton.io import NTUBody, NTURecording, write_ntu_skeleton
from pyg_skeleton.nn.models import SemGCN
from pyg_skeleton.skeleton import Skeleton


def test_layouts(command, tmp_path):
    done = command("info", "coco17")
    assert done.out.startswith("layout coco17: 17 joints, root ")
    assert "left_shoulder/right_shoulder" in done.out
    own = Skeleton("own", ("a", "b"), bones=((1, 0),), root=0, parts={"all": (0, 1)})
    own.to_yaml(tmp_path / "own.yaml")
    done = command("info", tmp_path / "own.yaml")
    assert done.out.splitlines()[0] == "layout own: 2 joints, root a"
    assert "bones: a-b" in done.out


def test_clips(command, tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((2, 9, 17, 3)))
    done = command("info", tmp_path / "a.npy")
    assert done.out.splitlines()[1] == "  a: 2 persons, 9 frames, 17 joints, 3 channels"
    frames = np.arange(4)
    joints = np.random.default_rng(0).normal(size=(4, 25, 3)).astype(np.float32)
    body = NTUBody(7, frames, joints, 0 * frames)
    path = tmp_path / "S001C001P001R001A001.skeleton"
    write_ntu_skeleton(path, NTURecording(4, [body]))
    done = command("info", path)
    assert done.out.splitlines()[1].endswith(
        "1 persons, 4 frames, 25 joints, 3 channels, layout ntu25"
    )


def test_a_model_alone(command, tmp_path):
    SemGCN.from_preset("paper", hidden_channels=4, num_blocks=1).save(tmp_path / "model.pt")
    done = command("info", tmp_path / "model.pt")
    assert done.code == 0
    assert done.out.startswith("model: SemGCN, ")
    assert "layout h36m16 (16 joints)" in done.out


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.doc", "x", "expected a .skeleton, .npy, .pkl, .json or .txt file"),
        ("model.pt", "x", "no readable checkpoint"),
    ],
)
def test_other_files(name, content, message, refused, tmp_path):
    (tmp_path / name).write_text(content)
    assert message in refused("info", tmp_path / name)


def test_unknown(refused):
    assert refused("info", "coco71").endswith("did you mean coco17?")
    assert refused("info", "/none/model.pt") == "no checkpoint at /none/model.pt"
