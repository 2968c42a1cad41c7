import dataclasses
from typing import Literal, get_args, get_origin

import pytest
import yaml

from pyg_skeleton.cli.options import Choice, Freezing, Output, read_settings
from pyg_skeleton.cli.parser import options_of
from pyg_skeleton.cli.tasks import TASKS
from pyg_skeleton.training import Hardware

COMBINATIONS = [(task, data) for task in TASKS.values() for data in task.corpora]


def settings(task, *line):
    return read_settings(TASKS[task], [str(word) for word in line], f"pyg-skeleton train {task}")


def all_options(task, data):
    """Every option of a task with a data set."""
    kind = task.training_task(data)
    groups = [
        *(
            options_of(cls)
            for cls in (Choice, Freezing, Output, Hardware, task.options, task.evaluation)
        ),
        task.root_options(data),
        task.data_options(data),
        options_of(kind.recipe_class, vars(next(iter(kind.recipes.values())))),
    ]
    return [option for group in groups for option in group]


def ids(value):
    return getattr(value, "name", value)


@pytest.mark.parametrize(("task", "data"), COMBINATIONS, ids=ids)
def test_each_option_has_help_and_a_name_of_its_own(task, data):
    options = all_options(task, data)
    for option in options:
        assert len(option.help) > 10, option
    names = [option.name for option in options]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("kind", ["recognition", "motion", "lifting", "clustering"])
def test_network_options_have_help(kind):
    task = TASKS[kind]
    for name, network in task.training_task("embedded").models.items():
        for option in options_of(network):
            assert option.help, (name, option.name)


def basic(kind):
    """The type of a value, whatever its choices and whether it may be left out."""
    args = [a for a in get_args(kind) if a is not type(None)]
    if get_origin(kind) is Literal:
        return type(args[0])
    if get_origin(kind) is tuple or not args:
        return get_origin(kind) or kind
    return basic(args[0])


def test_the_same_option_is_the_same_in_every_task():
    seen = {}
    for task, data in COMBINATIONS:
        for option in all_options(task, data):
            kind = basic(option.type)
            if (option.name, kind) == ("image_size", int):
                continue  # images are squares, pictures of clips have width and height
            assert seen.setdefault(option.name, kind) is kind, option
    shared = {
        *("data", "model", "preset", "recipe", "seed", "out", "resume", "overwrite", "quiet"),
        *("epochs", "max_steps", "batch_size", "lr", "devices", "num_nodes", "accelerator"),
        *("strategy", "precision", "compile", "num_workers", "config", "print_config"),
    }
    for task, data in COMBINATIONS:
        assert shared <= {option.name for option in all_options(task, data)}


@pytest.mark.parametrize(
    ("task", "line", "expected"),
    [
        ("recognition", "--data ntu60 --model ctr_gcn", ("ntu60", "ctr-gcn-ntu")),
        ("recognition", "--data ntu120 --model info_gcn", ("ntu120", "info-gcn-ntu")),
        ("recognition", "--data nw-ucla", ("nw-ucla", "ctr-gcn-nw-ucla")),
        ("recognition", "--data kinetics --model st_gcn", ("kinetics", "st-gcn-kinetics")),
        ("recognition", "--data utd-mhad", ("nw-ucla-small", "nw-ucla-small")),
        ("recognition", "", ("nw-ucla-small", "tiny")),
        ("motion", "--data cmu", ("cmu", "cmu")),
        ("motion", "", ("tiny", "tiny")),
        ("lifting", "--data h36m --model lcn", ("paper", "lcn")),
        ("clustering", "--data ntu60plus-pkummd", ("paper", "paper")),
        ("clustering", "", ("small", "small")),
    ],
)
def test_defaults_belong_to_the_data(task, line, expected):
    chosen = settings(task, *line.split())
    assert (chosen.preset, chosen.recipe) == expected
    recipe = TASKS[task].training_task(chosen.data).recipes[chosen.recipe]
    assert chosen.batch_size == recipe.batch_size
    run = TASKS[task].create_run(chosen)
    assert (run.preset, run.recipe, run.network) == (expected[0], recipe, {})


