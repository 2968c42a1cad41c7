"""A network leaves the library: a file, and a script that runs where the library is not."""

import json

import numpy as np
import pytest
import torch

from pyg_skeleton.cli.export import describe
from pyg_skeleton.nn.models import CTRGCN, STGCN, SkeletonModel, SymGNN
from pyg_skeleton.nn.models.trained import weights_card
from pyg_skeleton.transforms.chains import agcn_ntu, ctrgcn_ntu

pytest.importorskip("onnxscript")
onnxruntime = pytest.importorskip("onnxruntime")

#: Neither of these can be imported by the script.
ABSENT = ("pyg_skeleton", "torch", "torch_geometric", "pandas")
SMALL = {"channels": (8, 16), "strides": (1, 2), "num_classes": 3}


@pytest.fixture
def run(python):
    """Runs the script of a folder, and returns what it prints."""

    def lines(folder, *words):
        code = "import runpy; runpy.run_path('run.py', run_name='__main__')"
        done = python(code, *words, without=ABSENT, cwd=folder)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return lines


@pytest.fixture
def saved(tmp_path):
    """Writes a network with classes and a preparation."""

    def save(kind, chain, **options):
        torch.manual_seed(0)
        model = kind("ntu25", **SMALL | options).eval()
        for value in model.state_dict().values():
            if value.is_floating_point():
                value.add_(0.1 * torch.rand_like(value))
        model.classes = ["walk", "wave", "jump"][: model.num_classes]
        model.unit, model.up, model.frame_rate = "m", "y", 30.0
        model.set_preparation(chain)
        model.save(tmp_path / "model.pt")
        return model, tmp_path / "model.pt"

    return save


def test_raw_clips_without_the_library(saved, command, tmp_path, run):
    model, path = saved(CTRGCN, ctrgcn_ntu(False, "bone", num_frames=16))
    done = command("export", path, "--frames", 20)
    assert done.code == 0, done.err
    out = tmp_path / "onnx"
    assert done.out.splitlines()[-1].startswith(f"{out / 'model.onnx'}: ")
    assert sorted(file.name for file in out.iterdir()) == ["model.onnx", "run.py"]
    session = onnxruntime.InferenceSession(str(out / "model.onnx"))
    about = json.loads(session.get_modelmeta().custom_metadata_map["pyg_skeleton"])
    assert about["network"] == "CTRGCN"
    assert about["classes"] == ["walk", "wave", "jump"]
    assert about["joints"] == list(model.skeleton.joints)
    assert (about["unit"], about["up"], about["frame_rate"]) == ("m", "y", 30.0)
    assert about["prepares"]
    assert about["preparation"]["name"] == "Chain"
    for shape in ((1, 30, 25, 3), (2, 41, 25, 3), (33, 25, 3)):
        clip = np.random.default_rng(0).normal(size=shape)
        np.save(tmp_path / "clip.npy", clip)
        lines = run(out, tmp_path / "clip.npy")
        expected = model.predict(clip).to_frame()
        assert [line.split()[1] for line in lines] == expected["class"].tolist()
        ours = [float(line.split()[0]) for line in lines]
        np.testing.assert_allclose(ours, expected["probability"], atol=1e-3)


def test_a_preparation_that_is_no_arithmetic_stays_outside(saved):
    model, _ = saved(STGCN, agcn_ntu(num_frames=16))
    network, about, script = describe(model)
    assert "The clip must be prepared already: Chain([" in script.replace("\n", " ")
    assert not about["prepares"]
    assert about["preparation"]["name"] == "Chain"
    clip = torch.rand(1, 16, 25, 3)
    with torch.no_grad():
        assert torch.equal(network(clip), model.forward_plain(clip.unsqueeze(0)))


@pytest.mark.parametrize("target", ["classes", "score"])
def test_several_classes_and_scores(saved, command, tmp_path, target, run):
    outputs = 1 if target == "score" else 3
    chain = ctrgcn_ntu(False, num_frames=16)
    model, path = saved(STGCN, chain, num_persons=1, num_classes=outputs)
    model.target, model.score_mean, model.score_std = target, 100.0, 10.0
    model.classifier.weight.data *= 10
    model.save(path)
    assert command("export", path, "--frames", 20).code == 0
    clip = np.random.default_rng(0).normal(size=(33, 25, 3))
    np.save(tmp_path / "clip.npy", clip)
    lines, answer = run(tmp_path / "onnx", tmp_path / "clip.npy"), model.predict(clip)
    if target == "score":
        assert [float(line) for line in lines] == pytest.approx(answer.score.tolist(), rel=1e-3)
    else:
        frame = answer.to_frame()
        assert [line.split()[1] for line in lines] == frame["class"].tolist()
        ours = [float(line.split()[0]) for line in lines]
        np.testing.assert_allclose(ours, frame["probability"], atol=2e-3)


def test_poses(command, tmp_path, run):
    """The trained lifter, by its name, from pixels to millimeters."""
    assert command("export", "lifter", "--out", tmp_path).code == 0
    model = SkeletonModel.load(weights_card("lifter").path)
    keypoints = np.random.default_rng(0).uniform(100, 300, (5, model.skeleton.num_joints, 2))
    np.save(tmp_path / "keypoints.npy", keypoints)
    run(tmp_path, "keypoints.npy", 640, 480)
    expected = model.predict(keypoints, image_size=(640, 480)).poses
    np.testing.assert_allclose(np.load(tmp_path / "poses.npy"), expected, rtol=1e-3, atol=0.1)


def test_motion(command, tmp_path, run):
    torch.manual_seed(0)
    model = SymGNN.from_preset("tiny", num_future=2, bone=False, differences=(0,)).eval()
    model.save(tmp_path / "model.pt")
    assert command("export", tmp_path / "model.pt", "--frames", 12).code == 0
    clip = np.random.default_rng(0).normal(size=(12, model.skeleton.num_joints, 3))
    np.save(tmp_path / "clip.npy", clip)
    run(tmp_path / "onnx", tmp_path / "clip.npy")
    with pytest.warns(UserWarning, match="random weights"):
        expected = model.predict(clip).future
    np.testing.assert_allclose(np.load(tmp_path / "onnx" / "future.npy")[0], expected, atol=1e-3)


def test_errors(command):
    done = command("export", "nothing")
    assert done.code == 1
    assert "no run or weights 'nothing'" in done.err
    done = command("export", "lifter", "--frames", 1)
    assert done.code == 1
    assert "expected --frames 3 or more, got 1" in done.err
