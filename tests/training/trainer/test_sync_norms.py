"""Norms with the statistics of all processes, as a plugin of Lightning."""

import os
import sys
from pathlib import Path

import pytest
import torch
from lightning.pytorch import Trainer
from torch.nn.modules.batchnorm import _BatchNorm

from pyg_skeleton.nn.models import create_model
from pyg_skeleton.training import SyncNorms, create_trainer

PROGRAM = Path(__file__)


def network():
    torch.manual_seed(0)
    shape = {"channels": (8,), "strides": (1,), "num_persons": 1}
    return create_model("ctr_gcn", skeleton="kinect20", num_classes=3, **shape)


def clips():
    """Eight clips of a person, whose sizes differ."""
    generator = torch.Generator().manual_seed(0)
    sizes = torch.arange(1, 9).view(8, 1, 1, 1)
    return sizes * torch.randn(8, 20, 6, 3, generator=generator)


def answer(model, x):
    """Trains in the sense that statistics move."""
    persons = torch.arange(len(x))
    return model.forward_clips(x.flatten(0, 1), persons, torch.zeros_like(persons), len(x))


def statistics(model):
    return {name: value for name, value in model.named_buffers() if "running" in name}


def norms(model):
    return [module for module in model.modules() if isinstance(module, _BatchNorm)]


def synchronized(model):
    return {getattr(norm, "synchronized", False) for norm in norms(model)}


# One process ######################################################################################


def test_a_network_is_changed_and_changed_back():
    model, plugin = network(), SyncNorms()
    kinds, text, state = [type(m) for m in model.modules()], repr(model), model.state_dict()
    assert synchronized(model) == {False}
    assert plugin.apply(model) is model
    assert synchronized(model) == {True}
    assert repr(model) == text
    assert plugin.revert(model) is model
    assert synchronized(model) == {False}
    assert [type(m) for m in model.modules()] == kinds
    assert state.keys() == model.state_dict().keys()
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())


def test_twice_is_as_once():
    model, plugin = network(), SyncNorms()
    kinds = [type(m) for m in norms(model)]
    plugin.revert(plugin.revert(model))
    assert [type(m) for m in norms(model)] == kinds
    plugin.apply(plugin.apply(model))
    plugin.revert(model)
    assert [type(m) for m in norms(model)] == kinds


def test_a_network_in_evaluation_mode_answers_as_before():
    model, x = network().eval(), clips()
    expected = answer(model, x)
    before = {name: value.clone() for name, value in statistics(model).items()}
    SyncNorms().apply(model)
    assert torch.equal(answer(model, x), expected)
    assert all(torch.equal(value, before[name]) for name, value in statistics(model).items())


def test_a_network_without_norms_stays():
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.LayerNorm(2))
    kinds = [type(m) for m in model.modules()]
    SyncNorms().apply(model)
    assert [type(m) for m in model.modules()] == kinds


@pytest.mark.filterwarnings("ignore:::lightning.*")
def test_lightning_takes_it(tmp_path):
    options = {"accelerator": "cpu", "devices": 2, "strategy": "ddp"}
    plain = Trainer(plugins=[SyncNorms()], logger=False, default_root_dir=tmp_path, **options)
    assert isinstance(plain.strategy._layer_sync, SyncNorms)
    ours = create_trainer(tmp_path, 1, sync_batchnorm=True, **options)
    assert isinstance(ours.strategy._layer_sync, SyncNorms)
    assert create_trainer(tmp_path, 1, **options).strategy._layer_sync is None


# Two processes ####################################################################################


@pytest.fixture(scope="module")
def pair(in_two_processes):
    """The results of two processes."""
    return in_two_processes(PROGRAM)


def test_two_processes_are_one_while_it_is_applied(pair):
    """Five clips in the first process, three in the second."""
    model = network()
    expected = answer(model, clips())
    found = torch.cat([results["applied"] for results in pair])
    torch.testing.assert_close(found, expected.detach())
    for results in pair:
        torch.testing.assert_close(results["after"], statistics(model))


def test_each_process_is_alone_after_it_is_reverted(pair):
    for results, x in zip(pair, clips().split([5, 3]), strict=True):
        model = network()
        answer(model, clips())
        expected = answer(model, x)
        torch.testing.assert_close(results["reverted"], expected.detach())
        torch.testing.assert_close(results["alone"], statistics(model))
    assert not torch.allclose(*(results["alone"]["norm.running_var"] for results in pair))


def main(out, rank):
    torch.set_num_threads(1)
    where = f"file://{out / 'meeting'}"
    torch.distributed.init_process_group("gloo", where, rank=rank, world_size=2)
    model, plugin, results = network(), SyncNorms(), {}
    x = clips().split([5, 3])[rank]
    results["applied"] = answer(plugin.apply(model), x).detach()
    results["after"] = {name: value.clone() for name, value in statistics(model).items()}
    results["reverted"] = answer(plugin.revert(model), x).detach()
    results["alone"] = statistics(model)
    torch.save(results, out / f"{rank}.pt")
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    main(Path(sys.argv[1]), int(sys.argv[2]))