@pytest.mark.parametrize(
    ("task", "line", "message"),
    [
        ("recognition", "--data ntu61", "unknown data set 'ntu61'; did you mean ntu60"),
        ("recognition", "--model ctrgcn", "unknown recognition model 'ctrgcn'; did"),
        ("recognition", "--data ntu60 --preset ntu61", "unknown preset of ctr_gcn 'ntu61'"),
        ("recognition", "--data ntu60 --recipe ctr-gcn", "unknown recipe 'ctr-gcn'; did"),
        ("motion", "--model ctr_gcn", "unknown motion model 'ctr_gcn'"),
        ("lifting", "--benchmark xsub", "unknown option --benchmark"),
        ("recognition", "--benchmark xsub", "unknown option --benchmark"),
        ("recognition", "--data ntu60 --benchmark xvew", "invalid choice 'xvew' for arg"),
        ("motion", "--network.bon", "unknown option --network.bon; did you mean --network.bone"),
    ],
)  # fmt: skip
def test_wrong_names_are_refused_before_any_file_is_read(task, line, message, refused):
    assert refused("train", task, *line.split()).startswith(message)


@pytest.mark.parametrize(
    ("task", "line", "message"),
    [
        ("motion", "--epochs 2 --max-steps 2", "expected either epochs or max_steps"),
        ("motion", "--max-steps 0", "expected max_steps >= 1, got 0"),
        ("motion", "--max-steps many", "error parsing --max-steps: invalid literal"),
        ("motion", "--batch-size 0", "expected batch_size >= 1, got 0"),
        ("motion", "--steps-per-epoch 0", "expected steps_per_epoch >= 1, got 0"),
        ("motion", "--lr 0", "expected lr > 0, got 0"),
        ("motion", "--balance fair", "expected balance 'mgda', 'mgda-loss' or a number in [0, 1]"),
        ("motion", "--balance 2", "expected balance"),
        ("motion", "--precision 8", "invalid choice '8' for argument '--precision'"),
        ("motion", "--future 3", "unknown option --future"),
        (
            "recognition",
            "--diagnose --model st_gcn",
            "--diagnose is about learned graphs, and st_gcn",
        ),
        ("recognition", "--contrast.head mlp", "--contrast.head needs --gcl paper or --gcl"),
        ("recognition", "--epochs 0", "expected epochs >= 1, got 0"),
        ("lifting", "--no-image-features", "--no-image-features is for --data rendered"),
        ("lifting", "--target-space pixel", "invalid choice 'pixel'"),
        ("clustering", "--epochs 2", "expected clustering_epoch from 0 to 2, got 60"),
        ("clustering", "--method x", "invalid choice 'x' for argument '--method'"),
    ],
)
def test_wrong_values_are_refused_before_any_file_is_read(task, line, message, refused, tmp_path):
    out = tmp_path / "out"
    assert refused("train", task, *line.split(), "--out", out).startswith(message)
    assert not out.exists()


def test_options_of_the_network_and_the_recipe_reach_the_run():
    line = "--network.no-bone --network.order 1 --network.differences 0 2 --lr 0.5 --epochs 3"
    run = TASKS["motion"].create_run(settings("motion", *line.split(), "--seed", 7))
    assert run.network == {"bone": False, "order": 1, "differences": (0, 2)}
    assert (run.recipe.lr, run.recipe.epochs, run.recipe.max_steps, run.seed) == (0.5, 3, None, 7)
    line = "--gcl paper --contrast.per-class 8 --contrast.layer feature --stream bone"
    run = TASKS["recognition"].create_run(settings("recognition", *line.split()))
    assert run.options["contrast"] == {"per_class": 8, "layer": "feature"}
    assert (run.options["gcl"], run.options["stream"]) == ("paper", "bone")
    run = TASKS["clustering"].create_run(settings("clustering", "--method", "bm", "--dec", 1))
    assert (run.recipe.ocm, run.recipe.ccm, run.recipe.dec) == (0, 0, 1)
    run = TASKS["lifting"].create_run(settings("lifting", "--data", "rendered"))
    assert (run.task, run.options) == ("image-lifting", {"image_features": True})


