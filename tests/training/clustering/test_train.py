import argparse
from dataclasses import replace

import pytest
import torch

from pyg_skeleton.nn.models import CoDT
from pyg_skeleton.training import CODT_METHODS, CoDTRecipe, CoDTRun, create_codt, train_codt

pytestmark = [
    pytest.mark.filterwarnings("ignore:::lightning.*"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec:"),
]
RECIPE = CoDTRecipe(epochs=4, clustering_epoch=2, batch_size=8, lr=0.05)
NETWORK = {"channels": (8, 8), "strides": (2, 2), "momentum": 0.9}


def same(first, second):
    pairs = zip(first.state_dict().items(), second.state_dict().values(), strict=True)
    return [name for (name, a), b in pairs if not torch.equal(a, b)]


@pytest.mark.parametrize("method", ["bm", "ccm-fp", "ccm-pf"])
def test_other_methods_share_the_first_stage(task, tmp_path, method):
    recipe = replace(RECIPE, **CODT_METHODS[method])
    run = CoDTRun(recipe, "embedded", {}, method, "small", NETWORK, 0)
    machine = {"accelerator": "cpu", "num_workers": 0, "stage1": tmp_path / "stage1"}
    args = argparse.Namespace(out=tmp_path / "a", resume=False, **machine)
    first = train_codt(run, task, args)
    again = argparse.Namespace(out=tmp_path / "b", resume=True, **machine)
    stamp = (tmp_path / "stage1" / "last.ckpt").stat().st_mtime_ns
    assert same(first, train_codt(run, task, again)) == []
    assert (tmp_path / "stage1" / "last.ckpt").stat().st_mtime_ns == stamp
    with pytest.raises(ValueError, match="is another: seed=0 there, 1 here"):
        train_codt(replace(run, seed=1), task, again)
    assert same(first, CoDT.load(tmp_path / "b" / "model.pt")) == []


def test_the_network_fits_the_task(task):
    run = CoDTRun(RECIPE, "embedded", {}, "codt", "small", {**NETWORK, "num_clusters": 3}, 0)
    model = create_codt(run, task)
    assert (model.num_classes, model.num_clusters, model.num_samples) == (2, 3, 18)
    assert model.skeleton.name == "smpl24"
    assert model.shared_skeleton == task.shared
    assert model.config["channels"] == (8, 8)
