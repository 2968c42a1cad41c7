import sys
from pathlib import Path

import pytest

from pyg_skeleton.cli import load_lifting, parse_lifting


@pytest.fixture
def parse(monkeypatch):
    def call(*line):
        monkeypatch.setattr(sys, "argv", ["example.py", *line])
        return parse_lifting("Lifts.\n", ("sem_gcn", "martinez_mlp"), ("table",), "runs/a")

    return call


def test_defaults(parse):
    args = parse()
    assert (args.model, args.dataset, args.recipe) == ("sem_gcn", "synthetic", "tiny")
    assert (args.out, args.network, args.flip_test) == (Path("runs/a"), {}, None)


def test_options_are_those_of_the_network_that_is_chosen(parse, capsys):
    args = parse("--model", "martinez_mlp", "--predict-root", "--hidden-channels", "8", "--no-flip")
    assert args.network == {"predict_root": True, "hidden_channels": 8}
    assert args.flip is False
    with pytest.raises(SystemExit):
        parse("--predict-root")
    assert "--predict-root" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--dataset h36m", "--dataset h36m needs --root, the folder of its files"),
        ("--dataset h36m --root . --noise 3", "--noise is for cmu and synthetic, got --dataset h3"),
        ("--keypoints cpn", r"the true 2-D joints only, expected --keypoints gt .*, got 'cpn'"),
    ],
)
def test_what_does_not_go_together(line, message, parse):
    with pytest.raises(ValueError, match=message):
        load_lifting(parse(*line.split()), "test", "h36m16")


def test_each_split_has_its_stride(parse, monkeypatch):
    module, seen = sys.modules["pyg_skeleton.cli.lifting.options"], []
    monkeypatch.setitem(module._LOADERS, "synthetic", lambda args, common: seen.append(common))
    args = parse("--stride", "5")
    for split in ("train", "test"):
        load_lifting(args, split, None, num_frames=3)
    common = {"num_frames": 3, "target_space": "root-relative"}
    assert seen == [{"split": "train", "stride": 5, **common}, {"split": "test", **common}]
