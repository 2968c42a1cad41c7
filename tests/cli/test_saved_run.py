import pytest
import torch

from pyg_skeleton.cli.errors import UsageError
from pyg_skeleton.cli.saved_run import SavedRun, find_device, find_model
from pyg_skeleton.nn.models import STGCN, SemGCN, list_weights
from pyg_skeleton.training import Run, get_task


@pytest.fixture
def network():
    return SemGCN("h36m16", hidden_channels=4, num_blocks=1)


def write(folder, network, task="lifting", data="embedded"):
    kind = get_task(task)
    name = "sem_gcn" if "sem_gcn" in kind.models else next(iter(kind.models))
    preset, recipe = kind.plan(data, name)
    Run(task, {"name": data}, name, preset, recipe).write(folder)
    network.save(folder / "model.pt")


def test_a_run_by_its_folder_or_its_model(network, tmp_path):
    write(tmp_path, network)
    for path in (tmp_path, tmp_path / "model.pt"):
        saved = SavedRun.find(path)
        assert (saved.path, saved.run.model, saved.task.name) == (tmp_path, "sem_gcn", "lifting")
        loaded = saved.load()
        assert not loaded.training
        assert torch.equal(next(loaded.parameters()), next(network.parameters()))
    with pytest.raises(FileNotFoundError, match="no run in"):
        SavedRun.find(tmp_path / "none")


def test_lifting_of_images_is_a_run_of_lifting(network, tmp_path):
    write(tmp_path, network, "image-lifting", "rendered")
    assert SavedRun.find(tmp_path).task.name == "lifting"


def test_a_network_with_or_without_its_run(network, tmp_path):
    (tmp_path / "run").mkdir()
    write(tmp_path / "run", network)
    model, task, run = find_model(tmp_path / "run" / "model.pt")
    assert (type(model), task.name, run.model) == (SemGCN, "lifting", "sem_gcn")
    network.save(tmp_path / "alone.pt")
    model, task, run = find_model(tmp_path / "alone.pt")
    assert (type(model), task.name, run) == (SemGCN, "lifting", None)
    STGCN("ntu25", 3, channels=(4,), strides=(1,)).save(tmp_path / "alone.pt")
    assert find_model(tmp_path / "alone.pt")[1].name == "recognition"


def test_weights_that_come_along(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    name = list_weights()[0]
    model, task, run = find_model(type(tmp_path)(name))
    assert isinstance(model, tuple(get_task(task.name).models.values()))
    assert run is None
    with pytest.raises(FileNotFoundError, match=f"no run or weights '{name}s'; .* {name}"):
        find_model(type(tmp_path)(f"{name}s"))


@pytest.mark.parametrize("there", [False, True])
def test_devices(there, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: there)
    assert find_device("auto") == ("cuda" if there else "cpu")
    assert [find_device(name) for name in ("cpu", "gpu", "cuda", "mps")] == [
        *("cpu", "cuda", "cuda", "mps")
    ]
    with pytest.raises(UsageError, match="expected --accelerator auto, cpu, gpu or mps, got 'tpu'"):
        find_device("tpu")
