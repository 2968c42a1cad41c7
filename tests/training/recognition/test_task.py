"""Presets and recipes by data set, and what a run is made of."""

import json
from dataclasses import replace

import pytest
import torch

from pyg_skeleton.datasets import ClipDataset
from pyg_skeleton.nn.models import CTRGCN, SkeletonGCL, SymGNN
from pyg_skeleton.training import TASKS, RecognitionModule, Run, hold_out
from pyg_skeleton.transforms import FrameDraw

TASK = TASKS["recognition"]
LARGE = ("ntu60", "ntu120", "pose-annotations", "kinetics")


# Defaults #########################################################################################


@pytest.mark.parametrize(
    ("data", "model", "preset", "recipe"),
    [
        ("ntu60", "ctr_gcn", "ntu60", "ctr-gcn-ntu"),
        ("ntu60", "st_gcn", "ntu60", "st-gcn-ntu"),
        ("ntu60", "agcn", "ntu60", "agcn-ntu"),
        ("ntu60", "skeletal_gnn_classifier", "ntu60", "hcsf-ntu"),
        ("ntu60", "sym_gnn", "ntu", "ctr-gcn-ntu"),
        ("ntu120", "info_gcn", "ntu120", "info-gcn-ntu"),
        ("pose-annotations", "ctr_gcn", "ntu60", "ctr-gcn-ntu"),
        ("kinetics", "st_gcn", "kinetics", "st-gcn-kinetics"),
        ("kinetics", "sym_gnn", "kinetics", "st-gcn-kinetics"),
        ("kinetics", "ctr_gcn", "ntu60", "st-gcn-kinetics"),
        ("nw-ucla", "ctr_gcn", "nw-ucla", "ctr-gcn-nw-ucla"),
        ("nw-ucla", "st_gcn", "nw-ucla", "ctr-gcn-nw-ucla"),
        ("nw-ucla", "skeletal_gnn_classifier", "ntu60", "ctr-gcn-nw-ucla"),
        ("utd-mhad", "ctr_gcn", "nw-ucla-small", "nw-ucla-small"),
        ("utd-mhad", "agcn", "nw-ucla", "nw-ucla-small"),
        ("clips", "sym_gnn", "tiny", "nw-ucla-small"),
        ("clips", "info_gcn", "nw-ucla", "info-gcn-small"),
        ("embedded", "st_gcn", "quarter", "tiny"),
        ("embedded", "info_gcn", "nw-ucla", "info-gcn-small"),
    ],
)
def test_defaults_fit_the_data(data, model, preset, recipe):
    assert TASK.plan(data, model) == (preset, TASK.recipes[recipe])


def test_the_first_network_is_the_default_and_all_recognize():
    assert next(iter(TASK.models)) == "ctr_gcn"
    assert TASK.models["ctr_gcn"] is CTRGCN
    assert TASK.name == "recognition"
    assert all(type(recipe) is TASK.recipe_class for recipe in TASK.recipes.values())


def test_aagcn_is_a_preset_with_a_recipe_of_its_own():
    for data in ("ntu60", "ntu120"):
        assert TASK.plan(data, "agcn")[1] == TASK.recipes["agcn-ntu"]
        assert TASK.plan(data, "agcn", "aagcn-ntu60")[1] == TASK.recipes["aagcn-ntu"]
    assert TASK.plan("kinetics", "agcn", "aagcn-ntu60")[1] == TASK.recipes["st-gcn-kinetics"]


@pytest.mark.parametrize("data", [*LARGE, "nw-ucla", "utd-mhad", "embedded"])
@pytest.mark.parametrize("model", TASK.models)
def test_classifiers_start_small_where_the_data_are_not_the_papers(data, model):
    expected = {"prediction": False} if model == "sym_gnn" else {}
    if data in ("utd-mhad", "embedded") and model not in ("sym_gnn", "st_gcn"):
        expected = {"classifier_std": 0.01}
    assert TASK.network_defaults(data, model) == expected
    TASK.network_defaults(data, model)["more"] = 1  # is a new one each time
    assert TASK.network_defaults(data, model) == expected


