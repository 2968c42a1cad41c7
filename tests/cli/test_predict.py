import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import pyg_skeleton
from pyg_skeleton.cli.tasks import TASKS
from pyg_skeleton.cli.tasks.windows import Windows
from pyg_skeleton.datasets import synthetic_recording
from pyg_skeleton.nn.models import SkeletonModel, create_model, timeline
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.training import read_scores

pytestmark = pytest.mark.usefixtures("undrawn")


@pytest.fixture
def trained(command, short, recognition_files, tmp_path):
    """Trains on the files that a function writes; returns the run and one of the files."""

    def train(write, first="top-1"):
        (tmp_path / "data").mkdir()
        data, path = getattr(recognition_files, write)(tmp_path / "data")
        out = tmp_path / "out"
        few = ("--epochs", 1, "--batch-size", 4, "--schedule", "constant")
        line = (*short["recognition"], *few, *data, "--stream", "bone", "--out", out)
        done = command("train", "recognition", *line)
        assert done.code == 0, done.err
        assert f"_gcn, bone: {first}" in done.out
        return out, path

    return train


@pytest.mark.parametrize(
    "write",
    [
        *("nw_ucla", "ntu60", "ntu120", "kinetics", "pose_annotations", "utd_mhad"),
        *("msr_action3d", "utkinect", "folder_of_clips", "table_of_clips"),
    ],
)
def test_every_data_set_from_files_to_the_prediction_of_a_file(write, trained, command, tmp_path):
    out, path = trained(write)
    done = command("predict", out, path, "--csv", tmp_path / "table.csv")
    assert done.code == 0, done.err
    table = pd.read_csv(tmp_path / "table.csv", dtype={"clip": str, "class": str})
    assert list(table) == ["file", "clip", "class", "probability"]
    assert set(table["file"]) == {str(path)}
    classes = SkeletonModel.load(out / "model.pt").classes
    assert table["clip"].nunique() == (12 if write == "pose_annotations" else 1)
    for _, rows in table.groupby("clip"):
        assert len(rows) == min(5, len(classes))
        assert rows["probability"].is_monotonic_decreasing
        assert set(rows["class"]) <= set(classes)
    assert done.out.splitlines()[0].split() == ["clip", "class", "probability"]
    if path.stem == "own":
        return
    # The scores of the test say the same of a clip that is in it.
    scores = read_scores(out).drop(columns="label")
    last = table[table["clip"] == table["clip"].iloc[-1]]
    name = last["clip"].iloc[0]
    if name not in scores.index:
        (name,) = [n for n in scores.index if Path(n).stem == name]
    expected = np.exp(scores.loc[name] - scores.loc[name].max())
    expected = (expected / expected.sum()).sort_values(ascending=False)
    assert last["class"].iloc[0] == expected.index[0]
    np.testing.assert_allclose(last["probability"], expected.iloc[: len(last)], rtol=1e-4)


def test_a_table_of_several_classes_from_files_to_a_prediction(trained, command, refused, tmp_path):
    out, path = trained("table_of_several_classes", "mean average precision")
    results = json.loads((out / "results.json").read_text())["st_gcn, bone"]
    assert set(results) == {"clips", "map", "exact", "f1", "per_class"}
    assert set(results["per_class"]) == {"side", "still", "up"}
    done = command("predict", out, path, "--csv", tmp_path / "table.csv")
    assert done.code == 0, done.err
    table = pd.read_csv(tmp_path / "table.csv", keep_default_na=False)
    scores = pd.read_csv(out / "scores.csv", index_col="clip")
    assert set(scores["label"]) <= {"up", "still;up", "side", "side;still"}
    (name,) = [name for name in scores.index if Path(name).stem == path.stem and "test" in name]
    logits = scores.loc[name].drop("label").astype(float)
    likely = logits[logits > 0].sort_values(ascending=False)
    assert table["class"].tolist() == (list(likely.index) or [""])
    if len(likely):
        probability = table["probability"].astype(float)
        np.testing.assert_allclose(probability, 1 / (1 + np.exp(-likely)), rtol=1e-4)
    again = command("evaluate", out, "--root", tmp_path / "data/clips.csv")
    assert json.loads((out / "evaluation.json").read_text())["st_gcn, bone"] == results, again.err
    message = "a timeline needs a network for one class of each clip, got one for several classes"
    assert message in refused("predict", out, path, "--window", 6)


