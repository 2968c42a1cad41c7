import json
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pyg_skeleton.io import NTUBody, NTURecording, write_ntu_skeleton
from pyg_skeleton.nn.models import SkeletonModel
from pyg_skeleton.training import read_scores

pytestmark = pytest.mark.usefixtures("undrawn")


def wave(seed, frames=12, joints=20, channels=3):
    """A person who moves a hand up or to the side."""
    generator = np.random.default_rng(seed)
    clip = generator.normal(size=(1, joints, channels)) + 0.01 * generator.normal(
        size=(frames, joints, channels)
    )
    clip[:, min(5, joints - 1), seed % 2] += np.sin(np.arange(frames))
    return clip.astype(np.float32)


def nw_ucla(root):
    for action in (1, 2):
        for view in (1, 2, 3):
            for take in range(3):
                clip = wave(10 * take + action)
                path = root / f"a{action:02d}_s01_e{take:02d}_v{view:02d}.json"
                path.write_text(json.dumps({"skeletons": clip.tolist()}))
    return ("--data", "nw-ucla", "--root", root), path


def ntu60(root):
    for subject in (1, 3):
        for action in (1, 2):
            for take in range(1, 4):
                joints = wave(10 * take + action, joints=25)
                frames = np.arange(12)
                bodies = [NTUBody(7, frames, joints, 0 * frames)]
                if take == 1:
                    bodies.append(NTUBody(8, frames, joints + 1, 0 * frames + 1))
                path = root / f"S001C001P{subject:03d}R{take:03d}A{action:03d}.skeleton"
                write_ntu_skeleton(path, NTURecording(12, bodies))
    return ("--data", "ntu60", "--root", root, "--benchmark", "xsub"), path


def ntu120(root):
    for setup in (2, 1):  # train, test
        for action in (1, 61):
            for take in range(1, 4):
                joints, frames = wave(10 * take + action, joints=25), np.arange(12)
                path = root / f"S{setup:03d}C001P001R{take:03d}A{action:03d}.skeleton"
                write_ntu_skeleton(path, NTURecording(12, [NTUBody(7, frames, joints, 0 * frames)]))
    return ("--data", "ntu120", "--root", root, "--benchmark", "xset"), path


def kinetics(root):
    for split in ("train", "val"):
        (root / f"kinetics_{split}").mkdir()
        labels = {}
        for i in range(6):
            xy = 0.5 + 0.1 * wave(i, joints=18, channels=2)
            frames = [
                {"pose": pose.flatten().tolist(), "score": 18 * [0.9]} for pose in xy.astype(float)
            ]
            data = [{"frame_index": t + 1, "skeleton": [p]} for t, p in enumerate(frames)]
            path = root / f"kinetics_{split}" / f"clip{i}.json"
            path.write_text(json.dumps({"data": data}))
            name = ("waving", "saluting")[i % 2]
            labels[f"clip{i}"] = {"label": name, "label_index": i % 2, "has_skeleton": True}
        (root / f"kinetics_{split}_label.json").write_text(json.dumps(labels))
    return ("--data", "kinetics", "--root", root), path


def utd_mhad(root):
    savemat = pytest.importorskip("scipy.io").savemat
    for subject in (1, 2):
        for take in range(6):
            path = root / f"a{1 + take % 2}_s{subject}_t{take}_skeleton.mat"
            savemat(path, {"d_skel": wave(take).transpose(1, 2, 0)})
    return ("--data", "utd-mhad", "--root", root), array(root)


def msr_action3d(root):
    for subject in (1, 2):
        for take in range(6):
            path = root / f"a{1 + take % 2:02d}_s{subject:02d}_e{take:02d}_skeleton3D.txt"
            np.savetxt(path, np.insert(wave(take).reshape(-1, 3), 3, 1, axis=1), fmt="%.7g")
    return ("--data", "msr-action3d", "--root", root), array(root)


def utkinect(root):
    (root / "joints").mkdir()
    text = ""
    for subject in (1, 2):
        clip = np.concatenate([wave(take) for take in range(4)])
        rows = np.insert(clip.reshape(48, 60), 0, np.arange(48), axis=1)
        np.savetxt(root / "joints" / f"joints_s0{subject}_e01.txt", rows, fmt="%.7g")
        names = enumerate(("walk", "push", "pull", "clapHands"))
        text += f"s0{subject}_e01\n"
        text += "".join(f"{name}: {12 * i} {12 * i + 11}\n" for i, name in names)
    (root / "actionLabel.txt").write_text(text)
    return ("--data", "utkinect", "--root", root), array(root)


def array(root):
    """An array of one's own for a network of 20 joints."""
    np.save(root / "own.npy", wave(0))
    return root / "own.npy"


def pose_annotations(root):
    clips = [
        {
            "frame_dir": f"clip{i}",
            "label": i % 2,
            "total_frames": 12,
            "keypoint": 100 + wave(i, joints=17, channels=2)[None],
            "keypoint_score": np.ones((1, 12, 17), np.float16),
            "img_shape": (480, 640),
        }
        for i in range(12)
    ]
    names = [clip["frame_dir"] for clip in clips]
    splits = {"sub_train": names[:8], "sub_val": names[8:]}
    path = root / "hrnet.pkl"
    path.write_bytes(pickle.dumps({"split": splits, "annotations": clips}, 4))
    return ("--data", "pose-annotations", "--root", path, "--benchmark", "sub"), path


