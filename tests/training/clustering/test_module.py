"""Two stages, what each of them sees, and runs that stop and go on."""

from dataclasses import replace

import pytest
import torch

from pyg_skeleton.nn.models import CoDT
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.training import (
    TASKS,
    CoDTModule,
    CoDTRecipe,
    Run,
    SkeletonDataModule,
    align_clusters,
    cluster_clips,
    cluster_table,
    create_trainer,
)

pytestmark = [
    pytest.mark.filterwarnings("ignore:::lightning.*"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec:"),
]
RECIPE = CoDTRecipe(epochs=4, clustering_epoch=2, batch_size=8, lr=0.05)
NETWORK = {"channels": (8, 8), "strides": (2, 2), "momentum": 0.9}


def make(task, recipe=RECIPE, **network):
    torch.manual_seed(0)
    run = Run("clustering", {"name": "embedded"}, "codt", "small", recipe, NETWORK | network)
    model = TASKS["clustering"].create_network(run, task)
    return CoDTModule(model, recipe, task.source.skeleton)


def fit(task, module, out, epochs=None, start=None):
    data = SkeletonDataModule(task.target_train, task.target_test, 8, source=task.source)
    epochs = module.recipe.epochs if epochs is None else epochs
    steps = epochs * data.steps_per_epoch()
    trainer = create_trainer(out, steps, start is not None, accelerator="cpu")
    trainer.fit(module, data, ckpt_path=start)
    return module.model


def same(first, second):
    pairs = zip(first.state_dict().items(), second.state_dict().values(), strict=True)
    return [name for (name, a), b in pairs if not torch.equal(a, b)]


@pytest.mark.parametrize("stop", [1, 2, 3])  # in a stage, between them, in the other one
def test_a_run_that_stops_and_goes_on_is_the_run_that_never_stopped(task, tmp_path, stop):
    whole = fit(task, make(task), tmp_path / "whole")
    fit(task, make(task), tmp_path / "parts", epochs=stop)
    resumed = fit(task, make(task), tmp_path / "parts", start=tmp_path / "parts" / "last.ckpt")
    assert same(whole, resumed) == []


def test_what_each_stage_moves(task, tmp_path, monkeypatch):
    module = make(task)
    seen = []
    for name in ("source_losses", "target_losses"):
        method = getattr(module.model, name)

        def spy(*args, method=method, **kwargs):
            losses = method(*args, **kwargs)
            seen.append((module.current_epoch, args, sorted(losses)))
            return losses

        monkeypatch.setattr(module.model, name, spy)
    before = module.model.b0.student.clusters.weight.clone()
    starts = []
    start = module.start_clusters
    monkeypatch.setattr(
        module, "start_clusters", lambda: starts.append((module.current_epoch, same_w())) or start()
    )

    def same_w():
        return torch.equal(module.model.b0.student.clusters.weight, before)

    fit(task, module, tmp_path)
    assert starts == [(2, True)]  # once, and nothing had moved the classifiers
    for epoch, args, losses in seen:
        if len(losses) == 2 and "sup" in losses:
            assert torch.equal(args[0], args[1])  # the source is never masked
            continue
        views = args[0]
        masked = (views.student0 == 0).float().mean() > 0.1
        if epoch < 2:
            assert losses == ["cont", "dec"]
            assert not masked
            assert views.teacher0 is None
        else:
            assert losses == ["ccm", "cont", "dec", "ocm"]
            assert masked
            assert (views.whole0 == 0).float().mean() < 0.06  # the base of the neck
            assert views.teacher0 is not None
        # Teachers see weak views of their own.
        assert not torch.equal(views.teacher1, views.student1)


def test_the_second_stage_begins_with_centroids(task, tmp_path):
    module = make(task, replace(RECIPE, epochs=1, clustering_epoch=0, clustering_lr=1e-12))
    fit(task, module, tmp_path)
    for branch in (module.model.b0, module.model.b1):
        rows = branch.student.clusters.weight
        torch.testing.assert_close(rows.norm(dim=1), torch.ones(2))
        torch.testing.assert_close(branch.teacher.clusters.weight, rows)


def test_clusters_keep_the_numbers_of_training(task, tmp_path):
    """Both branches are matched on the training clips, whatever clips come later."""
    model = fit(task, make(task), tmp_path)
    output = cluster_clips(model, task.target_train)
    pair = output.shared_logits.softmax(1), output.logits.softmax(1)
    assert model.cluster_order == align_clusters(*pair).tolist()
    model.cluster_order = model.cluster_order[::-1]  # not what other clips would yield
    model.save(tmp_path / "model.pt")
    loaded = CoDT.load(tmp_path / "model.pt")
    assert loaded.cluster_order == model.cluster_order
    test = cluster_clips(loaded, task.target_test)
    names = task.target_test.names
    table = cluster_table(names, test.shared_logits, test.logits, loaded.cluster_order)
    for rows in (slice(1), slice(3, 5)):
        some = cluster_table(
            names[rows], test.shared_logits[rows], test.logits[rows], loaded.cluster_order
        )
        assert some["cluster"].tolist() == table["cluster"][rows].tolist()
    probability = loaded.cluster_probability(test.logits, test.shared_logits)
    assert probability.argmax(1).tolist() == table["cluster"].tolist()
    loaded.cluster_order = None  # of a file from before: the branch of the target
    assert torch.equal(
        loaded.cluster_probability(test.logits, test.shared_logits), test.logits.softmax(1)
    )


def test_the_authors_way(task, tmp_path):
    recipe = replace(RECIPE, mask_always=True, strong=False, fill_banks=False, k_means=False)
    module = make(task, recipe, copy_teachers=False, teacher_dropout=True, pad_persons=True)
    weights = module.model.b1.student.clusters.weight.clone()
    fit(task, module, tmp_path, epochs=1)
    assert torch.equal(module.model.b1.student.clusters.weight, weights)


def test_layouts_that_do_not_fit(task):
    coco = Skeleton.get("coco17")
    with pytest.raises(ValueError, match="'coco17' lacks joints of the shared layout"):
        CoDTModule(make(task).model, RECIPE, coco)