def test_a_table_of_scores_from_files_to_a_prediction(trained, command, refused, tmp_path):
    out, path = trained("table_of_scores", "mean absolute error")
    results = json.loads((out / "results.json").read_text())["st_gcn, bone"]
    assert set(results) == {"clips", "error", "spearman"}
    model = SkeletonModel.load(out / "model.pt")
    assert (model.target, model.score_mean) == ("score", 115.0)
    done = command("predict", out, path, "--csv", tmp_path / "table.csv")
    assert done.code == 0, done.err
    table = pd.read_csv(tmp_path / "table.csv")
    assert list(table) == ["file", "clip", "score"]
    scores = pd.read_csv(out / "scores.csv", index_col="clip")
    assert scores["label"].tolist() == [100.0, 110.0, 120.0, 130.0] * 2
    (name,) = [name for name in scores.index if Path(name).stem == path.stem and "test" in name]
    assert table["score"].tolist() == pytest.approx([scores.loc[name, "score"]], rel=1e-5)
    assert "a score" in refused("predict", out, path, "--window", 6)
    tuned = ("--data", "clips", "--root", tmp_path / "data/clips.csv", "--layout", "coco17")
    message = refused("train", "recognition", *tuned, "--class-weights", "--out", tmp_path / "b")
    assert message == "class_weights needs one class of each clip, these clips have a score"


def test_openpose(trained, command, refused, tmp_path):
    """A folder with a file for each frame, as shares of the picture for a network of Kinetics."""
    out, path = trained("kinetics")
    expected = command("predict", out, path).out.splitlines()
    folder = tmp_path / "clip"
    folder.mkdir()
    for frame in json.loads(path.read_text())["data"]:
        pose = np.array(frame["skeleton"][0]["pose"]).reshape(18, 2) * (640, 480)
        person = np.column_stack([pose, 18 * [0.9]]).flatten().tolist()
        people = {"people": [{"pose_keypoints_2d": person}]}
        name = f"clip_{frame['frame_index'] - 1:012d}_keypoints.json"
        (folder / name).write_text(json.dumps(people))
    # The other file has an empty frame 0.
    (folder / "a_keypoints.json").write_text(json.dumps({"people": []}))
    message = refused("predict", out, folder)
    assert message.startswith(f"{folder}: joints are in 'px', expected ")
    assert "--image-size WIDTH HEIGHT" in message
    done = command("predict", out, folder, "--image-size", 640, 480)
    assert done.code == 0, done.err
    assert [line.split()[1:] for line in done.out.splitlines()] == [
        line.split()[1:] for line in expected
    ]


def test_any_file_of_any_layout_and_rate(trained, command, tmp_path):
    """A folder and files in one table; conversions are one line each."""
    out, path = trained("nw_ucla")
    clips = tmp_path / "clips"
    clips.mkdir()
    joints = json.loads(path.read_text())["skeletons"]
    np.save(clips / "a.npy", np.array(joints, np.float32))
    np.save(clips / "b.npy", np.array(joints, np.float32)[::-1])
    done = command("predict", out, clips, path, "--json", tmp_path / "table.json")
    assert done.code == 0, done.err
    table = pd.read_json(tmp_path / "table.json")
    assert table["clip"].unique().tolist() == ["a", "b", path.stem]
    probability = table.pivot(index="clip", columns="class", values="probability")
    np.testing.assert_allclose(probability.loc["a"], probability.loc[path.stem], rtol=1e-5)

    ntu = Skeleton.get("ntu25").converter_from(Skeleton.get("kinect20"))
    np.save(tmp_path / "c.npy", 1000 * ntu(np.array(joints, np.float32), 1, fill=0.0))
    options = ("--layout", "ntu25", "--unit", "mm")
    done = command("predict", out / "model.pt", tmp_path / "c.npy", *options)
    assert done.code == 0, done.err
    lines = [line for line in done.err.splitlines() if "another order" not in line]
    assert lines == [
        "warning: joints of 'ntu25' taken as those of 'kinect20' by name",
        "warning: joints converted from 'mm' to 'm', as in training",
    ]
    wrong = command("predict", out, tmp_path / "c.npy", "--layout", "ntu25")
    assert wrong.code == 1
    assert f"{tmp_path / 'c.npy'}: expected bodies of about" in wrong.err


def test_a_model_without_its_run(trained, command, tmp_path):
    out, path = trained("nw_ucla")
    (tmp_path / "model.pt").write_bytes((out / "model.pt").read_bytes())
    tables = [command("predict", run, path).out for run in (out, tmp_path / "model.pt")]
    assert tables[0] == tables[1]