# Networks #########################################################################################

LITTLE = {"channels": (8,), "strides": (1,)}


def clips(tiny, count=12, labels=None, persons=1, repeat=1, target="class"):
    """Sticks that swing at three speeds."""
    data = tiny.Swinging(count, persons=persons)
    labels = [i % 3 for i in range(count)] if labels is None else labels
    classes = data.classes if target != "score" else ["score"]
    names = [f"clip {i}" for i in range(count)]
    motions = [data.motion(i) for i in range(count)]
    return ClipDataset(
        motions, labels, names, tiny.STICK, classes, FrameDraw(8), repeat, target=target
    )


def labeled(tiny, target):
    """Clips that are fast or slow or both, or have a score, whose mean is 100."""
    row = [[1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1]] if target == "classes" else [90, 110]
    return clips(tiny, labels=row * (12 // len(row)), target=target)


def run_of(model="st_gcn", data="embedded", network=LITTLE, options=None, **changes):
    lengths = {"epochs": 1, "batch_size": 4, "milestones": (), "num_frames": 8}
    preset, recipe = TASK.plan(data, model, **lengths | changes)
    return Run("recognition", {"name": data}, model, preset, recipe, network, 3, options or {})


@pytest.mark.parametrize("model", ["ctr_gcn", "st_gcn", "skeletal_gnn_classifier"])
def test_a_network_is_that_of_its_clips(tiny, model):
    data = clips(tiny, persons=2)
    data.frame_rate, data.unit, data.up = 25.0, "m", "y"
    network = TASK.create_network(run_of(model), data)
    config = network.config
    assert (network.skeleton, network.classes) == (tiny.STICK, ["slow", "medium", "fast"])
    assert (config["num_classes"], config["in_channels"], config["num_persons"]) == (3, 3, 2)
    assert config["classifier_std"] == (None if model == "st_gcn" else 0.01)
    assert (network.frame_rate, network.unit, network.up) == (25.0, "m", "y")
    assert (network.target, network.score_mean, network.score_std) == ("class", 0.0, 1.0)
    assert network.training


@pytest.mark.parametrize("stream", ["joint", "bone-motion"])
def test_the_preparation_of_a_network_is_that_of_its_stream(tiny, stream):
    """That of a test, with the recipe's number of frames; a clip before the transform shows it."""
    data = clips(tiny)
    run = run_of(options={} if stream == "joint" else {"stream": stream}, num_frames=6)
    network = TASK.create_network(run, data)
    expected = data.preparation(False, stream, 6, run.recipe.pipeline)
    assert repr(network.preparation) == repr(expected)
    x = network.preparation(data.get(0)).x
    assert torch.equal(x, expected(data.get(0)).x)
    assert x.shape == (5, 6, 3)


def test_sym_gnn_recognizes_alone(tiny):
    network = {"blocks": ((4, 4), (4, 8)), "agim_channels": 4, "hidden_channels": 4}
    model = TASK.create_network(run_of("sym_gnn", network=network), clips(tiny))
    assert isinstance(model, SymGNN)
    assert model.config["prediction"] is False
    assert model.classes == ["slow", "medium", "fast"]
    assert not hasattr(model, "target")


def test_a_head_that_starts_anew_starts_small(tiny, tmp_path):
    """Also with the data of the paper, where its authors draw it otherwise."""
    data = clips(tiny)
    source = TASK.create_network(run_of("ctr_gcn", "nw-ucla"), data)
    assert source.config["classifier_std"] is None
    source.save(tmp_path / "model.pt")
    other = clips(tiny)
    other.classes = ["one", "two", "three"]
    run = replace(run_of("ctr_gcn", "nw-ucla", {}), pretrained=str(tmp_path))
    tuned = TASK.create_network(run, other)
    assert tuned.config["classifier_std"] == 0.01
    assert 0.003 < tuned.classifier.weight.std() < 0.03
    assert torch.equal(tuned.blocks[0].conv.weight, source.blocks[0].conv.weight)


def test_the_scale_of_scores(tiny):
    data = labeled(tiny, "score")
    model = TASK.create_network(run_of(), data)
    assert (model.target, model.classes) == ("score", ["score"])
    assert (model.score_mean, model.score_std) == (100.0, 10.0)
    same = labeled(tiny, "score")
    same.labels[:] = 7
    with pytest.raises(ValueError, match=r"expected different scores to learn from, all are 7$"):
        TASK.create_network(run_of(), same)


def test_fine_tuning_for_another_target_has_a_new_head(tiny, tmp_path):
    source = TASK.create_network(run_of(), clips(tiny))
    source.save(tmp_path / "model.pt")
    run = replace(run_of(), pretrained=str(tmp_path / "model.pt"))
    tuned = TASK.create_network(run, labeled(tiny, "score"))
    assert (tuned.target, tuned.score_mean) == ("score", 100.0)
    assert tuned.transfer.made == ["classifier.weight", "classifier.bias"]
    tuned.save(tmp_path / "score.pt")
    back = TASK.create_network(replace(run, pretrained=str(tmp_path / "score.pt")), clips(tiny))
    assert (back.target, back.score_mean, back.score_std) == ("class", 0.0, 1.0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"class_weights": True}, "class_weights needs one class of each clip, these clips have"),
        ({"balanced_sampling": True}, "balanced_sampling needs one class"),
        ({"label_smoothing": 0.1}, "label_smoothing needs one class"),
        ({"loss": "info_gcn"}, "the loss 'info_gcn' needs one class"),
        ({"options": {"gcl": "paper"}}, "SkeletonGCL needs one class"),
        ({"model": "sym_gnn"}, "sym_gnn needs one class"),
    ],
)
@pytest.mark.parametrize("target", ["classes", "score"])
def test_what_needs_one_class(tiny, target, changes, message):
    with pytest.raises(ValueError, match=message):
        TASK.create_network(run_of(**changes), labeled(tiny, target))


