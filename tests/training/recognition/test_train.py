import sys
from argparse import Namespace
from dataclasses import replace

import pytest
import torch

from pyg_skeleton.datasets import ClipDataset
from pyg_skeleton.nn.models import RecognitionModel
from pyg_skeleton.training import RECOGNITION_RECIPES, RecognitionRun, train_recognition
from pyg_skeleton.training.recognition.train import create_network

pytestmark = [
    pytest.mark.filterwarnings("ignore:::lightning.*"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec:"),
]
LITTLE = {"channels": (8,), "strides": (1,), "dropout": 0.0}


def run_of(**changes):
    recipe = replace(
        RECOGNITION_RECIPES["tiny"], epochs=2, batch_size=4, milestones=(), repeat=2, num_frames=8
    )
    run = RecognitionRun(
        "st_gcn", None, LITTLE, "none", {}, recipe, "synthetic", None, "joint", 0, 0.0
    )
    return replace(run, **changes)


@pytest.fixture
def clips(tiny):
    data = tiny.Swinging(10)
    motions = [data.motion(i) for i in range(10)]
    names = [f"clip {i}" for i in range(10)]
    return ClipDataset(motions, [i % 3 for i in range(10)], names, tiny.STICK, data.classes)


@pytest.fixture
def train(monkeypatch, clips, tmp_path):
    module = sys.modules["pyg_skeleton.training.recognition.data"]
    monkeypatch.setitem(module._LOADERS, "synthetic", lambda run, split, root: clips[:])

    def call(run, out="out", **changes):
        machine = {"accelerator": "cpu", "devices": "1", "precision": "32", "num_workers": 0}
        where = {"out": tmp_path / out, "root": None, "resume": False, "compile": False}
        return train_recognition(run, Namespace(**machine | where | changes))

    return call


def test_the_network_of_the_last_epoch(train, tmp_path):
    model = train(run_of())
    assert model.classes == ["slow", "medium", "fast"]
    saved = RecognitionModel.load(tmp_path / "out" / "model.pt").state_dict()
    checkpoint = torch.load(tmp_path / "out" / "last.ckpt", weights_only=True)
    assert checkpoint["global_step"] == 2 * (2 * 10 // 4)
    for name, value in model.state_dict().items():
        assert torch.equal(value, saved[name])
        assert torch.equal(value, checkpoint["state_dict"][f"model.{name}"])
    assert RecognitionRun.read(tmp_path / "out").recipe.epochs == 2


def test_resumed_is_never_stopped_and_another_run_is_refused(train):
    whole = train(run_of(), "whole")
    longer = run_of()
    train(replace(longer, recipe=replace(longer.recipe, epochs=1)))
    resumed = train(longer, resume=True)
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name])
    with pytest.raises(ValueError, match="is another: seed=0 there, 1 here"):
        train(run_of(seed=1), resume=True)


def test_held_out_clips_are_not_learnt_from(train, tmp_path):
    train(run_of(val_share=0.4))
    assert torch.load(tmp_path / "out" / "last.ckpt", weights_only=True)["global_step"] == 2 * 3


def test_a_slot_for_each_sample_of_the_contrast(train, tmp_path):
    contrast = {"channels": 4, "num_positives": 1, "num_hard": 2, "num_random": 2}
    train(run_of(model="ctr_gcn", gcl="authors_code", contrast=contrast, val_share=0.4))
    state = torch.load(tmp_path / "out" / "last.ckpt", weights_only=True)["state_dict"]
    assert len(state["model.samples.classes"]) == 2 * 6
    assert set(state["model.samples.classes"].tolist()) <= {-1, 0, 1, 2}


@pytest.mark.parametrize(
    ("dataset", "persons"), [("clips", 1), ("nw-ucla", 1), ("ntu120", 2), ("kinetics", 2)]
)
def test_network_for_the_clips(dataset, persons, clips):
    """Data sets whose preparation can give two persons have networks for two."""
    model = create_network(run_of(dataset=dataset), clips)
    assert (model.num_persons, model.num_classes, model.skeleton) == (persons, 3, clips.skeleton)
    assert model.skeleton.num_joints == 5
