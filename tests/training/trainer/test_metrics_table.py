import pandas as pd
import pytest

from pyg_skeleton.training import MetricsTable


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run" / "metrics.csv"


def test_a_row_for_each_call(path):
    table = MetricsTable(path)
    assert (table.name, table.version) == ("metrics.csv", "")
    table.log_hyperparams({"lr": 0.1})
    assert not path.exists()
    table.log_metrics({"loss": 1.5}, step=0)
    assert path.read_text() == "step,loss\n0,1.5\n"
    table.log_metrics({"loss": 1.25}, step=10)
    assert path.read_text() == "step,loss\n0,1.5\n10,1.25\n"


def test_new_columns_come_later(path):
    table = MetricsTable(path)
    table.log_metrics({"loss": 1.5}, step=0)
    table.log_metrics({"val_top1": 0.5, "loss": 1.0}, step=5)
    table.log_metrics({"val_top1": 0.75}, step=9)
    assert path.read_text() == "step,loss,val_top1\n0,1.5,\n5,1.0,0.5\n9,,0.75\n"
    frame = pd.read_csv(path)
    assert frame["val_top1"].dropna().tolist() == [0.5, 0.75]


def test_a_new_run_starts_anew(path):
    MetricsTable(path).log_metrics({"loss": 1.5}, step=0)
    MetricsTable(path).log_metrics({"error": 2.0}, step=3)
    assert path.read_text() == "step,error\n3,2.0\n"


def test_a_resumed_run_repeats_what_came_after_its_checkpoint(path):
    table = MetricsTable(path)
    for step in range(6):
        table.log_metrics({"loss": 10.0 - step}, step)
        if step % 2:
            table.log_metrics({"val": 0.5}, step)
    unbroken = path.read_text()
    again = MetricsTable(path, resume=True)
    assert path.read_text() == unbroken
    for step in (4, 5):
        again.log_metrics({"loss": 10.0 - step}, step)
        if step % 2:
            again.log_metrics({"val": 0.5}, step)
    assert path.read_text() == unbroken


@pytest.mark.parametrize("cut", ["120,0.5", "1", "120,0.53"])
def test_a_row_that_was_cut_off_does_not_count(path, cut):
    path.parent.mkdir()
    path.write_text("step,loss\n0,1.5\n100,0.75\n" + cut)
    MetricsTable(path, resume=True).log_metrics({"loss": 0.625}, step=120)
    assert path.read_text() == "step,loss\n0,1.5\n100,0.75\n120,0.625\n"


@pytest.mark.parametrize("content", ["", "step"])
def test_resumes_from_an_empty_table(path, content):
    path.parent.mkdir()
    path.write_text(content)
    MetricsTable(path, resume=True).log_metrics({"loss": 0.5}, step=7)
    assert path.read_text() == "step,loss\n7,0.5\n"


def test_resumes_without_a_table(path):
    MetricsTable(path, resume=True).log_metrics({"loss": 0.5}, step=7)
    assert path.read_text() == "step,loss\n7,0.5\n"
