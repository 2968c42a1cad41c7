from types import SimpleNamespace

import numpy as np
import pytest
import torch

from pyg_skeleton.cli.errors import UsageError
from pyg_skeleton.cli.tasks import TASKS
from pyg_skeleton.cli.tasks.windows import Windows
from pyg_skeleton.data import Clip
from pyg_skeleton.nn.models import Timeline

OPTIONS = {"image_size": None, "unit": None, "frame_rate": None}


def line(frame_rate=25.0):
    """Walks for ten frames, then waves."""
    probability = np.array([[0.9, 0.1], [0.2, 0.8]], np.float32)
    windows = np.array([[0, 10], [10, 20]])
    return Timeline(probability, ["walk", "wave"], windows, frame_rate)


def clip(frame_rate=None):
    return Clip(torch.rand(1, 20, 25, 3), "ntu25", frame_rate)


@pytest.mark.parametrize(
    ("own", "rate", "ends"),
    [(50.0, 25.0, (20, 40)), (None, 25.0, (10, 20)), (50.0, None, (10, 20))],
)
def test_spans_are_in_frames_of_the_clip(own, rate, ends):
    """The network sees another frame rate than the clip has."""
    shown, spans = Windows(TASKS["recognition"], 10, None).show([line(rate)], {"a": clip(own)})
    assert list(shown) == ["a"]
    assert spans == [(0, ends[0], "walk"), (ends[0], ends[1], "wave")]


def test_rows_say_their_clip():
    table = Windows(TASKS["recognition"], 10, None).table([line(), line()], OPTIONS)
    assert table.columns[0] == "clip"
    assert table["clip"].tolist() == [0, 0, 1, 1]


def test_every_clip_has_a_timeline(monkeypatch):
    seen = []
    monkeypatch.setattr("pyg_skeleton.cli.tasks.windows.timeline", lambda *a, **k: seen.append(a))
    model, clips = SimpleNamespace(), [clip(), clip()]
    Windows(TASKS["recognition"], 10, 5).predict(model, clips, OPTIONS)
    assert seen == [(model, clips[0], 10, 5), (model, clips[1], 10, 5)]


def test_poses_have_no_classes():
    with pytest.raises(UsageError, match="--window is about classes, this network lifts poses"):
        Windows(TASKS["lifting"], 10, None).predict(None, [], OPTIONS)
