import argparse

import pytest

from pyg_skeleton.cli import ExampleParser, count_or_all, share


def test_complains_in_one_line(capsys):
    parser = ExampleParser(prog="example")
    parser.add_argument("--dataset", choices=["a", "b"])
    with pytest.raises(SystemExit) as exit:
        parser.parse_args(["--dataset", "c"])
    assert exit.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("error: argument --dataset: invalid choice: 'c'")
    assert err.endswith("see --help\n")


@pytest.mark.parametrize(("text", "value"), [("0.5", 0.5), ("1e-3", 0.001)])
def test_share(text, value):
    assert share(text) == value


@pytest.mark.parametrize("text", ["0", "1", "-0.5", "1.5", "nan", "inf", "half", ""])
def test_refuses_what_is_no_share(text):
    with pytest.raises(argparse.ArgumentTypeError, match=f"between 0 and 1, got '{text}'"):
        share(text)


@pytest.mark.parametrize(("text", "value"), [("1", 1), ("25", 25), ("all", "all")])
def test_count_or_all(text, value):
    assert count_or_all(text) == value


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "ten", ""])
def test_refuses_what_is_no_count(text):
    with pytest.raises(argparse.ArgumentTypeError, match=f"from 1 on, or 'all', got '{text}'"):
        count_or_all(text)
