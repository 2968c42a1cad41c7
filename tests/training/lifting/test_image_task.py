from types import SimpleNamespace

import pytest
import torch

from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.training import Run, get_task
from pyg_skeleton.training.lifting.recipe import IMAGE_LIFTING_RECIPES
from pyg_skeleton.whole_file import read_tensors, write_tensors

TASK = get_task("image-lifting")


@pytest.fixture
def run():
    preset, recipe = TASK.preset_for("rendered", "sem_gcn"), IMAGE_LIFTING_RECIPES["tiny"]
    network = {"hidden_channels": 8, "num_blocks": 1}
    return Run("image-lifting", {"name": "rendered"}, "sem_gcn", preset, recipe, network)


def test_a_saved_network_is_the_same(run, tmp_path):
    model = TASK.create_network(run, SimpleNamespace(skeleton=Skeleton.get("h36m16")))
    run.write(tmp_path)
    with pytest.raises(FileNotFoundError, match="no checkpoint at"):
        TASK.load(tmp_path)
    TASK.save(model, tmp_path)
    loaded = TASK.load(tmp_path)
    assert loaded.skeleton == model.skeleton
    assert not loaded.training
    for name, weight in model.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], weight)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.pop("skeleton"), "skeleton"),
        (lambda c: c.update(skeleton=3), r"expected .* got"),
        (lambda c: c.update(state_dict=[1]), "attribute"),
        (lambda c: next(iter(c["state_dict"].values())).fill_(torch.nan), "is not finite"),
        (lambda c: c["state_dict"].popitem(), "missing"),
    ],
)
def test_damaged_files(run, tmp_path, change, message):
    run.write(tmp_path)
    TASK.save(TASK.create_network(run, SimpleNamespace(skeleton=Skeleton.get("h36m16"))), tmp_path)
    content = read_tensors(tmp_path / "model.pt")
    change(content)
    write_tensors(content, tmp_path / "model.pt")
    with pytest.raises(ValueError, match=rf"model\.pt is no network of .*run\.json: .*{message}"):
        TASK.load(tmp_path)


def test_arguments_of_a_giant(run, tmp_path):
    TASK.save(TASK.create_network(run, SimpleNamespace(skeleton=Skeleton.get("h36m16"))), tmp_path)
    run.network["hidden_channels"] = 100_000
    run.write(tmp_path)
    with pytest.raises(ValueError, match="they need more than"):
        TASK.load(tmp_path)
