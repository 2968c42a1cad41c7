import json
import re

import pandas as pd
import pytest
import torch

from pyg_skeleton.cli.options import read_settings
from pyg_skeleton.cli.parser import Option
from pyg_skeleton.cli.table import read_cells, row_config
from pyg_skeleton.cli.tables import TABLES
from pyg_skeleton.cli.tasks import TASKS
from pyg_skeleton.nn.models import LiftingModel
from pyg_skeleton.training import evaluate_recognition, fuse_scores, read_scores


def settings_of(name, row, *line):
    table = TABLES[name]
    task = TASKS[table.task]
    words = [str(word) for word in line]
    base = read_settings(task, words, "table", table.base)
    return read_settings(task, [], "table", row_config(base, table, table.rows[row]))


STREAMS = ["joint", "bone", "joint-motion", "bone-motion"]


@pytest.mark.parametrize("name", TABLES)
def test_every_row_is_a_run_of_its_own(name):
    table, runs, folders = TABLES[name], [], set()
    for label in table.runs:
        settings = settings_of(name, label)
        run = TASKS[table.task].create_run(settings)
        runs.append(json.dumps([run.to_dict(), settings.group("evaluation")], sort_keys=True))
        folders.add(re.sub(r"[^\w.=-]+", "_", label))
    assert len(folders) == len(table.runs)
    # The default of a sweep is a row of two tables, not twice of one.
    assert len(set(runs)) == len(table.runs)


@pytest.mark.parametrize("name", ["hcsf/range", "hcsf/graph-flat", "hcsf/kernel"])
def test_every_row_is_a_network(name):
    for label in TABLES[name].runs:
        run = TASKS["lifting"].create_run(settings_of(name, label))
        kind = TASKS["lifting"].training_task("embedded").models[run.model]
        model = kind.from_preset(run.preset, run.data["layout"], **run.network)
        assert isinstance(model, LiftingModel)


@pytest.mark.parametrize(
    "name", ["hcsf/hierarchy", "hcsf/graph", "hcsf/graph-flat", "hcsf/range", "hcsf/squeeze"]
)
def test_no_two_rows_start_from_the_same_network(name):
    seen = {}
    for label in TABLES[name].runs:
        run = TASKS["lifting"].create_run(settings_of(name, label))
        kind = TASKS["lifting"].training_task("embedded").models[run.model]
        torch.manual_seed(0)
        model = kind.from_preset(run.preset, run.data["layout"], **run.network).eval()
        sizes = [model.input.conv.out_channels, run.network.get("squeeze")]
        if name in ("hcsf/hierarchy", "hcsf/range"):  # as in Tables 4 and 7
            assert sizes == [64, None if run.model == "lcn" else 1 / 16]
        weights = {key: value.sum().item() for key, value in model.named_parameters()}
        seen.setdefault(json.dumps(weights), label)
    assert list(seen.values()) == list(TABLES[name].runs)


def test_options_of_the_command_line_reach_the_rows():
    line = ("--network.dropout", 0.1, "--network.squeeze", 0.5, "--max-steps", 9)
    run = TASKS["lifting"].create_run(settings_of("hcsf/hops", "ball", *line))
    assert run.network == {"dropout": 0.1, "squeeze": 0.5, "hop_mode": "ball"}
    assert run.recipe.max_steps == 9
    # Another network keeps the arguments that it has, and its own preset.
    run = TASKS["lifting"].create_run(
        settings_of("hcsf/baselines", "LCN", *line, "--preset", "dynamic")
    )
    assert (run.model, run.preset, run.network) == ("lcn", "paper", {"dropout": 0.1})
    run = TASKS["recognition"].create_run(
        settings_of("skeleton-gcl/layer", "layer 7 of 10", "--contrast.per-class", 8)
    )
    assert run.options["contrast"] == {"per_class": 8, "layer": -4}


@pytest.mark.usefixtures("little", "undrawn")
def test_networks_side_by_side(command, refused, short, tmp_path):
    line = ("table", "sem-gcn/baselines", *short["lifting"], "--out", tmp_path)
    rows = ("--rows", "SemGCN", "GAT", "--network.dropout", 0.1)
    done = command(*line, *rows)
    assert done.code == 0, done.err
    results = json.loads((tmp_path / "results.json").read_text())
    assert list(results) == ["SemGCN", "GAT", "hard poses"]
    assert set(results["hard poses"][0]) == {"hardest for", "share", "SemGCN", "GAT"}
    assert "MPJPE (mm) on the hardest poses of each network" in done.out
    own = results["SemGCN"]["metrics"]
    own = next(iter(own.values()))["average over actions"]
    cells = next(row for row in done.out.splitlines() if row.startswith("SemGCN  ") and "|" in row)
    assert cells.split()[1:4] == ["43.8", "|", f"{own:.1f}"]
    assert (tmp_path / "table.txt").read_text().startswith("networks that see joints only")
    models = [LiftingModel.load(tmp_path / name / "model.pt") for name in ("SemGCN", "GAT")]
    assert [type(model).__name__ for model in models] == ["SemGCN", "PoseGAT"]
    assert [model.config["dropout"] for model in models] == [0.1, 0.1]
    assert "--resume" in refused(*line, *rows)
    assert command(*line, *rows, "--resume").code == 0
    both = command("evaluate", tmp_path / "SemGCN", tmp_path / "GAT", "--out", tmp_path / "both")
    assert both.code == 0, both.err
    again = json.loads((tmp_path / "both" / "results.json").read_text())
    assert list(again) == [str(tmp_path / "SemGCN"), str(tmp_path / "GAT"), "hard poses"]


