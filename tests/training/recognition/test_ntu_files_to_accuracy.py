"""From `.skeleton` files in the official format to an accuracy, by the command line."""

import importlib.util
import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pyg_skeleton.cli import read_scores, run_example
from pyg_skeleton.datasets import NTURGBD

EXAMPLE = Path(__file__).parents[2] / "examples" / "action_recognition.py"
FRAMES = 40
FIRST = 72057594037931101
ARMS = [*range(4, 12), *range(21, 25)]


def text_of(seed, action):
    """Somebody who lifts the arms or stretches them out, in a recording with what happens: frames
    without a body, a gap, a tracking number that changes, a second person, furniture.
    """
    generator = np.random.default_rng(seed)
    pose = np.stack([np.linspace(-0.2, 0.2, 25), np.linspace(-0.8, 0.9, 25), np.full(25, 3.0)], -1)
    change = int(generator.integers(15, 25))
    lines = [str(FRAMES)]
    for frame in range(FRAMES):
        bodies = {}
        if frame not in (0, 1, 12, FRAMES - 1):  # nobody is seen in these
            person = pose + generator.normal(size=3) * 0.01
            person[ARMS, action] += 0.5 - 0.5 * np.cos(frame / 4)
            bodies[FIRST if frame < change else FIRST + 1] = person
            if seed % 3 == 1:
                bodies[FIRST + 7] = pose + np.array([1.0, 0.0, 0.2])
            if seed % 4 == 1 and frame > 20:
                bodies[FIRST + 9] = pose * [9.0, 0.1, 1.0]  # too wide to be a person
        lines.append(str(len(bodies)))
        for number, joints in bodies.items():
            lines += [f"{number} 0 1 1 0 0 0 0.01 -0.05 2", "25"]
            lines += [" ".join(f"{v:.7g}" for v in row) + " 0 0 0 0 0 0 0 0 2" for row in joints]
    return "\r\n".join(lines) + "\r\n"


@pytest.fixture
def root(tmp_path):
    """24 recordings of a subject of the training, 8 of one of the test, one without anybody."""
    folder = tmp_path / "ntu"
    folder.mkdir()
    for seed in range(32):
        subject, action = (3 if seed % 8 > 5 else 1), seed % 2 + 1
        name = f"S001C001P{subject:03d}R{seed:03d}A{action:03d}.skeleton"
        (folder / name).write_bytes(text_of(seed, action).encode())
    empty = "\r\n".join([str(FRAMES), *["0"] * FRAMES]) + "\r\n"
    (folder / "S001C001P001R099A001.skeleton").write_bytes(empty.encode())
    return folder


def test_files_to_accuracy(root, tmp_path, monkeypatch, capsys):
    texts = [path.read_text() for path in root.glob("*.skeleton")]
    bodies = {int(line) for text in texts for line in text.splitlines() if len(line) == 1}
    assert bodies == {0, 1, 2, 3}  # in a frame
    out = tmp_path / "out"
    spec = importlib.util.spec_from_file_location("action_recognition", EXAMPLE)
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    module = sys.modules["pyg_skeleton.cli.recognition.run"]
    monkeypatch.setattr(module, "draw_recognition", lambda *args: [])

    def run(*line):
        line = [EXAMPLE.name, *map(str, line), "--root", str(root), "--out", str(out)]
        monkeypatch.setattr(sys, "argv", line)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            run_example(example.main)

    def top1(name):
        (result,) = json.loads((out / name).read_text()).values()
        assert result["clips"] == 8
        return result["top1"]

    net = ("--model", "st_gcn", "--channels", 16, 16, "--strides", 1, 2, "--dropout", 0)
    plan = ("--epochs", 15, "--batch-size", 8, "--repeat", 1, "--num-frames", 16, "--lr", 0.1)
    machine = ("--accelerator", "cpu", "--precision", 32)
    run("--dataset", "ntu60", "--benchmark", "xsub", *net, *plan, *machine)
    assert top1("results.json") >= 0.9

    clips = NTURGBD(root, transform=None, progress=False)
    assert (len(clips), clips.missing) == (24, ["S001C001P001R099A001"])
    assert {data.num_persons for data in clips} == {1, 2}
    before = read_scores(out)
    named = before.iloc[5].drop("label")
    capsys.readouterr()
    run("--predict", root / f"{named.name}.skeleton")
    name, _, first, *_ = capsys.readouterr().out.splitlines()
    assert (name, first.rsplit(maxsplit=1)[0].strip()) == (named.name, named.idxmax())
    # The store holds all that is needed.
    for file in root.glob("*.skeleton"):
        file.unlink()
    run("--evaluate", out)
    assert top1("evaluation.json") == top1("results.json")
    pd.testing.assert_frame_equal(read_scores(out), before)