def folder_of_clips(root):
    for split in ("train", "test"):
        for i in range(8):
            path = root / split / ("up", "side")[i % 2] / f"{i}.npy"
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(path, wave(i, joints=17, channels=2))
    return ("--data", "clips", "--root", root, "--layout", "coco17", "--model", "st_gcn"), path


def table_of_clips(root):
    _, path = folder_of_clips(root)
    rows = [(p.relative_to(root), p.parent.name, p.parts[-3]) for p in sorted(root.glob("*/*/*"))]
    table = pd.DataFrame(rows, columns=["file", "label", "split"])
    table.to_csv(root / "clips.csv", index=False)
    place = ("--data", "clips", "--root", root / "clips.csv")
    return (*place, "--layout", "coco17", "--model", "st_gcn"), path


@pytest.fixture
def trained(command, short, tmp_path):
    """Trains on the files that a function writes; returns the run and one of the files."""

    def train(write):
        (tmp_path / "data").mkdir()
        data, path = write(tmp_path / "data")
        out = tmp_path / "out"
        few = ("--epochs", 1, "--batch-size", 4, "--schedule", "constant")
        line = (*short["recognition"], *few, *data, "--stream", "bone", "--out", out)
        done = command("train", "recognition", *line)
        assert done.code == 0, done.err
        assert "_gcn, bone: top-1" in done.out
        return out, path

    return train


@pytest.mark.parametrize(
    "write",
    [
        *(nw_ucla, ntu60, ntu120, kinetics, pose_annotations, utd_mhad, msr_action3d, utkinect),
        *(folder_of_clips, table_of_clips),
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
    assert table["clip"].nunique() == (12 if write is pose_annotations else 1)
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


def test_openpose(trained, command, refused, tmp_path):
    """A folder with a file for each frame, as shares of the picture for a network of Kinetics."""
    out, path = trained(kinetics)
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
    assert message.startswith(f"{folder}: joints are in pixels, expected ")
    assert "--image-size WIDTH HEIGHT" in message
    done = command("predict", out, folder, "--image-size", 640, 480)
    assert done.code == 0, done.err
    assert [line.split()[1:] for line in done.out.splitlines()] == [
        line.split()[1:] for line in expected
    ]


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
        ("a.txt", b"", "expected a .skeleton, .npy, .pkl or .json file, or a folder of OpenPose"),
        ("a.npy", np.zeros((4, 5, 2)), r"expected (M, T, 5, 3) for the layout 'stick5' and the"),
        ("a.npy", np.zeros((4, 5, 3)), "no person in clip 'a'"),
        ("a.npy", np.full((4, 5, 3), np.nan), "clip 'a' has a joint that is not a finite number"),
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


def test_motion(little_run, command, tmp_path):
    run = little_run("motion")
    np.save(tmp_path / "clip.npy", wave(0, 20, 5))
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


def test_lifting(little_run, command, refused, tmp_path):
    run = little_run("lifting")
    keypoints = 300 + 100 * wave(0, 4, 16, 2)
    np.save(tmp_path / "own.npy", keypoints)
    assert "--image-size WIDTH HEIGHT" in refused("predict", run, tmp_path / "own.npy")
    size = ("--image-size", 640, 480)
    done = command("predict", run, tmp_path / "own.npy", *size, "--csv", tmp_path / "a.csv")
    assert done.code == 0, done.err
    assert "64 rows; --csv FILE" in done.out
    table = pd.read_csv(tmp_path / "a.csv")
    poses = SkeletonModel.load(run / "model.pt").predict(keypoints, (640, 480)).poses
    np.testing.assert_allclose(table[["x", "y", "z"]], poses.reshape(-1, 3), rtol=1e-4, atol=1e-4)

    coco = 300 + 100 * wave(1, 4, 17, 3)
    coco[..., 2] = 1
    np.save(tmp_path / "coco.npy", coco)
    done = command("predict", run, tmp_path / "coco.npy", *size, "--layout", "coco17")
    assert done.code == 0, done.err
    folder = tmp_path / "openpose"
    folder.mkdir()
    for t, pose in enumerate(300 + 100 * wave(2, 3, 25, 3)):
        person = {"pose_keypoints_2d": np.abs(pose).flatten().tolist()}
        (folder / f"{t:012d}_keypoints.json").write_text(json.dumps({"people": [person]}))
    done = command("predict", run, folder, *size, "--csv", tmp_path / "b.csv")
    assert done.code == 0, done.err
    assert pd.read_csv(tmp_path / "b.csv")["frame"].nunique() == 3
    (tmp_path / "a.txt").write_text("")
    assert "expected a .npy or .json file" in refused("predict", run, tmp_path / "a.txt", *size)


def test_clustering(little_run, command, refused, tmp_path):
    run, clips = little_run("clustering"), tmp_path / "clips"
    clips.mkdir()
    for seed in range(3):
        np.save(clips / f"{seed}.npy", wave(seed, 9, 24))
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
        (("predict", "nowhere", "a.npy"), "no run in nowhere: nowhere/run.json is missing"),
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
