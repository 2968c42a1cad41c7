import logging
import warnings

import pytest
import torch
from torch_geometric.data import Batch

from pyg_skeleton.datasets import SyntheticClips
from pyg_skeleton.nn.models import (
    CTRGCN,
    InfoGCN,
    LiftingModel,
    MotionModel,
    PlainNetwork,
    SemGCN,
    create_model,
    export_onnx,
    export_program,
    list_models,
)
from pyg_skeleton.nn.models import export as module
from pyg_skeleton.nn.models.skeleton_model import first_tensor
from pyg_skeleton.testing import assert_close


def graphs(model, x):
    """The same clips as data objects, without those who are not there."""
    if isinstance(model, LiftingModel):
        poses = x if x.dim() == 3 else x.transpose(1, 2)
        return Batch.from_data_list([model.skeleton.to_data(pose) for pose in poses])
    there = [clip[:1] if not clip[1:].any() else clip for clip in x]
    if isinstance(model, MotionModel):
        there = [(clip - model.mean) / model.std for clip in there]
    return Batch.from_data_list([model.skeleton.to_data(clip.transpose(1, 2)) for clip in there])


@pytest.mark.parametrize("name", list_models())
def test_every_network(make, name):
    """Plain tensors in, what the network says of data objects out, whatever their number."""
    model = make(name)
    # PyTorch 2.10 adds guards that refuse other frames than those it has traced.
    program = export_program(model, frames=12).module(check_guards=False)
    plain = PlainNetwork(model)
    for batch_size, frames in ((1, 12), (4, 17)):
        x = plain.example(batch_size, frames)
        with torch.no_grad():
            output, expected = program(x), model(graphs(model, x))
        output = output[0] if isinstance(output, tuple) else output
        expected = first_tensor(expected)
        if name in (
            "si_mlpe",
            "trajectory_gcn",
        ):  # of those who are there, in the units of the data
            there = (x != 0).flatten(2).any(dim=2)
            bodies = expected.unflatten(0, (-1, model.skeleton.num_joints)).transpose(1, 2)
            output, expected = output[there], bodies * model.std + model.mean
            assert len(there) == batch_size
            assert_close(output, expected, "exported differs", rtol=1e-4, atol=1e-4)
            continue
        assert len(output) == batch_size
        assert_close(output.flatten(), expected.flatten(), "exported differs", rtol=1e-4, atol=1e-4)
    assert not model.training


def test_absent_persons_have_no_say_unless_padded(make):
    for pad in (False, True):
        model = make("ctr_gcn", pad_persons=pad)
        x = torch.rand(3, 2, 12, 25, 3)
        x[1, 1] = 0
        with torch.no_grad():
            own = PlainNetwork(model)(x)[1]
            alone = model(model.skeleton.to_data(x[1, :1].transpose(1, 2)))[0]
            both = model(model.skeleton.to_data(x[1].transpose(1, 2)))[0]
        torch.testing.assert_close(own, alone)
        assert torch.allclose(alone, both) == pad


def test_the_recognizer_in_8_bits(onnxruntime, tmp_path):
    """It loses little of what trained weights recognize."""
    model = create_model("ctr_gcn", weights="recognizer")
    clips = SyntheticClips("test", "shared15", clips_per_class=4, transform=model.preparation)
    x = torch.stack([clip.x.transpose(0, 1) for clip in clips]).unsqueeze(1)
    with torch.no_grad():
        expected = PlainNetwork(model)(x).argmax(1)
    export_onnx(model, tmp_path / "model.onnx", int8=True)
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    (logits,) = session.run(None, {"x": x.numpy()})
    found, right = torch.from_numpy(logits).argmax(1), torch.cat([clip.y for clip in clips])
    assert (expected == right).float().mean() > 0.9
    assert (found == right).sum() >= (expected == right).sum() - 3
    assert (found == expected).float().mean() > 0.9


def test_sym_gnn_predicts_in_the_units_of_its_data(make):
    model = make("sym_gnn")
    x = 3 + torch.rand(2, 1, 12, 26, 3)
    model.set_normalization(x.mean((0, 1, 2)), x.std((0, 1, 2)))
    logits, future = PlainNetwork(model)(x)
    for n in range(2):
        expected = model.predict(x[n, 0].numpy())
        torch.testing.assert_close(future[n, 0], torch.from_numpy(expected.future))
        torch.testing.assert_close(logits.softmax(1)[n], torch.from_numpy(expected.probability))


def test_only_prediction(make):
    x = torch.rand(2, 1, 12, 26, 3)
    (future,) = PlainNetwork(make("sym_gnn", recognition=False))(x)
    assert future.shape == (2, 1, 2, 26, 3)


@pytest.fixture
def onnxruntime():
    pytest.importorskip("onnxscript")
    return pytest.importorskip("onnxruntime")


@pytest.mark.parametrize("kind", [CTRGCN, InfoGCN, SemGCN])
def test_onnx(make, kind, onnxruntime, tmp_path):
    name = {CTRGCN: "ctr_gcn", InfoGCN: "info_gcn", SemGCN: "sem_gcn"}[kind]
    model = make(name, **{} if kind is SemGCN else {"channels": (8,), "strides": (2,)})
    model.train()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        export_onnx(model, tmp_path / "model.onnx", frames=12)
    assert model.training
    assert logging.getLogger("torch.onnx").level == logging.NOTSET
    assert [file.name for file in tmp_path.iterdir()] == ["model.onnx"]
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    plain = PlainNetwork(model.eval())
    for batch_size, frames in ((1, 5), (3, 40)):
        x = plain.example(batch_size, frames)
        with torch.no_grad():
            expected = plain(x)
        (output,) = session.run(["output"], {"x": x.numpy()})
        torch.testing.assert_close(torch.from_numpy(output), expected, rtol=1e-3, atol=1e-4)


def test_a_file_that_differs_is_not_left_behind(make, onnxruntime, tmp_path, monkeypatch):
    model = make("martinez_mlp")

    def another(model, frames):
        return real(
            make("martinez_mlp").apply(lambda m: getattr(m, "reset_parameters", int)()), frames
        )

    real = module.export_program
    monkeypatch.setattr(module, "export_program", another)
    with pytest.raises(
        RuntimeError, match=r"MartinezMLP gives something else for x of shape \[1, 16, 2\]"
    ):
        export_onnx(model, tmp_path / "model.onnx")
    assert list(tmp_path.iterdir()) == []