@pytest.mark.usefixtures("undrawn")
def test_methods_share_their_first_stage_and_seeds_are_averaged(command, short, tmp_path):
    line = ("table", "codt/ablation", *short["clustering"], "--out", tmp_path, "--seeds", 0, 1)
    done = command(*line, "--rows", "bm", "codt")
    assert done.code == 0, done.err
    folders = {path.name for path in tmp_path.iterdir() if path.is_dir()}
    assert folders == {"stage1-0", "stage1-1"} | {
        f"{m}_seed={s}" for m in ("bm", "codt") for s in (0, 1)
    }
    table = pd.read_csv(tmp_path / "results.csv", index_col=["method", "clusters by"])
    assert table.loc[("codt", "B1, classifier"), "seeds"] == 2
    assert len(table) == 12
    epochs = [
        set(pd.read_csv(tmp_path / name / "metrics.csv")["epoch"])
        for name in ("stage1-0", "bm_seed=0", "codt_seed=1")
    ]
    assert epochs == [{0}, {1}, {1}]
    states = [
        torch.load(tmp_path / name / "last.ckpt", weights_only=True)["state_dict"]
        for name in ("codt_seed=0", "codt_seed=1")
    ]
    assert any(not torch.equal(value, states[1][name]) for name, value in states[0].items())


@pytest.mark.usefixtures("little", "undrawn")
def test_noise_of_an_experiment(command, short, tmp_path):
    line = ("table", "sym-gnn/noisy-labels", *short["motion"], "--rows", "shuffle_labels=0.5")
    done = command(*line, "--out", tmp_path)
    assert done.code == 0, done.err
    assert list(json.loads((tmp_path / "results.json").read_text())) == [
        "shuffle_labels=0.5: zero-velocity",
        "shuffle_labels=0.5: Sym-GNN",
    ]
    assert "\nshuffle_labels=0.5: sym_gnn (tiny), " in done.out.replace("\r", "\n").replace(
        "  ", ""
    )


@pytest.mark.usefixtures("little", "undrawn")
def test_streams_and_their_sum(command, short, tmp_path):
    line = ("table", "skeleton-gcl/nw-ucla", *short["recognition"], "--rows", "ctr_gcn")
    done = command(*line, "--out", tmp_path)
    assert done.code == 0, done.err
    tables = {s: read_scores(tmp_path / f"ctr_gcn_{s}" / "scores.csv") for s in STREAMS}
    four = 100 * evaluate_recognition(fuse_scores(tables))["top1"]
    cells = next(row for row in done.out.splitlines() if row.startswith("ctr_gcn  ") and "|" in row)
    assert cells.split()[-3:] == ["96.5", "|", f"{four:.1f}"]


def test_info_gcn_computes_bones_itself():
    table = TABLES["skeleton-gcl/nw-ucla"]
    extra = (Option("rows", tuple[str, ...], (), ""), Option("seeds", tuple[int, ...], (), ""))
    settings = read_settings(TASKS[table.task], [], "table", table.base, extra)
    cells = read_cells(table, settings, "table")
    runs = {cell.label: cell.settings.task.create_run(cell.settings) for cell in cells}
    for name in ("info_gcn", "info_gcn with SkeletonGCL"):
        streams = [runs[f"{name}, {stream}"] for stream in STREAMS]
        assert [run.options["stream"] for run in streams] == [
            "joint",
            "joint",
            "joint-motion",
            "joint-motion",
        ]
        assert [run.network.get("bone_order", 0) for run in streams] == [0, 1, 0, 1]
    assert runs["ctr_gcn, bone"].options["stream"] == "bone"


@pytest.mark.usefixtures("little", "undrawn")
def test_time_and_memory_are_in_the_results(command, short, tmp_path):
    done = command("train", "motion", *short["motion"], "--model", "si_mlpe", "--out", tmp_path)
    assert done.code == 0, done.err
    results = json.loads((tmp_path / "results.json").read_text())
    assert list(results) == ["zero-velocity", "siMLPe", "training"]
    assert 0 < results["training"]["hours"] < 1
    assert 0 < results["training"]["memory (GiB)"] < 1000
    assert results["siMLPe"]["frames per 20 ms"] > 0


def test_reported_alone(command):
    done = command("table", "hcsf/3dhp", "--reported")
    assert done.code == 0
    rows = [line.split() for line in done.out.splitlines()]
    assert ["HCSF", "84.6", "|", "-", "82.1", "|", "-", "46.2", "|", "-"] in rows
    assert ["SRNet", "80.3", "|", "-", "77.6", "|", "-", "43.8", "|", "-"] in rows
    done = command("table", "sem-gcn/baselines", "--reported")
    assert "SemGCN w/ PG: the pose-grammar" in done.out


def test_mistakes(refused):
    absent = ("--rows", "SemGCN w/ PG")
    assert refused("table", "sem-gcn/baselines", *absent).startswith("the row 'SemGCN w/ PG' cann")
    assert refused("table").startswith("expected the name of a table")
    assert refused("table", "sym-gnn/abl").startswith("unknown table 'sym-gnn/abl'; did you mean")
    assert refused("table", "codt/ablation", "--rows", "bmm") == (
        "unknown row 'bmm'; did you mean bm?"
    )
    assert refused("table", "codt/ablation", "--model", "x").startswith("unknown clustering model")


@pytest.mark.usefixtures("little", "undrawn")
def test_the_data_of_all_rows_are_opened_before_the_first_training(cmu, refused, short, tmp_path):
    line = ("table", "sym-gnn/observation", "--data", "cmu", "--root", cmu, *short["motion"])
    rows = ("--rows", "ratio=0.1, no pred", "ratio=0.7, no pred", "--out", tmp_path / "table")
    message = refused(*line, *rows, "--num-observed", 50)
    assert "the row 'ratio=0.7, no pred': " in message
    assert "observes at most 50 frames" in message
    assert not (tmp_path / "table").exists()
