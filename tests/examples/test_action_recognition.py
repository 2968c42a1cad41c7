import json
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from pyg_skeleton.cli import fuse_scores, read_scores
from pyg_skeleton.io import NTUBody, NTURecording, write_ntu_skeleton
from pyg_skeleton.nn.models import RecognitionModel

EXAMPLES = Path(__file__).parents[2] / "examples"
#: A network of seconds.
LITTLE = ("--channels", 8, 8, "--strides", 1, 2, "--accelerator", "cpu")
SHORT = (*LITTLE, "--epochs", 2, "--batch-size", 5, "--repeat", 1, "--num-frames", 8)


def test_is_short():
    lines = (EXAMPLES / "action_recognition.py").read_text().splitlines()
    assert len(lines) < 150
    assert max(map(len, lines)) <= 100


# A run ############################################################################################


@pytest.fixture
def done(act, tmp_path):
    """The folder of a run."""
    run = act(*SHORT, "--out", tmp_path / "joint")
    assert (run.code, run.err.count("\n")) == (0, 1), run.err  # the bar
    return tmp_path / "joint", run


def test_what_a_run_leaves_behind(draws, done):
    out, run = done
    names = {path.name for path in out.iterdir() if not path.name.startswith("events.")}
    pictures = {"confusion.png", "curves.png"}
    assert names == {
        *pictures,
        *("last.ckpt", "results.json", "hparams.yaml", "metrics.csv", "model.pt"),
        *("run.json", "scores.csv"),
    }
    lines = run.out.splitlines()
    assert lines[0] == f"wrote scores.csv, confusion.png, curves.png to {out}"
    (result,) = json.loads((out / "results.json").read_text()).values()
    assert lines[2] == (
        f"ctr_gcn, joint: top-1 {100 * result['top1']:.2f} %, top-5 100.00 %, mean class "
        f"{100 * result['mean class']:.2f} % of 3 clips"
    )
    scores = read_scores(out)
    assert list(scores.columns) == ["label", "walking", "waving", "jumping"]
    assert scores.index.tolist() == ["test 0", "test 1", "test 2"]
    top = scores.drop(columns="label").to_numpy().argmax(1) == scores["label"]
    assert result["top1"] == pytest.approx(top.mean())
    table = pd.read_csv(out / "metrics.csv")
    assert table["lr"].dropna().tolist() == pytest.approx([0.1, 0.1])
    model = RecognitionModel.load(out / "model.pt")
    assert model.classes == ["walking", "waving", "jumping"]
    assert tuple(model.config["channels"]) == (8, 8)


def test_measured_again(done, act, tmp_path):
    out, run = done
    before = read_scores(out)
    again = act("--evaluate", out, "--out", tmp_path / "again")
    assert again.code == 0, again.err
    pd.testing.assert_frame_equal(read_scores(out), before)
    assert again.out.splitlines()[2].split(":")[1] == run.out.splitlines()[2].split(":")[1]
    assert (tmp_path / "again" / "evaluation.json").is_file()


def test_resumed(done, act, tmp_path):
    """To more epochs, as if there had never been fewer; not to another stream."""
    out, _ = done
    longer = (*SHORT, "--epochs", 4)
    whole = act(*longer, "--out", tmp_path / "whole")
    resumed = act(*longer, "--out", out, "--resume")
    assert (whole.code, resumed.code) == (0, 0)
    one, two = (
        torch.load(p / "last.ckpt", weights_only=True)["state_dict"]
        for p in (tmp_path / "whole", out)
    )
    assert all(torch.equal(value, two[name]) for name, value in one.items())
    refused = act(*longer, "--out", out, "--resume", "--stream", "bone")
    assert refused.code == 1
    assert refused.err.endswith("is another: stream='joint' there, 'bone' here\n")


def test_streams_are_fused(done, act, tmp_path):
    joint, _ = done
    bone, fused = tmp_path / "bone", tmp_path / "fused"
    assert act(*SHORT, "--stream", "bone", "--out", bone).code == 0
    run = act("--fuse", joint, bone, "--weights", 0.6, 0.4, "--out", fused)
    assert run.code == 0, run.err
    assert [line.split(":")[0] for line in run.out.splitlines()[1::2]] == [
        str(joint),
        str(bone),
        "fused",
    ]
    both = {str(path): read_scores(path) for path in (joint, bone)}
    found = read_scores(fused / "fused.csv")
    pd.testing.assert_frame_equal(found, fuse_scores(both, [0.6, 0.4]), rtol=1e-5)
    assert set(json.loads((fused / "fusion.json").read_text())) == {str(joint), str(bone), "fused"}