def test_layout_of_a_lifting_run():
    """The layout is that of the preset unless chosen or given by the corpus."""
    layouts = [
        TASKS["lifting"].create_run(settings("lifting", *line.split())).data.get("layout")
        for line in ("", "--layout h36m17", "--model skeletal_gnn", "--data human-eva")
    ]
    assert layouts == ["h36m16", "h36m17", "h36m17-lcn", None]


@pytest.mark.parametrize(
    ("task", "line"),
    [
        ("recognition", "--data ntu60 --benchmark xview --network.dropout 0.5 --milestones 3 4"),
        ("recognition", "--gcl paper --contrast.per-class 8 --compile"),
        ("motion", "--network.no-bone --max-steps 7 --observation-ratio 0.4"),
        ("lifting", "--model lcn --flip-test off --noise 2"),
        ("clustering", "--source-classes walking waving --method bm"),
    ],
)
def test_printed_config_loads_again(task, line, command, tmp_path):
    printed = command("train", task, *line.split(), "--print-config")
    assert (printed.code, printed.err) == (0, "")
    path = tmp_path / "run.yaml"
    path.write_text(printed.out)
    expected = settings(task, *line.split())
    loaded = settings(task, "--config", path)
    values = [dataclasses.asdict(s.values) | {"config": None} for s in (expected, loaded)]
    assert values[0] == values[1]
    assert TASKS[task].create_run(loaded) == TASKS[task].create_run(expected)
    for kind in ("model", "preset", "recipe", "data"):
        assert kind in yaml.safe_load(printed.out)


def test_the_command_line_overrides_the_file(tmp_path):
    path = tmp_path / "run.yaml"
    path.write_text("model: info_gcn\ndata: ntu60\nlr: 0.5\nstream: bone\n")
    chosen = settings("recognition", "--config", path, "--lr", "0.25", "--data", "ntu120")
    assert (chosen.model, chosen.preset, chosen.recipe) == ("info_gcn", "ntu120", "info-gcn-ntu")
    assert (chosen.lr, chosen.stream) == (0.25, "bone")


def test_unknown_keys_of_a_file_are_refused_by_name(refused, tmp_path):
    path = tmp_path / "run.yaml"
    path.write_text("batch_sise: 3\n")
    message = refused("train", "motion", "--config", path)
    assert message == f"{path}: unknown option 'batch_sise'; did you mean batch-size?"
    path.write_text("network:\n  dropuot: 0.5\n")
    assert "'network.dropuot'; did you mean network.dropout" in refused(
        "train", "motion", "--config", path
    )
    path.write_text("lr: fast\n")
    assert refused("train", "motion", "--config", path).startswith("error parsing --lr")
    assert refused("train", "motion", "--config", tmp_path / "none") == (
        f"no configuration file {tmp_path / 'none'}"
    )


def test_a_network_to_start_from(tmp_path):
    task = TASKS["recognition"]
    first = ["--model", "st_gcn", "--network.channels", "8", "16", "--network.strides", "1", "2"]
    task.create_run(read_settings(task, first, "test")).write(tmp_path)
    with pytest.raises(FileNotFoundError, match="has not been trained to the end"):
        read_settings(task, ["--from", str(tmp_path)], "test")
    (tmp_path / "model.pt").touch()
    words = ["--from", str(tmp_path), "--network.dropout", "0.1", "--freeze", "head", "blocks.0"]
    run = task.create_run(read_settings(task, words, "test"))
    assert (run.model, run.preset, run.pretrained) == ("st_gcn", "quarter", str(tmp_path))
    assert run.network == {"channels": (8, 16), "strides": (1, 2), "dropout": 0.1}
    assert run.freeze == ("head", "blocks.0")
    with pytest.raises(ValueError, match="is a st_gcn of preset quarter, got --model ctr_gcn"):
        read_settings(task, [*words, "--model", "ctr_gcn"], "test")
