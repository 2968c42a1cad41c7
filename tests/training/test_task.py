"""The base of tasks: what a run is planned, built and saved by."""

from types import SimpleNamespace
from typing import ClassVar

import pytest
import torch

from pyg_skeleton.nn.models import CTRGCN, MartinezMLP
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.training import Recipe, Run, SkeletonDataModule, fingerprint
from pyg_skeleton.training.task import Task


class Own(Task):
    """A task of a user's own."""

    name = "own"
    models: ClassVar = {"ctr_gcn": CTRGCN, "martinez_mlp": MartinezMLP}
    recipes: ClassVar = {
        "fast": Recipe(batch_size=4, lr=0.1, max_steps=9),
        "slow": Recipe(batch_size=2, lr=0.2, epochs=3, schedule="milestones", milestones=(2,)),
    }
    recipe_class = Recipe

    def recipe_for(self, data, model, preset):
        self.asked = data, model, preset
        return "slow" if data == "ntu60" else "fast"


TASK = Own()
KINECT = Skeleton.get("kinect20")
LITTLE = {"channels": (8,), "strides": (1,)}


# Plans ############################################################################################


@pytest.mark.parametrize(
    ("data", "model", "preset", "recipe"),
    [
        ("ntu60", "ctr_gcn", "ntu60", "slow"),
        ("nw-ucla", "ctr_gcn", "nw-ucla", "fast"),  # a preset of the same name
        ("clips", "ctr_gcn", "ntu60", "fast"),  # or else the first one
        ("clips", "martinez_mlp", "paper", "fast"),
    ],
)
def test_defaults(data, model, preset, recipe):
    assert TASK.plan(data, model) == (preset, TASK.recipes[recipe])
    assert TASK.asked == (data, model, preset)


def test_the_recipe_depends_on_the_preset_that_is_given():
    assert TASK.plan("ntu60", "ctr_gcn", "nw-ucla")[0] == "nw-ucla"
    assert TASK.asked == ("ntu60", "ctr_gcn", "nw-ucla")
    assert TASK.plan("ntu60", "ctr_gcn", recipe="fast") == ("ntu60", TASK.recipes["fast"])


def test_changes_of_the_recipe():
    _, recipe = TASK.plan("ntu60", "ctr_gcn", lr=0.5, max_steps=3, batch_size=None)
    assert recipe == TASK.recipes["slow"].replace(lr=0.5, max_steps=3)
    assert (recipe.epochs, recipe.batch_size) == (None, 2)
    assert TASK.recipes["slow"].lr == 0.2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "ctrgcn"}, r"expected model ctr_gcn or martinez_mlp, got 'ctrgcn' \(did you"),
        ({"preset": "ntu6"}, r"expected preset of ctr_gcn .* got 'ntu6' \(did you mean 'ntu60'"),
        ({"recipe": "fst"}, r"expected recipe fast or slow, got 'fst' \(did you mean 'fast'\?\)"),
        ({"lr": -1.0}, r"expected lr > 0, got -1\.0"),
        ({"rate": 1.0}, r"expected recipe setting .* got 'rate'"),
    ],
)
def test_wrong_names_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        TASK.plan(**{"data": "ntu60", "model": "ctr_gcn"} | changes)


# Networks #########################################################################################


def run_of(model="ctr_gcn", preset="nw-ucla-small", network=LITTLE, **kwargs):
    return Run("own", {"name": "clips"}, model, preset, TASK.recipes["fast"], network, **kwargs)


def test_a_network_is_that_of_the_preset_for_the_data():
    model = TASK.build(run_of(network={}), "coco17", [3, "wave", "bow"], num_persons=1)
    preset = CTRGCN.presets["nw-ucla-small"]
    assert (model.skeleton.name, model.classes) == ("coco17", ["3", "wave", "bow"])
    assert model.config["num_classes"] == 3
    assert model.config["num_persons"] == 1
    assert model.config["channels"] == preset["channels"]
    assert model.training


def test_arguments_of_the_run_come_first_and_unknown_ones_are_left_out():
    run = run_of(network={**LITTLE, "num_persons": 2})
    model = TASK.build(run, KINECT, ["a"], num_persons=1, in_channels=2, num_future=7)
    assert (model.config["num_persons"], model.config["in_channels"]) == (2, 2)
    assert model.config["channels"] == (8,)
    assert TASK.build(run_of(preset=None), KINECT, ["a"]).config["num_persons"] == 2  # of ntu60


def test_a_network_without_classes():
    run = run_of("martinez_mlp", "paper", {"hidden_channels": 8})
    model = TASK.build(run, "h36m16")
    assert isinstance(model, MartinezMLP)
    assert model.classes is None


def test_another_number_of_classes():
    run = run_of(network={**LITTLE, "num_classes": 4})
    message = r"expected the names of 4 classes, got 2: \['a', 'b'\]"
    with pytest.raises(ValueError, match=message):
        TASK.build(run, KINECT, ["a", "b"])
    assert TASK.build(run, KINECT).config["num_classes"] == 4


def test_a_pretrained_network(tmp_path):
    source = TASK.build(run_of(), KINECT, ["a", "b"]).eval()
    with pytest.raises(FileNotFoundError, match=r"no trained network at .*model\.pt"):
        TASK.build(run_of(pretrained=str(tmp_path / "model.pt")), KINECT)
    source.save(tmp_path / "model.pt")
    # The preset is not used; the folder of a run is as good as the file.
    run = run_of(preset="ntu60", network={"dropout": 0.25}, pretrained=str(tmp_path))
    model = TASK.build(run, "coco17", ["b", "c", "d"], in_channels=3)
    assert model.training
    assert (model.config["channels"], model.config["dropout"]) == ((8,), 0.25)
    assert (model.skeleton.name, model.classes) == ("coco17", ["b", "c", "d"])
    assert torch.equal(model.classifier.weight[0], source.classifier.weight[1])


def test_networks_are_saved_and_loaded(tmp_path):
    model = TASK.build(run_of(), KINECT, ["a", "b"])
    TASK.save(model, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["model.pt"]
    loaded = TASK.load(tmp_path)
    assert isinstance(loaded, CTRGCN)
    assert not loaded.training
    for name, value in model.state_dict().items():
        assert torch.equal(value, loaded.state_dict()[name])


# Data #############################################################################################


def test_batches_are_those_of_the_recipe(tiny):
    recipe = Recipe(batch_size=2, lr=0.1, max_steps=9, steps_per_epoch=3, accumulate=2)
    run = SimpleNamespace(recipe=recipe, seed=7)
    train, val = tiny.Swinging(12), tiny.Swinging(5)
    data = TASK.create_data(run, train, val, num_workers=1)
    assert isinstance(data, SkeletonDataModule)
    assert (data.train, data.val, data.source, data.weights) == (train, val, None, None)
    assert (data.batch_size, data.accumulate, data.steps_per_epoch()) == (2, 2, 3)
    assert (data.seed, data.num_workers) == (7, 1)
    assert TASK.create_data(run, train).val is None


def test_what_a_task_says_if_asked_for_no_more(tiny):
    assert TASK.network_defaults("clips", "ctr_gcn") == {}
    assert TASK.first_stage(run_of()) is None
    assert TASK.fingerprint(tiny.Swinging(5)) == fingerprint(tiny.Swinging(5))
    assert TASK.unused_parameters is False


@pytest.mark.parametrize(
    ("method", "count"),
    [("recipe_for", 3), ("create_network", 2), ("create_module", 3), ("evaluate", 2)],
)
def test_what_each_task_defines(method, count):
    with pytest.raises(NotImplementedError):
        getattr(Task(), method)(*[None] * count)