def test_held_out_clips(act, tmp_path):
    run = act(*SHORT, "--epochs", 5, "--val-share", 0.4, "--out", tmp_path)
    assert run.code == 0, run.err
    table = pd.read_csv(tmp_path / "metrics.csv")
    assert table["val_top1"].count() == 1
    # 9 of 15 clips are left, one batch of five in each epoch
    assert torch.load(tmp_path / "last.ckpt", weights_only=True)["global_step"] == 5


@pytest.mark.parametrize("model", ["st_gcn", "agcn", "info_gcn", "skeletal_gnn_classifier"])
def test_every_network(model, act, tmp_path):
    more = ("--loss", "info_gcn", "--latent-channels", 8) if model == "info_gcn" else ()
    run = act(*SHORT, "--model", model, "--epochs", 1, *more, "--out", tmp_path)
    assert run.code == 0, run.err
    assert f"{model}, joint: top-1" in run.out


def test_sym_gnn(act, tmp_path):
    run = act("--model", "sym_gnn", *SHORT[6:], "--epochs", 1, "--out", tmp_path)
    assert run.code == 0, run.err
    assert "sym_gnn, joint: top-1" in run.out


# Data sets ########################################################################################


def wave(seed, frames=12, joints=20, channels=3):
    """Somebody who moves a hand up or to the side."""
    generator = np.random.default_rng(seed)
    clip = generator.normal(size=(1, joints, channels)) + 0.01 * generator.normal(
        size=(frames, joints, channels)
    )
    clip[:, 5, seed % 2] += np.sin(np.arange(frames))
    return clip.astype(np.float32)


def nw_ucla(root):
    for action in (1, 2):
        for view in (1, 2, 3):
            for take in range(3):
                clip = wave(10 * take + action)
                path = root / f"a{action:02d}_s01_e{take:02d}_v{view:02d}.json"
                path.write_text(json.dumps({"skeletons": clip.tolist()}))
    return ("--dataset", "nw-ucla", "--root", root), path


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
    return ("--dataset", "ntu60", "--root", root, "--benchmark", "xsub"), path


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
    return ("--dataset", "kinetics", "--root", root), path


def ntu120(root):
    for setup in (2, 1):  # train, test
        for action in (1, 61):
            for take in range(1, 4):
                joints, frames = wave(10 * take + action, joints=25), np.arange(12)
                path = root / f"S{setup:03d}C001P001R{take:03d}A{action:03d}.skeleton"
                write_ntu_skeleton(path, NTURecording(12, [NTUBody(7, frames, joints, 0 * frames)]))
    return ("--dataset", "ntu120", "--root", root, "--benchmark", "xset"), path


def utd_mhad(root):
    savemat = pytest.importorskip("scipy.io").savemat
    for subject in (1, 2):
        for take in range(6):
            path = root / f"a{1 + take % 2}_s{subject}_t{take}_skeleton.mat"
            savemat(path, {"d_skel": wave(take).transpose(1, 2, 0)})
    return ("--dataset", "utd-mhad", "--root", root), array(root)


def msr_action3d(root):
    for subject in (1, 2):
        for take in range(6):
            path = root / f"a{1 + take % 2:02d}_s{subject:02d}_e{take:02d}_skeleton3D.txt"
            np.savetxt(path, np.insert(wave(take).reshape(-1, 3), 3, 1, axis=1), fmt="%.7g")
    return ("--dataset", "msr-action3d", "--root", root), array(root)


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
    return ("--dataset", "utkinect", "--root", root), array(root)


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
    return ("--dataset", "pose-annotations", "--root", path, "--benchmark", "sub"), path


def folder_of_clips(root):
    for split in ("train", "test"):
        for i in range(8):
            path = root / split / ("up", "side")[i % 2] / f"{i}.npy"
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(path, wave(i, joints=17, channels=2))
    return ("--dataset", "clips", "--root", root, "--layout", "coco17", "--model", "st_gcn"), path


def table_of_clips(root):
    _, path = folder_of_clips(root)
    rows = [(p.relative_to(root), p.parent.name, p.parts[-3]) for p in sorted(root.glob("*/*/*"))]
    table = pd.DataFrame(rows, columns=["file", "label", "split"])
    table.to_csv(root / "clips.csv", index=False)
    return (
        "--dataset",
        "clips",
        "--root",
        root / "clips.csv",
        "--layout",
        "coco17",
        "--model",
        "st_gcn",
    ), path


