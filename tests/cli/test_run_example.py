import logging
import warnings

import pytest
from lightning.fabric.utilities.exceptions import MisconfigurationException

from pyg_skeleton.cli import run_example


@pytest.mark.parametrize(
    "error",
    [
        ValueError("x.txt:3: expected 99 columns,\n  got 98"),
        FileNotFoundError("x.txt:3: expected 99 columns, got 98"),
        ImportError("x.txt:3: expected 99 columns, got 98"),
        MisconfigurationException("x.txt:3: expected 99 columns, got 98"),
    ],
)
def test_a_mistake_is_one_line(error):
    def main():
        raise error

    with pytest.raises(SystemExit) as exit:
        run_example(main)
    assert exit.value.code == "error: x.txt:3: expected 99 columns, got 98"


def test_a_bug_is_no_mistake_of_the_user():
    def main():
        raise KeyError("name")

    with pytest.raises(KeyError):
        run_example(main)


def test_an_interrupt_is_one_word():
    def main():
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as exit:
        run_example(main)
    assert exit.value.code == "interrupted"


@pytest.mark.filterwarnings("always")
def test_warnings_are_one_line(capsys):
    def main():
        print("numbers")
        warnings.warn("two files\nare missing", stacklevel=1)

    run_example(main)
    assert capsys.readouterr() == ("numbers\n", "warning: two files are missing\n")


def test_deprecations_are_not_for_users(capsys):
    def main():
        for category in (DeprecationWarning, FutureWarning, PendingDeprecationWarning):
            warnings.warn("will go", category, stacklevel=1)

    run_example(main)
    assert capsys.readouterr() == ("", "")


def test_other_processes_warn_no_second_time(capsys, monkeypatch):
    monkeypatch.setenv("LOCAL_RANK", "1")
    run_example(lambda: warnings.warn("two files are missing", stacklevel=1))
    assert capsys.readouterr().err == ""


def test_advice_of_lightning_is_left_out(capsys):
    run_example(lambda: logging.getLogger("lightning.pytorch.utilities.rank_zero").info("Tip"))
    assert capsys.readouterr() == ("", "")


def test_leaves_the_warnings_of_others_alone():
    shown = warnings.showwarning
    run_example(lambda: None)
    assert warnings.showwarning is shown
