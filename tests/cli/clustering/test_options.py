import sys
from pathlib import Path

import pytest

from pyg_skeleton.cli import CODT_RECIPES, CoDTRun, parse_codt


@pytest.fixture
def parse(monkeypatch):
    def call(*line):
        monkeypatch.setattr(sys, "argv", ["example.py", *line])
        return parse_codt("Clusters.\n", ("ablation",), "runs/a")

    return call


def test_defaults(parse):
    args = parse()
    assert (args.task, args.preset, args.method, args.seed) == ("embedded", "small", "codt", [0])
    assert args.out == Path("runs/a")
    assert (args.network, args.changes, args.options) == ({}, {}, {})
    assert CoDTRun.from_options(args).recipe == CODT_RECIPES["small"]


def test_what_is_given_goes_where_it_belongs(parse):
    line = "--channels 8 16 --no-copy-teachers --ccm 0 --clustering-epoch 3 --seed 4 5"
    args = parse(*line.split())
    assert args.network == {"channels": (8, 16), "copy_teachers": False}
    assert args.changes == {"ccm": 0.0, "clustering_epoch": 3}
    assert args.seed == [4, 5]


def test_options_of_the_task_are_numbers_lists_truths_or_words(parse):
    given = ("num_frames=20", "flat=true", 'source_classes=["a", "b"]', "layout=ntu25", "a=b=c")
    assert parse("--option", *given).options == {
        "num_frames": 20,
        "flat": True,
        "source_classes": ["a", "b"],
        "layout": "ntu25",
        "a": "b=c",
    }
    for text in ("frames", "=3", "a b=3"):
        with pytest.raises(ValueError, match=f"NAME=VALUE of the task, got '{text}'"):
            parse("--option", text)


@pytest.mark.parametrize("line", ["--task ucf", "--method best", "--experiment all", "--lr x"])
def test_a_mistake_is_one_line(line, parse, capsys):
    with pytest.raises(SystemExit) as exit:
        parse(*line.split())
    assert exit.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: argument {line.split()[0]}")
    assert error.count("\n") == 1
