from argparse import Namespace
from dataclasses import replace

import pytest

from pyg_skeleton.training import CODT_RECIPES, CoDTRun


@pytest.fixture
def run():
    return CoDTRun.from_options(
        Namespace(
            recipe="small",
            method="ocm",
            changes={"lr": 0.3, "epochs": 50},
            task="own",
            options={"num_clusters": 4, "source_skeleton": "ntu25"},
            preset="small",
            network={"dropout": 0.1},
            seed=7,
            out="not a setting",
        )
    )


def test_the_recipe_has_the_changes_of_the_method_and_of_the_command_line(run):
    assert run.recipe == replace(CODT_RECIPES["small"], ccm=0.0, lr=0.3, epochs=50)
    assert run.options["num_clusters"] == 4


def test_what_is_given_goes_before_the_method():
    options = dict.fromkeys(("options", "preset", "network", "task", "seed"))
    args = Namespace(recipe="paper", method="bm", changes={"ccm": 2.0}, **options)
    recipe = CoDTRun.from_options(args).recipe
    assert (recipe.ocm, recipe.ccm) == (0, 2)


def test_round_trip(run, tmp_path):
    run.write(tmp_path)
    assert CoDTRun.read(tmp_path) == run
    with pytest.raises(ValueError, match=r"is another: method='ocm' there, 'codt' here"):
        replace(run, method="codt").check_same(tmp_path)


def test_joints_in_pictures(run):
    assert not run.in_pictures
    assert replace(run, options={**run.options, "flat": True}).in_pictures