@pytest.fixture
def little_run(little, command, short, tmp_path):
    """Trains on the embedded data."""

    def train(task):
        done = command("train", task, *short[task], "--out", tmp_path / "run", "--quiet")
        assert done.code == 0, done.err
        return tmp_path / "run"

    return train


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"", "has none of the formats "),
        (
            "a.npy",
            np.arange(40.0).reshape(4, 5, 2) / 10,
            "expected x of shape [B * V, T, 3], got [5, ",
        ),
        ("a.npy", np.ones((4, 6, 3)), "expected joints [M, T, 5, C] for the layout 'stick5', got"),
        ("a.npy", np.zeros((4, 5, 3)), "expected joints, all are zero or missing"),
        ("a.npy", np.full((4, 5, 3), np.nan), "expected joints, all are zero or missing"),
        ("a.skeleton", b"1\n1\n", "a.skeleton:"),
    ],
)
def test_files_that_no_network_can_read(name, content, message, little_run, refused, tmp_path):
    run, path = little_run("recognition"), tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        np.save(path, content)
    line = refused("predict", run, path)
    assert message in line
    assert str(path) in line


def test_motion(little_run, recognition_files, command, tmp_path):
    run = little_run("motion")
    np.save(tmp_path / "clip.npy", recognition_files.wave(0, 50, 5))
    done = command("predict", run / "model.pt", tmp_path / "clip.npy", "--top", 2)
    assert done.code == 0, done.err
    assert len(done.out.splitlines()) == 3
    line = ("predict", run, tmp_path / "clip.npy", "--poses", "--num-future", 4)
    done = command(*line, "--json", tmp_path / "poses.json", "--quiet")
    assert (done.code, done.out) == (0, "")
    table = pd.read_json(tmp_path / "poses.json")
    assert list(table) == ["file", "clip", "person", "frame", "joint", "x", "y", "z"]
    assert len(table) == 4 * 5
    model = SkeletonModel.load(run / "model.pt")
    future = model.predict(np.load(tmp_path / "clip.npy"), 4).future
    np.testing.assert_allclose(table[["x", "y", "z"]].to_numpy(), future.reshape(-1, 3), rtol=1e-5)


def test_lifting(little_run, recognition_files, command, refused, tmp_path):
    run = little_run("lifting")
    keypoints = 300 + 100 * recognition_files.wave(0, 4, 16, 2)
    np.save(tmp_path / "own.npy", keypoints)
    assert "--image-size WIDTH HEIGHT" in refused("predict", run, tmp_path / "own.npy")
    size = ("--image-size", 640, 480)
    done = command("predict", run, tmp_path / "own.npy", *size, "--csv", tmp_path / "a.csv")
    assert done.code == 0, done.err
    assert "64 rows; --csv FILE" in done.out
    table = pd.read_csv(tmp_path / "a.csv")
    poses = SkeletonModel.load(run / "model.pt").predict(keypoints, (640, 480)).poses
    np.testing.assert_allclose(table[["x", "y", "z"]], poses.reshape(-1, 3), rtol=1e-4, atol=1e-4)

    coco = 300 + 100 * recognition_files.wave(1, 4, 17, 3)
    coco[..., 2] = 1
    np.save(tmp_path / "coco.npy", coco)
    done = command("predict", run, tmp_path / "coco.npy", *size, "--layout", "coco17")
    assert done.code == 0, done.err
    folder = tmp_path / "openpose"
    folder.mkdir()
    for t, pose in enumerate(300 + 100 * recognition_files.wave(2, 3, 25, 3)):
        person = {"pose_keypoints_2d": np.abs(pose).flatten().tolist()}
        (folder / f"{t:012d}_keypoints.json").write_text(json.dumps({"people": [person]}))
    done = command("predict", run, folder, *size, "--csv", tmp_path / "b.csv")
    assert done.code == 0, done.err
    assert pd.read_csv(tmp_path / "b.csv")["frame"].nunique() == 3
    (tmp_path / "a.txt").write_text("")
    assert "has none of the formats" in refused("predict", run, tmp_path / "a.txt", *size)


def test_clustering(little_run, recognition_files, command, refused, tmp_path):
    run, clips = little_run("clustering"), tmp_path / "clips"
    clips.mkdir()
    for seed in range(3):
        np.save(clips / f"{seed}.npy", recognition_files.wave(seed, 9, 24))
    line = ("predict", run, clips, clips / "1.npy", "--csv", tmp_path / "a.csv")
    done = command(*line)
    assert done.code == 0, done.err
    table = pd.read_csv(tmp_path / "a.csv")
    assert table["clip"].tolist() == [0, 1, 2, 1]
    assert table["cluster"].isin([0, 1]).all()
    assert table["cluster"][1] == table["cluster"][3]

    done = command("cluster", run, clips)
    assert done.code == 0, done.err
    own = pd.read_csv(run / "clusters" / "clusters.csv")
    assert own["cluster"].tolist() == table["cluster"][:3].tolist()
    assert "no folder of clips at" in refused("cluster", run, clips / "none")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (("predict", "nowhere", "a.npy"), "no run or weights 'nowhere'; of the weights, "),
        (("predict", "nowhere"), "expected FILES; see pyg-skeleton predict --help"),
        (("evaluate", "nowhere"), "no run in nowhere"),
        (("evaluate",), "expected RUN, the folder of a run"),
        (("cluster", "nowhere", "."), "no run in nowhere"),
        (("view", "nowhere"), "nowhere: no such file or folder"),
        (("fuse", "nowhere"), "no scores at nowhere"),
    ],
)
def test_mistakes(line, message, refused):
    assert refused(*line).startswith(message)


