"""NTU and Kinetics for recognition and motion prediction, on files in the official layouts."""

import json

import numpy as np
import pytest
import torch

from pyg_skeleton.cli.main import main
from pyg_skeleton.datasets import ClipMotion, KineticsMotion, NTUMotion
from pyg_skeleton.datasets.recognition.clip_dataset import ClipDataset
from pyg_skeleton.transforms.chains import Chain
from pyg_skeleton.transforms.pad_frames import PadFrames


def write_skeleton(path, frames):
    """One tracked body, as the format's description has it: counts, then a line for each joint."""
    generator = np.random.default_rng(sum(map(ord, path.name)))
    lines = [str(frames)]
    joints = generator.normal((0, 0, 3), 0.3, (25, 3))
    for _ in range(frames):
        joints = joints + generator.normal(0, 0.02, (25, 3))
        lines += ["1", "72057594037931101 0 1 1 1 1 0 0.02 0.1 2", "25"]
        lines += [f"{x} {y} {z} 250 200 900 500 0.1 0.2 0.3 0.4 2" for x, y, z in joints]
    path.write_text("\n".join(lines) + "\n")


@pytest.fixture
def ntu(tmp_path):
    # Subjects 1 and 3: of training and of the test.
    for subject, action, frames in ((1, 1, 20), (1, 2, 31), (3, 1, 25), (3, 2, 40)):
        write_skeleton(tmp_path / f"S001C001P00{subject}R001A00{action}.skeleton", frames)
    return tmp_path


@pytest.fixture
def kinetics(tmp_path):
    generator = np.random.default_rng(0)
    for split in ("train", "val"):
        (tmp_path / f"kinetics_{split}").mkdir()
        labels = {}
        for number, name in enumerate(("a", "b")):
            frames = []
            for t in range(1, 21):
                # The second person has the higher scores.
                people = [
                    {
                        "pose": np.round(generator.uniform(0.2, 0.8, 36), 3).tolist(),
                        "score": [score] * 18,
                    }
                    for score in (0.3, 0.9)
                ]
                frames.append({"frame_index": t, "skeleton": people})
            content = {"data": frames, "label": name, "label_index": number}
            (tmp_path / f"kinetics_{split}" / f"{name}.json").write_text(json.dumps(content))
            labels[name] = {"has_skeleton": True, "label": name, "label_index": number}
        (tmp_path / f"kinetics_{split}_label.json").write_text(json.dumps(labels))
    return tmp_path


def test_ntu(ntu):
    train = NTUMotion.open(ntu, "train", num_observed=40)
    test = NTUMotion.open(ntu, "test", num_observed=40, statistics_from=train)
    assert (len(train), len(test), train.num_classes) == (2, 2, 60)
    clip = train[0]
    assert clip.x.shape == (25, 40, 3)
    assert clip.target.shape == (25, 10, 3)
    # 20 frames, repeated: the observed frames 20 to 40 are the first 20, and so is the target.
    torch.testing.assert_close(clip.x[:, 20:], clip.x[:, :20])
    torch.testing.assert_close(clip.target, clip.x[:, :10])
    assert [int(clip.y) for clip in train] == [0, 1]
    assert test.statistics[0] is train.statistics[0]
    assert NTUMotion.open(ntu, num_observed=90, observation_ratio=0.2)[0].target.shape[1] == 80
    assert NTUMotion.open(ntu).num_observed == 290


def test_kinetics_has_the_body_of_the_highest_confidence(kinetics):
    train = KineticsMotion.open(kinetics, "train", num_observed=25)
    assert (len(train), train.fps, train.unit) == (2, 30.0, "normalized")
    clip = train[0]
    assert clip.x.shape == (18, 25, 3)
    assert clip.target.shape == (18, 10, 3)
    torch.testing.assert_close(clip.x[..., 2], torch.full((18, 25), 0.9))
    assert KineticsMotion.open(kinetics, "test", num_observed=25)[1].y.tolist() == [1]


def test_persons_who_are_never_there_are_left_out():
    joints = torch.randn(2, 25, 12, 3)
    joints[1] = 0
    clips = ClipDataset([joints], [0], ["a"], "ntu25", ["sit"])
    data = ClipMotion(clips, Chain([PadFrames(12)]), 8, 4)
    assert data[0].x.shape == (25, 8, 3)
    assert torch.equal(data[0].target, joints[0, :, 8:])
    mean, std = data.statistics
    torch.testing.assert_close(mean, joints[0, :, :8].mean(1))
    torch.testing.assert_close(std, joints[0, :, :8].std(1, correction=0))
    assert repr(data) == "ClipMotion('ntu25', clips=1, classes=1)"
    assert not hasattr(ClipMotion(clips, Chain([PadFrames(12)]), 12, 0)[0], "target")
    with pytest.raises(ValueError, match="expected num_observed >= 3 and num_future >= 0, got 2"):
        ClipMotion(clips, Chain([PadFrames(12)]), 2, 4)


@pytest.mark.filterwarnings("ignore:::lightning.*")
@pytest.mark.filterwarnings("ignore:.*LeafSpec:")
@pytest.mark.parametrize(
    ("corpus", "table", "row", "numbers"),
    [
        ("ntu", "sym-gnn/table-4", "no recg", ["98.7", "|"]),
        ("ntu", "sym-gnn/table-1", "no bone", ["87.1", "|"]),
        ("kinetics", "sym-gnn/table-2", "no pred", ["36.4", "|"]),
    ],
)
def test_tables_on_files_in_the_official_layout(
    request, tmp_path, capsys, corpus, table, row, numbers
):
    root, out = request.getfixturevalue(corpus), tmp_path / "out"
    small = "--preset tiny --max-steps 1 --steps-per-epoch 1 --batch-size 2 --num-observed 20"
    options = ["--data", corpus, "--root", str(root), "--rows", row, *small.split()]
    options += ["--network.differences", "0", "--accelerator", "cpu", "--out", str(out)]
    assert main(["table", table, *options]) == 0, capsys.readouterr().err
    text = (out / "table.txt").read_text()
    cells = next(line for line in text.splitlines() if line.startswith(f"{row} "))
    assert cells.removeprefix(row).split()[:2] == numbers
    results = json.loads((out / "results.json").read_text())
    network = results[f"{row}: Sym-GNN"]
    assert network["clips"] == 2
    if table == "sym-gnn/table-4":
        frames = network["prediction"]["pck@0.05 torso, by frame"]
        assert len(frames) == 10
        assert cells.removeprefix(row).split()[2] == f"{100 * frames[0]:.1f}"
    else:
        assert set(network["recognition"]) == {"top1", "top5"}
