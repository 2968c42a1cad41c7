from types import SimpleNamespace

import numpy as np
import pytest
import torch

from pyg_skeleton.cli.errors import UsageError
from pyg_skeleton.cli.reports.report import Report
from pyg_skeleton.cli.tasks import TASKS
from pyg_skeleton.nn.models import Recognition

RECOGNITION = TASKS["recognition"]
FEW = ("--clips-per-class", 5)


def test_arguments_of_skeleton_gcl(run_of):
    run = run_of("recognition", "--gcl", "paper", "--contrast.layer", -4)
    assert run.options["contrast"] == {"layer": -4}
    run = run_of("recognition", "--gcl", "paper", "--contrast.temperature", 0.5)
    assert run.options["contrast"] == {"temperature": 0.5}
    with pytest.raises(UsageError, match=r"--contrast.per-class needs --gcl paper or"):
        run_of("recognition", "--contrast.per-class", 8)


def test_a_network_without_learned_graphs_has_no_diagnosis(run_of):
    assert run_of("recognition", "--model", "ctr_gcn", "--diagnose").model == "ctr_gcn"
    with pytest.raises(UsageError, match="--diagnose is about learned graphs, and st_gcn learns"):
        run_of("recognition", "--model", "st_gcn", "--diagnose")


def test_held_out_clips_are_not_augmented(run_of):
    run = run_of("recognition", *FEW, "--val-share", 0.2, "--repeat", 2)
    train, val = RECOGNITION.open_training(run, {"root": None})
    assert len(train) == 2 * 4 * len(val)
    first, again = (val[0].x for _ in range(2))
    assert torch.equal(first, again)
    assert not torch.equal(train[0].x, train[0].x)


def test_embedded_people_have_their_own_held_out_clips(run_of):
    train, val = RECOGNITION.open_training(run_of("recognition", *FEW), {"root": None})
    assert (train.split, val.split) == ("train", "val")


def test_classes_of_several_networks_are_compared(tmp_path):
    rates = [{"walk": 0.5, "wave": 1.0}, {"walk": 0.75, "wave": 0.5}]
    reports = {
        name: Report({name: {"per_class": rate}}, "")
        for name, rate in zip(("a", "b"), rates, strict=True)
    }
    text = RECOGNITION.compare(reports, tmp_path).text
    assert "walk" in text
    assert "wave" in text
    assert RECOGNITION.compare({"a": reports["a"]}, tmp_path) is None


def test_predictions():
    with pytest.raises(UsageError, match="the network has no preparation; train it again"):
        RECOGNITION.predict(SimpleNamespace(preparation=None), [], {})
    answer = Recognition(np.array([[0.5, 0.3, 0.2]]), ["a", "b", "c"])
    assert RECOGNITION.table(answer, {"top": 2})["class"].tolist() == ["a", "b"]