def test_a_file_that_is_not_there(little_run, refused):
    run = little_run("motion")
    assert refused("predict", run, "/none.npy") == "/none.npy: no such file"
    assert refused("cluster", run, ".") == f"expected a clustering run, {run} is of motion"


def test_a_network_that_comes_along(command, refused, tmp_path):
    keypoints = np.random.default_rng(0).uniform(100, 400, (6, 17, 2))
    np.save(tmp_path / "clip.npy", keypoints)
    line = ("predict", "lifter", tmp_path / "clip.npy", "--layout", "coco17")
    done = command(*line, "--view", tmp_path / "poses.html", "--csv", tmp_path / "poses.csv")
    assert done.code == 0, done.err
    assert len(pd.read_csv(tmp_path / "poses.csv")) == 6 * 17
    page = (tmp_path / "poses.html").read_text()
    assert "canvas" in page
    assert "http" not in page
    card = command("info", "lifter").out
    assert card.startswith("weights lifter: SemGCN for lifting. ")
    assert "limits: " in card
    assert "lifter" in refused("predict", "lifte", tmp_path / "clip.npy")


@pytest.mark.filterwarnings("ignore:joints of 'ntu25' taken")
def test_a_long_recording_in_windows(command, refused, tmp_path):
    """Four movements after each other: each is found where it is."""
    clip = synthetic_recording(("walking", "bowing", "waving"), seconds=4)
    clip.save(tmp_path / "long.npz")
    out = {name: tmp_path / f"long.{name}" for name in ("csv", "json", "png", "html")}
    line = ("predict", "recognizer", tmp_path / "long.npz", "--window", 50, "--stride", 5)
    written = ("--csv", out["csv"], "--json", out["json"])
    done = command(*line, *written, "--timeline", out["png"], "--view", out["html"])
    assert done.code == 0, done.err
    table = pd.read_csv(out["csv"])
    assert list(table) == ["file", "clip", "start", "end", "class", "probability"]
    longest = table[table["end"] - table["start"] > 1]
    assert longest["class"].tolist() == ["walking", "bowing", "waving"]
    np.testing.assert_allclose(longest["start"], [0, 4, 8], atol=0.8)
    assert table["end"].iloc[-1] == 12
    pd.testing.assert_frame_equal(pd.read_json(out["json"]), table, rtol=1e-6)
    assert out["png"].read_bytes()[:4] == b"\x89PNG"
    page = out["html"].read_text()
    assert re.search(r'300, ?"waving"\]\]', page)
    # Twice the rate: the same times; the spans of the player are frames of the file.
    clip.resample(50).save(tmp_path / "fast.npz")
    model = create_model("ctr_gcn", weights="recognizer")
    with pytest.warns(UserWarning, match="resampled from 50 to 25"):
        found = timeline(model, pyg_skeleton.read(tmp_path / "fast.npz"), 50, 5)
    _, spans = Windows(TASKS["recognition"], 50, 5).show([found], {"fast": clip.resample(50)})
    assert spans[-1][1:] == (600, "waving")

    # Without a window, a clip is one; the player names its class.
    done = command(*line[:3], "--top", 1, "--view", out["html"])
    assert done.out.count("\n") == 2
    assert re.search(r'"spans": ?\[\[0, ?300, ?"\w+"\]\]', out["html"].read_text())
    done = command(*line[:3], tmp_path / "fast.npz", *line[3:], "--timeline", out["png"])
    assert "draws one clip, got 2" in done.err
    message = "--stride is about windows, expected --window FRAMES"
    assert refused("predict", "recognizer", tmp_path / "long.npz", "--stride", 5) == message
    np.save(tmp_path / "coco.npy", np.ones((4, 17, 2)))
    lifter = ("predict", "lifter", tmp_path / "coco.npy", "--layout", "coco17", "--window", 9)
    assert "--window is about classes, this network lifts poses" in refused(*lifter)