@pytest.mark.filterwarnings("ignore:.*has . .* clips, the published split")
@pytest.mark.parametrize(
    "write",
    [
        nw_ucla,
        ntu60,
        ntu120,
        kinetics,
        pose_annotations,
        utd_mhad,
        msr_action3d,
        utkinect,
        folder_of_clips,
        table_of_clips,
    ],
)
def test_every_data_set_from_files_to_the_prediction_of_a_file(write, act, tmp_path):
    (tmp_path / "data").mkdir()
    data, path = write(tmp_path / "data")
    out = tmp_path / "out"
    run = act(*SHORT, "--epochs", 1, "--batch-size", 4, *data, "--stream", "bone", "--out", out)
    assert run.code == 0, run.err
    assert "_gcn, bone: top-1" in run.out
    guess = act("--predict", path, "--out", out)
    assert guess.code == 0, guess.err
    lines = guess.out.splitlines()
    count = 12 if write is pose_annotations else 1
    tables = [lines[i : i + len(lines) // count] for i in range(0, len(lines), len(lines) // count)]
    classes = RecognitionModel.load(out / "model.pt").classes
    for table in tables:
        assert table[1].split() == ["class", "probability"]
        assert len(table) == 2 + min(5, len(classes))
        chances = [float(line.rsplit(maxsplit=1)[1]) for line in table[2:]]
        assert chances == sorted(chances, reverse=True)
        assert {line.rsplit(maxsplit=1)[0].strip() for line in table[2:]} <= set(classes)
    if path.stem == "own":
        return
    # The scores of the test say the same of a clip that is in it.
    scores = read_scores(out).drop(columns="label")
    name = tables[-1][0]
    if name not in scores.index:
        (name,) = [n for n in scores.index if Path(n).stem == name]
    assert tables[-1][2].rsplit(maxsplit=1)[0].strip() == scores.loc[name].idxmax()


def test_openpose(act, tmp_path):
    """A folder with a file for each frame, as shares of the picture for a network of Kinetics."""
    (tmp_path / "data").mkdir()
    data, path = kinetics(tmp_path / "data")
    assert act(*SHORT, "--epochs", 1, "--batch-size", 4, *data, "--out", tmp_path / "out").code == 0
    expected = act("--predict", path, "--out", tmp_path / "out").out.splitlines()[1:]
    folder = tmp_path / "clip"
    folder.mkdir()
    for frame in json.loads(path.read_text())["data"]:
        pose = np.array(frame["skeleton"][0]["pose"]).reshape(18, 2) * (640, 480)
        person = np.column_stack([pose, 18 * [0.9]]).flatten().tolist()
        people = {"people": [{"pose_keypoints_2d": person}]}
        (folder / f"clip_{frame['frame_index'] - 1:012d}_keypoints.json").write_text(
            json.dumps(people)
        )
    empty = {"people": []}  # the other file has an empty frame 0
    (folder / "a_keypoints.json").write_text(json.dumps(empty))
    run = act("--predict", folder, "--out", tmp_path / "out")
    assert (run.code, run.err) == (
        1,
        f"error: {folder}: joints are in pixels, expected --image-size WIDTH HEIGHT\n",
    )
    run = act("--predict", folder, "--image-size", 640, 480, "--out", tmp_path / "out")
    assert run.code == 0, run.err
    assert run.out.splitlines()[1:] == expected


# Mistakes #########################################################################################


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (("--dataset", "nw-ucla"), "--dataset nw-ucla needs --root, where its files are"),
        (("--dataset", "clips", "--root", "x"), "--dataset clips needs --layout, the name of"),
        (("--loss", "info_gcn"), "loss 'info_gcn' is about the codes of InfoGCN, got CTRGCN"),
        (("--epochs", 0), "expected epochs >= 1, got 0"),
        (("--batch-size", 99), "expected batch_size from 1 to the number of clips 15, got 99"),
        (("--fuse", "nowhere"), "no scores at nowhere"),
        (("--evaluate", "nowhere"), "no run in nowhere: "),
        (("--predict", "a.skeleton"), "no checkpoint at "),
    ],
)
def test_a_mistake_is_one_line(line, message, act, tmp_path):
    run = act(*SHORT, "--out", tmp_path, *line)
    assert run.code == 1
    assert run.err.startswith(f"error: {message}")
    assert run.err.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"", "expected a .skeleton, .npy, .pkl or .json file, or a folder of OpenPose"),
        ("a.npy", np.zeros((4, 5, 2)), r"expected (M, T, 5, 3) for the layout 'stick5' and the"),
        ("a.npy", np.zeros((4, 5, 3)), "nobody is in clip 'a'"),
        ("a.npy", np.full((4, 5, 3), np.nan), "clip 'a' has a joint that is not a finite number"),
        ("a.skeleton", b"1\n1\n", "a.skeleton:"),
    ],
)
def test_files_that_no_network_can_read(name, content, message, done, act, tmp_path):
    out, _ = done
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        np.save(path, content)
    run = act("--predict", path, "--out", out)
    assert run.code == 1
    assert message in run.err
    assert str(path) in run.err
    assert run.err.count("\n") == 1