# Modules ##########################################################################################

CONTRAST = {"channels": 6, "num_positives": 2, "num_hard": 3}


@pytest.mark.parametrize(
    ("data", "per_class", "options"),
    [("nw-ucla", 342, CONTRAST), ("nw-ucla", 5, CONTRAST | {"per_class": 5})],
)
def test_a_module_with_contrast(tiny, data, per_class, options):
    """The bank for NW-UCLA has a size of its own, unless the run says another."""
    run = run_of("ctr_gcn", data, options={"gcl": "paper", "contrast": options})
    model = TASK.create_network(run, clips(tiny))
    module = TASK.create_module(run, model, clips(tiny, repeat=2))
    assert isinstance(module, RecognitionModule)
    assert isinstance(module.model, SkeletonGCL)
    assert module.network is model
    assert module.model.instances.per_class == per_class
    assert module.recipe == run.recipe


def test_a_slot_for_each_item(tiny):
    run = run_of("ctr_gcn", options={"gcl": "authors_code", "contrast": CONTRAST})
    data = clips(tiny, repeat=2)
    module = TASK.create_module(run, TASK.create_network(run, data), data)
    assert module.model.samples.classes.shape == (24,)


@pytest.mark.parametrize("options", [{}, {"gcl": "none"}])
def test_a_module_without_contrast(tiny, options):
    run = run_of(options=options)
    model = TASK.create_network(run, clips(tiny))
    module = TASK.create_module(run, model, clips(tiny))
    assert module.model is module.network is model
    assert module.loss_weight is None


