import json
import re

import pandas as pd
import pytest
import torch

from pyg_skeleton.cli.options import read_settings
from pyg_skeleton.cli.parser import Option
from pyg_skeleton.cli.table import read_cells, row_config
from pyg_skeleton.cli.tables import TABLES, Table, absent, row
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


def options(name, group=None):
    rows = TABLES[name].runs.values()
    return [row.options if group is None else row.options[group] for row in rows]


#: The tables and figures of each paper; where the library measures something else, its number
#: is missing on purpose: other methods only (CoDT 3 and 4), pictures (Figures 11 to 13).
NUMBERED = {
    "sym-gnn": {f"Table {i}" for i in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15)}
    | {"Tables 11 and 12", "Tables 13 and 14", "Figure 8", "Figure 9", "Figure 10"}
    | {"Figures 14 and 15"},
    "sem-gcn": {"Table 1", "Table 2", "Table 3", "Figure 4"},
    "hcsf": {f"Table {i}" for i in (1, 2, 3, 4, 5, 6, 7, 8)}
    | {f"supplement, Table {i}" for i in range(1, 8)},
    "skeleton-gcl": {f"Table {i}" for i in (1, 2, 3, 4, 5, 6, 7, 8, *range(11, 21))}
    | {"Tables 9 and 10", "Tables 21 and 22"},
    "codt": {"Table 1", "supplement, Table 2"},
}


@pytest.mark.parametrize("paper", NUMBERED)
def test_every_table_of_the_papers_is_there(paper):
    titles = " ".join(t.title for n, t in TABLES.items() if n.startswith(f"{paper}/"))
    for number in NUMBERED[paper]:
        assert re.search(rf"[(; ]{number}[);]|as in {number}", titles), number


def test_values_of_the_papers():
    shares = [row.get("shuffle_targets") for row in options("sym-gnn/noisy-targets")]
    assert shares == [0.0, 0.1, 0.2, 0.5, 0.7, 1.0, None]
    shares = [row.get("shuffle_labels") for row in options("sym-gnn/noisy-labels")]
    assert shares == [0.0, 0.1, 0.2, 0.3, 0.5, 1.0, None]
    lambdas = [row["lambda_act"] for row in options("sym-gnn/lambda-act", "network")]
    assert lambdas == [i / 10 for i in range(11)]
    widths = [row["squeeze"] for row in options("hcsf/squeeze", "network")]
    assert widths == [1.0, 0.5, 0.25, 0.125, 0.0625]
    temperatures = [row["temperature"] for row in options("skeleton-gcl/temperature", "contrast")]
    assert temperatures == [0.5, 0.8, 1.0, 1.5]


@pytest.mark.parametrize(
    ("name", "row", "file", "line"),
    [
        ("sym-gnn/table-1", "only P", "000_85b7147a495e9e4c", "Sym-GNN (Only P)"),
        ("sym-gnn/table-3", "only J", "000_85b7147a495e9e4c", "Sym-GNN (Only J)"),
        ("sym-gnn/table-8", "Sym-GNN", "000_85b7147a495e9e4c", "Sym-GNN"),
        ("sym-gnn/noisy-targets", "no pred", "000_85b7147a495e9e4c", "No pred"),
        ("sem-gcn/ablation", "without SemGConv", "003_329f6bd9ea7b9449", "Ours w/o SemGConv"),
        ("hcsf/action-streams", "bone", "001_dbf16d454dd6937a", "Bone"),
        (
            "skeleton-gcl/nw-ucla",
            "ctr_gcn",
            "002_f4d06256f7030668",
            "CTR-GCN* (Chen et al., 2021b)",
        ),
        ("skeleton-gcl/banks", "semantic", "002_f4d06256f7030668", "Semantic Memory"),
    ],
)
def test_reported_numbers_are_those_of_the_paper(shared_dir, name, row, file, line):
    text = (shared_dir / "papers" / f"{file}.txt").read_text(encoding="utf-8")
    text = re.sub(r"</?b>|%", "", text)
    reported = TABLES[name].rows[row].reported
    found = [cells.split("\t")[1:] for cells in text.splitlines() if cells.split("\t")[0] == line]
    numbers = [[float(x) for x in re.findall(r"[\d.]+(?!M)\b", " ".join(cells))] for cells in found]
    assert any(numbers[i][-len(reported) :] == list(reported) for i in range(len(numbers)))


def test_side_by_side():
    table = Table(
        "motion",
        "a table",
        {"one": row(0.25, 12.5), "two": row(None, 3.0), "three": absent("no code", 1.0, 2.0)},
        columns=("80 ms", "frames"),
        measures={"80 ms": ("prediction", "per_action", "average", "80"), "hours": ("training", 0)},
        scale=2.0,
    )
    result = {"prediction": {"per_action": {"average": {"80": 0.5}}}}
    measured = table.measure({"zero-velocity": {}, "network": result}, {"hours": 3.0})
    assert measured == {"80 ms": 1.0, "hours": 6.0}
    text = table.text({"one": measured}).splitlines()
    assert text[0] == "a table: reported | measured"
    assert text[1].split() == ["80", "ms", "frames", "hours"]
    assert text[2].split() == ["one", "0.25", "|", "1", "12.5", "|", "-", "-", "|", "6"]
    assert text[4].split()[:4] == ["three", "1", "|", "-"]
    assert text[-1] == "three: no code"
    assert list(table.runs) == ["one", "two"]
    with pytest.raises(ValueError, match="expected 1 numbers in the row 'a', got 2"):
        Table("motion", "t", {"a": row(1.0, 2.0)}, columns=("x",))


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


@pytest.mark.parametrize("name", ["hcsf/hierarchy", "hcsf/graph", "hcsf/range", "hcsf/squeeze"])
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
