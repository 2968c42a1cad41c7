from types import SimpleNamespace

import numpy as np
import pytest

from pyg_skeleton.cli.errors import UsageError
from pyg_skeleton.cli.tasks import TASKS
from pyg_skeleton.nn.models import SiMLPe, SymGNNForecast
from pyg_skeleton.skeleton import Skeleton

MOTION = TASKS["motion"]
POSES = np.arange(2 * 6 * 25 * 3.0).reshape(2, 6, 25, 3).astype("f4")


def forecast(**known):
    """Two frames that follow four, of one person."""
    values = {"probability": None, "classes": None, "future": [POSES[:1, 4:]]}
    values |= {"skeleton": Skeleton.get("ntu25"), "observed": [POSES[:1, :4]]}
    return SymGNNForecast(**values | known)


def test_embedded_data_and_those_that_are_asked_for_are_held_out(run_of, monkeypatch):
    opened = []

    def opens(run, roots, split, **supplied):
        opened.append(split)
        return split

    monkeypatch.setattr(MOTION, "open", opens)
    assert MOTION.open_training(run_of("motion"), {}) == ("train", "val")
    assert MOTION.open_training(run_of("motion", "--data", "cmu"), {}) == ("train", None)
    assert MOTION.open_test(run_of("motion"), {}) == "test"
    assert opened == ["train", "val", "train", "test"]


def test_a_table_of_classes_or_of_poses():
    both = forecast(probability=np.array([[0.2, 0.8]]), classes=["walk", "wave"])
    table = MOTION.table(both, {"poses": False, "top": 1})
    assert table["class"].tolist() == ["wave"]
    assert len(MOTION.table(both, {"poses": True, "top": 1})) == 2 * 25
    assert len(MOTION.table(forecast(), {"poses": False, "top": 1})) == 2 * 25
    classes = both._replace(future=None)
    assert len(MOTION.table(classes, {"poses": True, "top": 2})) == 2


def test_a_player_marks_what_is_predicted():
    shown, spans = MOTION.show(forecast(), {"a": None})
    np.testing.assert_array_equal(shown["a"].joints, POSES[:1])
    assert spans == [(0, 4, "observed"), (4, 6, "predicted")]
    two = forecast(future=[POSES[:1, 4:]] * 2, observed=[POSES[:1, :4]] * 2)
    shown, spans = MOTION.show(two, {"a": None, "b": None})
    assert (list(shown), spans) == (["a", "b"], [])


def test_perturbation_needs_an_actional_graph(monkeypatch):
    module = "pyg_skeleton.cli.tasks.motion"
    monkeypatch.setattr(f"{module}.forecast", lambda model, test: None)
    monkeypatch.setattr(f"{module}.evaluate_motion", lambda result, test: {})
    robustness = "pyg_skeleton.training.motion.robustness.frames_per_20ms"
    monkeypatch.setattr(robustness, lambda model, frames: 1.0)
    model = SiMLPe("ntu25", num_future=2, num_frames=4, num_layers=1)
    test = SimpleNamespace(num_observed=4)
    with pytest.raises(UsageError, match="about Sym-GNN's actional graph, got siMLPe"):
        MOTION.measure(None, model, test, None, {"perturbation": True})
