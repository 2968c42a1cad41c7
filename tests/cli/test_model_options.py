import argparse

import pytest

from pyg_skeleton.cli import SYM_GNN_EXPERIMENTS, ExampleParser, add_model_options
from pyg_skeleton.nn.models import SymGNN


class Network:
    def __init__(
        self,
        skeleton,
        size: int = 3,
        rate: float = 0.5,
        mode: str = "power",
        orders: tuple = (0, 1),
        rows: tuple = ((1, 2), (3, 4)),
        bone_net: bool = True,
        detach: bool = False,
        other=None,
    ): ...


@pytest.fixture
def parser():
    return argparse.ArgumentParser(exit_on_error=False)


def test_an_option_for_each_plain_argument_with_a_default(parser):
    names = add_model_options(parser, Network)
    assert names == ["size", "rate", "mode", "orders", "bone_net", "detach"]
    line = ["--size", "4", "--rate", "0.1", "--mode", "ring", "--orders", "2", "1", "0"]
    args = parser.parse_args([*line, "--no-bone-net", "--detach"])
    assert vars(args) == {
        "size": 4, "rate": 0.1, "mode": "ring", "orders": [2, 1, 0], "bone_net": False,
        "detach": True,
    }  # fmt: skip
    assert type(args.size) is int


def test_what_is_not_given_is_none(parser):
    names = add_model_options(parser, Network)
    assert vars(parser.parse_args([])) == dict.fromkeys(names)


@pytest.mark.parametrize("line", [["--size", "x"], ["--orders", "1", "y"]])
def test_refuses_values_of_another_type(parser, line):
    add_model_options(parser, Network)
    with pytest.raises(argparse.ArgumentError, match="invalid int value"):
        parser.parse_args(line)


def test_switches_of_sym_gnn():
    parser = ExampleParser()
    names = add_model_options(parser, SymGNN)
    line = ["--no-bone", "--no-actional", "--order", "4", "--num-iterations", "0"]
    args = parser.parse_args([*line, "--differences", "0", "1", "--lambda-act", "0.3"])
    given = {k: v for k, v in vars(args).items() if v is not None}
    assert given == {
        "bone": False, "actional": False, "order": 4, "num_iterations": 0, "differences": [0, 1],
        "lambda_act": 0.3,
    }  # fmt: skip
    assert {"recognition", "prediction", "joints", "parts", "structural", "mode"} <= set(names)


def test_experiments_change_options_that_there_are():
    names = {*add_model_options(ExampleParser(), SymGNN), "seed", "perturbation", "future"}
    names |= {"shuffle_targets", "shuffle_labels", "observation_ratio"}
    for runs in SYM_GNN_EXPERIMENTS.values():
        for changes in runs.values():
            assert set(changes) <= names
