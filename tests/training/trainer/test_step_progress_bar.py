import pytest

from pyg_skeleton.training import StepProgressBar


class Trainer:
    global_step = 0
    loggers = ()
    progress_bar_metrics = {"loss": 0.25, "lambda": 0.5}  # noqa: RUF012


@pytest.fixture
def steps(capsys):
    """Runs a bar from one step to another; returns what it printed."""

    def run(bar, first, last):
        trainer = Trainer()
        trainer.global_step = first
        bar.on_train_start(trainer, None)
        for step in range(first + 1, last + 1):
            trainer.global_step = step
            bar.on_train_batch_end(trainer, None, None, None, 0)
        bar.on_train_end(trainer, None)
        out, err = capsys.readouterr()
        assert out == ""
        return err

    return run


def test_counts_the_steps_of_the_whole_run(steps):
    shown = steps(StepProgressBar(8), 0, 8)
    assert shown.endswith("\n")
    last = shown.rstrip().split("\r")[-1]
    assert "8/8" in last
    assert "loss=0.250, lambda=0.500" in last


def test_goes_on_where_a_resumed_run_left_off(steps):
    shown = steps(StepProgressBar(8), 6, 8)
    assert "6/8" in shown
    assert "8/8" in shown.split("\r")[-1]


def test_a_file_is_not_flooded(steps):
    assert steps(StepProgressBar(1000), 0, 1000).count("\r") <= 4


def test_only_the_first_process_shows_it(steps):
    bar = StepProgressBar(8)
    bar.disable()
    assert steps(bar, 0, 8) == ""
    bar.enable()
    assert steps(bar, 0, 8) != ""


def test_an_error_begins_on_a_line_of_its_own(capsys):
    bar, trainer = StepProgressBar(8), Trainer()
    bar.on_train_start(trainer, None)
    bar.on_exception(trainer, None, ValueError())
    bar.on_exception(trainer, None, ValueError())
    assert capsys.readouterr().err.endswith("\n")
