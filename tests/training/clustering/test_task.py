"""Presets and recipes by task, and what a run of two stages is made of."""

import json
from dataclasses import replace

import pytest
import torch

from pyg_skeleton.datasets import CrossDomainTask
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.training import (
    CODT_METHODS,
    TASKS,
    CoDTModule,
    CoDTRecipe,
    Run,
    cluster_clips,
    fingerprint,
)

TASK = TASKS["clustering"]
NETWORK = {"channels": (8, 8), "strides": (2, 2)}
RECIPE = CoDTRecipe(epochs=4, clustering_epoch=2, batch_size=8, steps_per_epoch=3)


def run_of(recipe=RECIPE, network=NETWORK, **kwargs):
    return Run("clustering", {"name": "embedded"}, "codt", "small", recipe, network, 5, **kwargs)


@pytest.mark.parametrize(
    ("data", "preset", "recipe"),
    [
        ("ntu60-skeletics", "paper", "paper"),
        ("ntu60-pku", "paper", "paper"),
        ("nw-ucla-cmu", "small", "small"),
        ("embedded", "small", "small"),
        ("own", "small", "small"),
    ],
)
def test_defaults_fit_the_data(data, preset, recipe):
    assert TASK.plan(data, "codt") == (preset, TASK.recipes[recipe])


def test_a_stage_leaves_the_parameters_of_the_other_one_without_a_gradient():
    assert TASK.unused_parameters is True
    assert all(type(recipe) is TASK.recipe_class for recipe in TASK.recipes.values())


# Networks #########################################################################################


def test_the_sizes_of_a_network_are_those_of_its_task(task):
    model = TASK.create_network(run_of(), task)
    assert (model.num_classes, model.num_clusters, model.num_samples) == (2, 2, 18)
    assert (model.skeleton, model.shared_skeleton) == (task.target_train.skeleton, task.shared)
    assert (model.skeleton.name, task.source.skeleton.name) == ("smpl24", "ntu25")
    assert (model.config["in_channels"], model.config["channels"]) == (3, (8, 8))
    assert model.config["momentum"] == 0.95  # of the preset
    assert model.classes is None
    assert model.training
    other = TASK.create_network(run_of(network={**NETWORK, "num_clusters": 3}), task)
    assert other.num_clusters == 3


@pytest.mark.parametrize("more", ["source", "target"])
def test_a_network_takes_the_persons_of_both_domains(task, more):
    sets = {"source": task.source, "target": task.target_train}
    both = sets[more][:]
    both._clips = [torch.cat([both.clip(i)] * 2) for i in range(len(both))]
    fields = {"source": both} if more == "source" else {"target_train": both}
    model = TASK.create_network(run_of(), replace(task, **fields))
    assert model.num_persons == 2
    assert TASK.create_network(run_of(), task).num_persons == 1


def test_a_network_prepares_clips_as_the_target_was_prepared(task):
    """In advance, or by a transform of the data set."""
    clips = task.target_train
    chain, clip = clips.prepared or (clips.transform, clips.clip(0))
    model = TASK.create_network(run_of(), task)
    assert repr(model.preparation) == repr(chain)
    assert (model.unit, model.up, model.frame_rate) == (clips.unit, clips.up, clips.frame_rate)
    later = clips[:]
    later._clips, later.prepared, later.transform = [clip] * len(clips), None, chain
    other = TASK.create_network(run_of(), replace(task, target_train=later))
    assert repr(other.preparation) == repr(chain)
    plain = clips[:]
    plain.prepared = plain.transform = None
    none = TASK.create_network(run_of(), replace(task, target_train=plain))
    assert none.preparation is None


# Modules and data #################################################################################


def test_a_module(task):
    run = run_of()
    model = TASK.create_network(run, task)
    module = TASK.create_module(run, model, task)
    assert isinstance(module, CoDTModule)
    assert module.model is model
    assert module.recipe == RECIPE


def test_batches_are_pairs_of_source_and_target(task):
    run = run_of(RECIPE.replace(accumulate=2))
    data = TASK.create_data(run, task, num_workers=1)
    assert (data.train, data.val, data.source) == (task.target_train, task.target_test, task.source)
    assert (data.batch_size, data.accumulate, data.seed, data.num_workers) == (8, 2, 5, 1)
    assert data.steps_per_epoch() == 3
    val = task.target_test[:3]
    assert TASK.create_data(run, task, val).val is val
    source, target = next(iter(TASK.create_data(run, task).train_dataloader()))
    assert (len(source.y), len(target.y)) == (8, 8)
    assert source.x.size(0) % task.source.skeleton.num_joints == 0
    assert target.x.size(0) % task.target_train.skeleton.num_joints == 0


# The first stage ##################################################################################


@pytest.mark.parametrize("method", CODT_METHODS)
def test_methods_share_the_run_until_clusters_are_made(method):
    recipe = RECIPE.replace(**CODT_METHODS[method], lr=0.5)
    options = {"method": method, "other": 1}
    run = run_of(recipe, options=options)
    first = TASK.first_stage(run)
    assert first.recipe == RECIPE.replace(lr=0.5, epochs=2, ocm=0.0, ccm=0.0)
    assert first.options == {"method": "bm", "other": 1}
    assert replace(first, recipe=recipe, options=options) == run
    assert run.options == {"method": method, "other": 1}


@pytest.mark.parametrize(
    "recipe",
    [
        RECIPE.replace(clustering_epoch=0),
        RECIPE.replace(clustering_epoch=4),
        RECIPE.replace(max_steps=7),
    ],
)
def test_runs_of_one_stage(recipe):
    assert TASK.first_stage(run_of(recipe)) is None


# What is recorded #################################################################################


def test_fingerprint(task):
    content = TASK.fingerprint(task)
    assert content == {
        "source": fingerprint(task.source),
        "target": fingerprint(task.target_train),
        "clusters": 2,
    }
    json.dumps(content)
    assert TASK.fingerprint(replace(task, num_clusters=3)) != content
    assert TASK.fingerprint(replace(task, source=task.source[:9])) != content
    assert TASK.fingerprint(replace(task, target_test=task.target_test[:4])) == content


def test_scores_are_those_of_the_test_clips(task, monkeypatch):
    model = TASK.create_network(run_of(), task).eval()
    module = "pyg_skeleton.training.clustering.task.evaluate_clusters"
    monkeypatch.setattr(module, lambda *args: args)  # takes seconds
    output, labels = TASK.evaluate(model, task)
    expected = cluster_clips(model, task.target_test)
    assert torch.equal(output.logits, expected.logits)
    assert torch.equal(output.shared_features, expected.shared_features)
    assert torch.equal(labels, task.target_test.labels)


def test_a_saved_network_is_the_same(task, tmp_path):
    model = TASK.create_network(run_of(), task)
    TASK.save(model, tmp_path)
    loaded = TASK.load(tmp_path)
    assert loaded.shared_skeleton == task.shared
    for name, value in model.state_dict().items():
        assert torch.equal(value, loaded.state_dict()[name])


def test_layouts_that_do_not_fit(task):
    assert isinstance(task, CrossDomainTask)
    shared = Skeleton.get("ntu25")
    with pytest.raises(ValueError, match="'smpl24' lacks joints of the shared layout"):
        TASK.create_network(run_of(), replace(task, shared=shared))
