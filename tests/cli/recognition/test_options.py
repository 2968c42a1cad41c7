import sys
from pathlib import Path

import pytest

from pyg_skeleton.cli import RecognitionRun, parse_recognition


@pytest.fixture
def parse(monkeypatch):
    def call(*line):
        monkeypatch.setattr(sys, "argv", ["example.py", *line])
        return parse_recognition("Recognizes.\n", ("ctr_gcn", "st_gcn"), ("banks",), "runs/a")

    return call


def test_defaults(parse):
    args = parse()
    assert (args.model, args.dataset, args.gcl, args.out) == (
        "ctr_gcn",
        "synthetic",
        "none",
        Path("runs/a"),
    )
    assert (args.network, args.contrast, args.changes) == ({}, {}, {})
    run = RecognitionRun.from_options(args)
    assert (run.stream, run.benchmark, run.layout, run.val_share) == ("joint", None, None, 0.0)


def test_what_is_given_goes_where_it_belongs(parse):
    line = "--model st_gcn --channels 8 16 --gcl paper --gcl-per-class 7 --milestones 3 4 --lr 0.5"
    args = parse(*line.split(), "--pipeline", "agcn", "--image-size", "640", "480")
    assert args.network == {"channels": (8, 16)}
    assert args.contrast == {"per_class": 7}
    assert args.changes == {"milestones": (3, 4), "lr": 0.5, "pipeline": "agcn"}
    assert args.image_size == [640, 480]
    recipe = RecognitionRun.from_options(args).recipe
    assert (recipe.lr, recipe.milestones, recipe.pipeline) == (0.5, (3, 4), "agcn")


@pytest.mark.parametrize(
    "line",
    [
        "--model alexnet",
        "--dataset imagenet",
        "--stream bones",
        "--precision 16",
        "--experiment all",
        "--image-size 640",
        "--pipeline sgn",
        "--gcl both",
    ],
)
def test_a_mistake_is_one_line(line, parse, capsys):
    with pytest.raises(SystemExit) as exit:
        parse(*line.split())
    assert exit.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: argument {line.split()[0]}")
    assert error.count("\n") == 1
