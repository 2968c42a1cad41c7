"""`pyg-skeleton predict RUN --follow`: frames come as lines, answers leave as lines."""

import io
import json
import threading

import numpy as np
import pytest
import torch

from pyg_skeleton.cli.follow import growing_lines, read_frame
from pyg_skeleton.cli.main import main
from pyg_skeleton.nn.models import create_model

pytestmark = pytest.mark.filterwarnings("ignore:.*has random weights")
pytest.importorskip("tyro")
pytest.importorskip("lightning")


@pytest.fixture
def model(tmp_path):
    torch.manual_seed(0)
    shape = {"channels": (8,), "strides": (1,), "continual": True}
    model = create_model("st_gcn", skeleton="ntu25", num_classes=3, **shape).eval()
    model.classes = ["nod", "wave", "walk"]
    model.save(tmp_path / "model.pt")
    return model


@pytest.fixture
def walk():
    return np.random.default_rng(0).normal(size=(12, 25, 3)).round(3)


def follow(capsys, *words):
    code = main(["predict", *map(str, words)])
    out, err = capsys.readouterr()
    return code, [json.loads(line) for line in out.splitlines()], err


def test_frames_from_standard_input(model, walk, tmp_path, capsys, monkeypatch):
    lines = [json.dumps(pose) for pose in walk.tolist()]
    lines[3] = json.dumps({"ann": walk[3].tolist()}).replace("ann", "0")
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines)))
    code, answers, _ = follow(
        capsys, tmp_path / "model.pt", "--follow", "-", "--window", 9, "--top", 2
    )
    assert code == 0
    assert [answer["frame"] for answer in answers] == [8, 9, 10, 11]
    expected = model.predict(walk[3:12]).to_frame(2)
    assert answers[-1]["label"] == expected["class"][0]
    np.testing.assert_allclose(
        list(answers[-1]["classes"].values()), expected["probability"], atol=1e-5
    )


def test_a_table_with_a_gap(model, walk, tmp_path, capsys):
    rows = [",".join(map(str, pose.ravel())) for pose in walk]
    rows[1] = ""
    file = tmp_path / "walk.csv"
    file.write_text("\n".join(["x1,y1,z1", *rows]))
    words = ["--follow", file, "--idle", 0.1, "--window", 9, "--stride", 2]
    code, answers, _ = follow(capsys, tmp_path / "model.pt", *words)
    assert code == 0
    assert [answer["frame"] for answer in answers] == [9, 11]


def test_a_file_that_grows(tmp_path):
    """Half a line waits for its end."""
    file = tmp_path / "walk.jsonl"
    file.write_text("first\nsec")

    def write():
        with file.open("a") as out:
            out.write("ond\nlast")

    timer = threading.Timer(0.1, write)
    timer.start()
    assert list(growing_lines(file, idle=2.0)) == ["first\n", "second\n", "last"]
    timer.join()


def test_poses_and_motion(tmp_path, capsys, monkeypatch):
    create_model("sem_gcn", hidden_channels=8, num_blocks=1).save(tmp_path / "model.pt")
    keypoints = np.random.default_rng(0).uniform(100, 900, size=(17, 2))
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(keypoints.tolist())))
    words = ["--follow", "-", "--layout", "coco17", "--image-size", 1000, 1000]
    code, answers, _ = follow(capsys, tmp_path / "model.pt", *words)
    assert code == 0
    assert np.shape(answers[0]["poses"]) == (1, 16, 3)
    network = create_model("sym_gnn", "tiny", num_future=2)
    network.num_observed = 20
    network.save(tmp_path / "model.pt")
    frames = np.random.default_rng(0).normal(size=(20, 26, 3)).tolist()
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(map(json.dumps, frames))))
    code, answers, _ = follow(capsys, tmp_path / "model.pt", "--follow", "-")
    assert code == 0
    assert np.shape(answers[0]["future"]) == (1, 2, 26, 3)
    assert answers[0]["label"] in answers[0]["classes"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("[1, 2", "line 2: no JSON"),
        ("[[1, 2, 3], [4]]", "line 2: expected joints as lists of as many numbers each"),
        (
            "[[1, 2, 3]]",
            r"line 2: expected poses of shape (25, 3) for skeleton 'ntu25', got (1, 3)",
        ),
        ("1,2,3", "line 2: expected 50 or 75 numbers for 25 joints, got 3"),
        ("a,b", "line 2: expected a frame as JSON or as numbers with commas between, got 'a,b'"),
    ],
)
def test_a_line_that_is_no_frame(model, walk, tmp_path, capsys, line, message):
    file = tmp_path / "walk.jsonl"
    file.write_text(f"{json.dumps(walk[0].tolist())}\n{line}\n")
    code, _, err = follow(capsys, tmp_path / "model.pt", file, "--follow", "--idle", 0)
    assert code == 1
    assert message in err.splitlines()[-1]
    assert str(file) in err


def test_missing_numbers():
    assert read_frame("null\n", 2) is None
    assert read_frame("", 2) is None
    np.testing.assert_array_equal(read_frame("1,,3,4", 2), [[1, np.nan], [3, 4]])
    np.testing.assert_array_equal(read_frame("[[null, 2], [3, 4]]", 2), [[np.nan, 2], [3, 4]])


def test_options(model, tmp_path, capsys):
    run = tmp_path / "model.pt"
    for words, message in (
        (["--idle", 1, "clip.npy"], "--idle needs --follow"),
        (["--follow", "a", "b"], "expected one file with --follow, got 2"),
        (["--follow", "a"], "a: no such file"),
        (["--follow", "-", "--csv", "out.csv"], "--csv out.csv does not go with --follow"),
        (["--follow", "-", "--stride", 0], "expected --stride >= 1, got 0"),
    ):
        code, _, err = follow(capsys, run, *words)
        assert code == 1
        assert message in err
