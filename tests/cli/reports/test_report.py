import re

import pytest
import torch

from pyg_skeleton.cli.reports.report import Report, finish, show
from pyg_skeleton.data import Clip
from pyg_skeleton.training import RECOGNITION_RECIPES, Run
from pyg_skeleton.visualization import plot_confusion, view

pytest.importorskip("matplotlib")

SCRIPT = "</script><script>alert(1)</script>"


@pytest.fixture
def run():
    name, recipe = next(iter(RECOGNITION_RECIPES.items()))
    data = {"name": "embedded", "note": SCRIPT}
    return Run("recognition", data, "st_gcn", name, recipe, seed=3)


@pytest.fixture
def report():
    joints = torch.linspace(0, 1, 10)[None, :, None, None] + torch.rand(1, 1, 25, 3)
    return Report(
        {"ours": {"top1": 0.5}},
        f"ours: top-1 50 % <b>{SCRIPT}",
        pictures={"confusion.png": lambda path: plot_confusion([[1, 0], [1, 1]], ["a", "b"])},
        players={f"hardest {SCRIPT}": lambda: view(Clip(joints, "ntu25", 25))},
    )


def test_the_page_in_a_browser(report, run, show_page, tmp_path):
    (tmp_path / "metrics.csv").write_text("step,loss\n0,1.0\n1,0.5\n")
    assert show(report, tmp_path, run) == ["curves.png", "confusion.png", "report.html"]
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert not re.search("http", text, re.IGNORECASE)
    page = show_page(text)
    assert page.page.locator("h1").inner_text() == "st_gcn on embedded"
    assert page.page.locator(".report pre").inner_text() == report.text
    assert page.page.locator(".player h2").inner_text() == f"hardest {SCRIPT}"
    assert page.page.locator("figure svg").count() == 2
    assert page.page.locator("figure svg").first.bounding_box()["width"] > 200
    assert page.changed(lambda: page.seek(9)) > 0.001
    assert page.page.evaluate("document.documentElement.scrollWidth") <= 1000


def test_the_page_on_a_phone(report, run, show_page, tmp_path):
    show(report, tmp_path, run)
    page = show_page((tmp_path / "report.html").read_text(encoding="utf-8"), 390, 760)
    assert page.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_last_line_names_the_page(report, run, tmp_path, capsys):
    finish(report, tmp_path, "results.json", False, run)
    assert capsys.readouterr().out.splitlines()[-2:] == [
        f"wrote results.json, confusion.png, report.html to {tmp_path}",
        f"open {tmp_path / 'report.html'} in a browser",
    ]


def test_only_a_run_has_a_page(report, tmp_path):
    assert show(report, tmp_path) == ["confusion.png"]
    assert [path.name for path in tmp_path.iterdir()] == ["confusion.png"]


def test_a_page_that_fails_costs_a_warning(report, run, tmp_path, capsys):
    def fails():
        raise ValueError("no joint is finite")

    report.players = {"a": fails}
    with pytest.warns(UserWarning, match=r"report.html is not written: no joint is finite"):
        finish(report, tmp_path, "results.json", False, run)
    assert {path.name for path in tmp_path.iterdir()} == {"results.json", "confusion.png"}
    assert capsys.readouterr().out.endswith(f"wrote results.json, confusion.png to {tmp_path}\n")


def test_pictures_that_are_only_files(report, run, tmp_path):
    pixel = b"\x89PNG"
    report.pictures = {
        "images.png": lambda path: path.write_bytes(pixel),
        "a.gif": lambda path: path.write_bytes(b"GIF8"),
    }
    show(report, tmp_path, run)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert '<img src="data:image/png;base64,iVBORw==" alt="images">' in text.replace(
        "iVBORw==", "iVBORw=="
    )
    assert "image/gif" not in text
