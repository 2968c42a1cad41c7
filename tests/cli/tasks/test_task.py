from types import SimpleNamespace

import numpy as np
import torch

from pyg_skeleton.cli.tasks import TASKS
from pyg_skeleton.cli.tasks.task import TaskCommand
from pyg_skeleton.data import Clip
from pyg_skeleton.nn.models import Recognition
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms.chains import ctrgcn_ntu

MODEL = SimpleNamespace(skeleton=Skeleton.get("kinect20"))


def clip(frames=4, **known):
    return Clip(torch.rand(1, frames, 25, 3), "ntu25", **known)


def test_the_record_of_a_run(run_of):
    run = run_of("recognition", "--seed", 3, "--network.dropout", 0.5, "--epochs", 7)
    assert (run.task, run.data["name"], run.seed) == ("recognition", "embedded", 3)
    assert run.network == {"dropout": 0.5}
    assert run.recipe.epochs == 7
    assert run.pretrained is None
    assert "clips_per_class" not in run.data  # what is not given is the data set's own


def test_a_split_of_the_data_of_a_run(run_of):
    run = run_of("recognition", "--clips-per-class", 1, "--layout", "kinect20")
    clips = TASKS["recognition"].open(run, {"root": None}, "val")
    assert (clips.split, clips.skeleton.name) == ("val", "kinect20")
    assert len(clips) == clips.num_classes


def test_files_that_do_not_say_their_layout_have_that_of_the_network(tmp_path):
    clip().save(tmp_path / "told.npz")
    np.save(tmp_path / "untold.npy", torch.rand(4, 20, 3).numpy())
    found = TaskCommand().read(None, MODEL, tmp_path, {"layout": None})
    layouts = {name: one.skeleton.name for name, one in found}
    assert layouts == {"told": "ntu25", "untold": "kinect20"}
    ((_, one),) = TaskCommand().read(None, MODEL, tmp_path / "untold.npy", {"layout": "h36m20"})
    assert one.skeleton.name == "h36m20"


def test_a_player_of_one_answer_or_of_several():
    answer = Recognition(torch.eye(2).numpy(), ["walk", "wave"])
    shown, spans = TaskCommand().show(answer, {"a": clip(), "b": clip()})
    assert (list(shown), spans) == (["a: walk", "b: wave"], [])
    one = Recognition(torch.eye(2)[1:].numpy(), ["walk", "wave"])
    shown, spans = TaskCommand().show(one, {"a": clip(9)})
    assert (list(shown), spans) == (["a"], [(0, 9, "wave")])
    prepared = ctrgcn_ntu(False, "joint", num_frames=16)(clip(9).to_data())
    assert TaskCommand().show(one, {"a": prepared})[1] == [(0, 16, "wave")]