def test_weights_of_classes(tiny):
    """The inverse of their number of clips; over the clips, their mean is one. A class without a
    clip does not count.
    """
    run = run_of(class_weights=True)
    for labels in ([0] * 8 + [1] * 2 + [2] * 2, [0] * 9 + [2] * 3):
        data = clips(tiny, labels=labels, repeat=2)
        model = TASK.create_network(run, data)
        weight = TASK.create_module(run, model, data).loss_weight
        assert weight[data.labels].mean() == pytest.approx(1)
        shares = [labels.count(c) * float(weight[c]) for c in sorted(set(labels))]
        assert shares == pytest.approx([12 / len(shares)] * len(shares))


# Data #############################################################################################


def test_batches(tiny):
    run = run_of(block=2, accumulate=2)
    train, val = clips(tiny), clips(tiny, 5)
    data = TASK.create_data(run, train, val, num_workers=1)
    assert (data.train, data.val, data.weights, data.block) == (train, val, None, 2)
    assert (data.batch_size, data.accumulate, data.seed, data.num_workers) == (4, 2, 3, 1)
    assert TASK.create_data(run_of(), train).block is None


def test_balanced_sampling(tiny):
    train = clips(tiny, 18, [0] * 12 + [1] * 3 + [2] * 3, repeat=2)
    data = TASK.create_data(run_of(balanced_sampling=True), train)
    weights = [float(data.weights[train.labels.repeat(2) == c].sum()) for c in range(3)]
    assert weights == pytest.approx([sum(weights) / 3] * 3)
    loader = data.train_dataloader()
    drawn = torch.cat([batch.y for _ in range(40) for batch in loader])
    shares = drawn.bincount() / len(drawn)
    assert (shares - 1 / 3).abs().max() < 0.05


def test_held_out_clips_of_another_target(tiny):
    message = "held-out clips have the target 'class', those to learn from 'classes'"
    with pytest.raises(ValueError, match=message):
        TASK.create_data(run_of(), labeled(tiny, "classes"), clips(tiny))


@pytest.mark.parametrize(
    ("target", "name"), [("class", "top1"), ("classes", "exact"), ("score", "error")]
)
def test_what_is_measured(tiny, target, name):
    data = clips(tiny) if target == "class" else labeled(tiny, target)
    model = TASK.create_network(run_of(), data)
    result = TASK.evaluate(model, data)
    assert name in result
    json.dumps(result)


# Held-out clips ###################################################################################


@pytest.mark.parametrize(("share", "held_out"), [(0.4, 4), (0.06, 1), (0.94, 9), (0.26, 3)])
def test_a_clip_is_held_out_with_all_its_repetitions(tiny, share, held_out):
    data, plain = clips(tiny, 10, repeat=3), clips(tiny, 10)
    data.transform, plain.transform = FrameDraw(4), FrameDraw(6, random=False)
    learn, test = hold_out(data, plain, share)
    assert (len(learn), len(test)) == (3 * (10 - held_out), held_out)
    assert set(learn.names).isdisjoint(test.names)
    assert set(learn.names) | set(test.names) == set(plain.names)
    assert [learn.names.count(name) for name in set(learn.names)] == [3] * (10 - held_out)
    assert (learn[0].x.size(1), test[0].x.size(1)) == (4, 6)


def test_the_seed_decides_who_is_held_out(tiny):
    data = clips(tiny)
    parts = [hold_out(data, data, 0.5, seed)[1].names for seed in (0, 0, 1, 2)]
    assert parts[0] == parts[1]
    assert len({tuple(names) for names in parts}) == 3
    state = torch.get_rng_state()
    hold_out(data, data, 0.5)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("share", [0, 1, -0.5, 1.5, float("nan")])
def test_shares(tiny, share):
    with pytest.raises(ValueError, match=rf"^expected a share between 0 and 1, got {share}$"):
        hold_out(clips(tiny), clips(tiny), share)


@pytest.mark.parametrize("share", [0.04, 0.97])
def test_a_side_without_clips(tiny, share):
    with pytest.raises(ValueError, match=rf"got a share of {share} of 12 clips$"):
        hold_out(clips(tiny, repeat=5), clips(tiny), share)
