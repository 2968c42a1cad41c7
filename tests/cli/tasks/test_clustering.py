from types import SimpleNamespace

import pandas as pd
import pytest

from pyg_skeleton.cli.errors import UsageError
from pyg_skeleton.cli.reports.report import Report
from pyg_skeleton.cli.tasks import TASKS
from pyg_skeleton.cli.tasks.clustering import is_planar, own_clips
from pyg_skeleton.training import CODT_METHODS

CLUSTERING = TASKS["clustering"]
METRIC = "ACC (dominating label) %"


@pytest.mark.parametrize("method", CODT_METHODS)
def test_a_method_sets_its_losses(method, run_of):
    run = run_of("clustering", "--method", method)
    assert run.options["method"] == method
    assert {k: getattr(run.recipe, k) for k in CODT_METHODS[method]} == CODT_METHODS[method]


def test_what_is_given_is_stronger_than_the_method(run_of):
    assert CODT_METHODS["bm"]["ocm"] == 0
    run = run_of("clustering", "--method", "bm", "--ocm", 0.25)
    assert (run.recipe.ocm, run.recipe.ccm) == (0.25, 0)


def test_source_and_target_have_a_place_each():
    assert [o.name for o in CLUSTERING.root_options("")] == ["root_source", "root_target"]
    for data in CLUSTERING.corpora:
        names = {option.name for option in CLUSTERING.data_options(data)}
        assert not names & {"root_source", "root_target", "seed"}


def test_planar_poses(run_of):
    assert not is_planar(run_of("clustering"))
    assert is_planar(run_of("clustering", "--data", "kinetics-ntu60"))


def test_seeds_of_a_method_are_averaged(tmp_path):
    scores = {"B1, classifier": {METRIC: 60.0}}, {"B1, classifier": {METRIC: 70.0}}
    reports = {
        f"run {seed}": Report({"codt": {str(seed): one}}, "") for seed, one in enumerate(scores)
    }
    found = CLUSTERING.compare(reports, tmp_path)
    assert found.files == ["results.csv"]
    assert "65" in pd.read_csv(tmp_path / "results.csv").to_string()
    assert CLUSTERING.compare({}, tmp_path) is None


def test_a_network_without_preparation(tmp_path):
    with pytest.raises(UsageError, match="the network has no preparation; train it again"):
        own_clips(SimpleNamespace(preparation=None), tmp_path)
