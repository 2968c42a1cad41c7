import warnings

import pytest
from lightning.fabric.utilities.exceptions import MisconfigurationException

from pyg_skeleton.cli.errors import (
    UsageError,
    check_name,
    did_you_mean,
    missing_extra,
    run_command,
)


def fails(error):
    def command():
        raise error

    return command


@pytest.mark.parametrize(
    "error",
    [
        ValueError("x.txt:3: expected 99 columns,\n  got 98"),
        FileNotFoundError("x.txt:3: expected 99 columns, got 98"),
        ImportError("x.txt:3: expected 99 columns, got 98"),
        MisconfigurationException("x.txt:3: expected 99 columns, got 98"),
    ],
)
def test_a_mistake_is_one_line(error, capsys):
    assert run_command(fails(error)) == 1
    assert capsys.readouterr() == ("", "error: x.txt:3: expected 99 columns, got 98\n")


def test_a_bug_is_no_mistake_of_the_user():
    with pytest.raises(KeyError):
        run_command(fails(KeyError("name")))


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (KeyboardInterrupt(), "interrupted"),
        (KeyboardInterrupt("interrupted at step 3; continue with: x"),
         "interrupted at step 3; continue with: x"),
    ],
)  # fmt: skip
def test_an_interruption_is_one_line(error, line, capsys):
    assert run_command(fails(error)) == 130
    assert capsys.readouterr().err == f"{line}\n"


@pytest.mark.filterwarnings("always")
def test_warnings_are_one_line(capsys):
    def command():
        print("numbers")
        warnings.warn("two files\nare missing", stacklevel=1)

    assert run_command(command) == 0
    assert capsys.readouterr() == ("numbers\n", "warning: two files are missing\n")


def test_deprecations_are_not_for_users(capsys):
    def command():
        for category in (DeprecationWarning, FutureWarning, PendingDeprecationWarning):
            warnings.warn("will go", category, stacklevel=1)

    run_command(command)
    assert capsys.readouterr() == ("", "")


def test_other_processes_do_not_warn(capsys, monkeypatch):
    monkeypatch.setenv("LOCAL_RANK", "1")
    run_command(lambda: warnings.warn("two files are missing", stacklevel=1))
    assert capsys.readouterr().err == ""


def test_leaves_the_warnings_of_others_alone():
    shown = warnings.showwarning
    run_command(lambda: None)
    assert warnings.showwarning is shown


def test_names():
    assert did_you_mean("modle", ["model", "data"]) == "did you mean model?"
    assert did_you_mean("x", ["model", "data"]) == "expected one of model, data"
    check_name("preset", "a", ["a"])
    with pytest.raises(UsageError, match=r"unknown preset 'papr'; did you mean paper\?"):
        check_name("preset", "papr", {"paper": 1, "dynamic": 2})


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ImportError("No module named 'tyro'", name="tyro"),
         'tyro is missing: pip install "pyg_skeleton[train]"'),
        (ImportError("No module named 'sklearn.cluster'", name="sklearn.cluster"),
         'sklearn is missing: pip install "pyg_skeleton[cluster]"'),
        (ImportError("k-means needs scikit-learn: pip install pyg_skeleton[cluster]"),
         'k-means needs scikit-learn: pip install "pyg_skeleton[cluster]"'),
        (ImportError("No module named 'foo'", name="foo"), None),
    ],
)  # fmt: skip
def test_extras(error, line):
    assert missing_extra(error) == line
