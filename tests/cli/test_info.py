import numpy as np
import pytest

from pyg_skeleton.io import NTUBody, NTURecording, write_ntu_skeleton
from pyg_skeleton.nn.models import CTRGCN, SemGCN
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import ctrgcn_nw_ucla


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
    assert done.out.splitlines() == [
        f"{tmp_path / 'a.npy'}: npy, 1 recording",
        "  a: 2 persons, 9 frames, 17 joints without names (pass a layout), 3-D, unit unknown, "
        "axis upwards unknown",
        "    0: frames 0 to 8",
        "    1: frames 0 to 8",
    ]
    frames = np.array([1, 2, 6])
    joints = np.random.default_rng(0).normal(size=(3, 25, 3)).astype(np.float32)
    body = NTUBody(7, frames, joints, 0 * frames)
    path = tmp_path / "S001C001P001R001A001.skeleton"
    write_ntu_skeleton(path, NTURecording(9, [body]))
    done = command("info", path)
    assert done.out.splitlines() == [
        f"{path}: ntu, 1 recording",
        "  S001C001P001R001A001: 1 person, 9 frames at 30 a second (0.3 s), layout ntu25, "
        "25 joints, 3-D, in m, y up",
        "    7: frames 1 to 6, 50.0% of the joints missing, away for up to 3 frames",
    ]


def test_clips_of_a_picture(command, tmp_path):
    """A layout of its own, and many recordings."""
    (tmp_path / "a.csv").write_text(
        "scorer,me,me,me,me,me,me\nbodyparts,nose,nose,nose,tail,tail,tail\n"
        "coords,x,y,likelihood,x,y,likelihood\n0,10,20,0.5,30,40,1\n1,10,20,0.25,30,40,0.25\n"
    )
    assert command("info", tmp_path / "a.csv").out.splitlines()[1] == (
        "  a: 1 person, 2 frames, 2 joints of its own (nose, tail, ...), 2-D, in px, -y up, "
        "confidence 0.50"
    )
    for number in range(30):
        np.save(tmp_path / f"{number}.npy", np.zeros((2, 17, 3)))
    (tmp_path / "a.csv").unlink()
    lines = command("info", tmp_path).out.splitlines()
    assert lines[0] == f"{tmp_path}: folder, 30 recordings"
    assert [line[:5] for line in lines[1:4]] == ["  0: ", "  1: ", "  2: "]
    assert lines[-1] == "  ..."
    assert len(lines) == 22


def test_a_model_alone(command, tmp_path):
    SemGCN.from_preset("paper", hidden_channels=4, num_blocks=1).save(tmp_path / "model.pt")
    done = command("info", tmp_path / "model.pt")
    assert done.code == 0
    assert done.out.startswith("model: SemGCN, ")
    assert "layout h36m16 (16 joints)" in done.out
    assert "training data" not in done.out


def test_what_a_model_knows(command, tmp_path):
    model = CTRGCN("kinect20", 2, channels=(8,), strides=(1,))
    model.classes, model.frame_rate, model.unit, model.up = ["sit", "stand"], 30.0, "m", "y"
    model.set_preparation(ctrgcn_nw_ucla(train=False))
    model.save(tmp_path / "model.pt")
    lines = command("info", tmp_path / "model.pt").out.splitlines()
    assert "training data: frames per second 30.0, unit m, upwards y" in lines
    start = lines.index("preparation of a clip:")
    assert lines[start + 2] == "  MinMaxNormalize()"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.doc", "x", "a.doc: has none of the formats bvh, c3d, "),
        ("model.pt", "x", "no readable checkpoint"),
    ],
)
def test_other_files(name, content, message, refused, tmp_path):
    (tmp_path / name).write_text(content)
    assert message in refused("info", tmp_path / name)


def test_unknown(refused):
    assert refused("info", "coco71").endswith("did you mean coco17?")
    assert refused("info", "/none/model.pt") == "no checkpoint at /none/model.pt"
