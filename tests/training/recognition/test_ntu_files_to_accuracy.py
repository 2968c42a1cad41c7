"""From `.skeleton` files in the official format to an accuracy."""

import numpy as np
import pandas as pd
import pytest

from pyg_skeleton.datasets import NTURGBD
from pyg_skeleton.training import TASKS, Hardware, Run, evaluate_recognition, recognize, train

pytestmark = [
    pytest.mark.filterwarnings("ignore:::lightning.*"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec:"),
    pytest.mark.filterwarnings("ignore:.*1 of 33 clips have no person"),
]
FRAMES = 40
FIRST = 72057594037931101
ARMS = [*range(4, 12), *range(21, 25)]


def text_of(seed, action):
    """A person who lifts the arms or stretches them out, in a recording with what happens: frames
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


def test_files_to_accuracy(root, tmp_path):
    texts = [path.read_text() for path in root.glob("*.skeleton")]
    bodies = {int(line) for text in texts for line in text.splitlines() if len(line) == 1}
    assert bodies == {0, 1, 2, 3}  # in a frame
    task, out = TASKS["recognition"], tmp_path / "out"
    changes = {"batch_size": 8, "repeat": 1, "num_frames": 16, "milestones": (5, 7), "warmup": 1}
    preset, recipe = task.plan("ntu60", "st_gcn", pipeline="ctrgcn", epochs=15, **changes)

    def opened(split):
        clips = NTURGBD(root, "xsub", split, transform=None, progress=False)
        clips.transform = clips.preparation(split == "train", num_frames=16)
        return clips

    network = {"channels": (16, 16), "strides": (1, 2), "dropout": 0.0}
    data = {"name": "ntu60", "benchmark": "xsub"}
    run = Run("recognition", data, "st_gcn", preset, recipe, network)
    hardware = Hardware(accelerator="cpu")
    model = train(run, opened("train"), out=out, hardware=hardware, quiet=True)
    scores = recognize(model, opened("test"))
    result = evaluate_recognition(scores)
    assert (result["clips"], model.num_persons) == (8, 2)
    assert result["top1"] >= 0.9

    clips = opened("train")
    assert (len(clips), clips.missing) == (24, ["S001C001P001R099A001"])
    # The store holds all that is needed.
    for file in root.glob("*.skeleton"):
        file.unlink()
    pd.testing.assert_frame_equal(recognize(task.load(out), opened("test")), scores)
