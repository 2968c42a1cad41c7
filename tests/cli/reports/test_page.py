import re

import pytest

from pyg_skeleton.cli.reports.page import PAGE, write_page
from pyg_skeleton.training import Run, get_task

pytest.importorskip("matplotlib")


def settings(text):
    """The table of the settings of a page."""
    return dict(re.findall(r"<tr><th>(.*?)</th><td>(.*?)</td></tr>", text))


@pytest.fixture
def write(tmp_path):
    """Writes the page of a run, and returns its text."""

    def page(pictures=None, **values):
        preset, recipe = get_task("recognition").plan("embedded", "st_gcn")
        data = {"name": "embedded", "clips_per_class": 5, "align": False}
        run = Run("recognition", data, "st_gcn", preset, recipe, **values)
        write_page("top-1 < 50 %", {}, pictures or {}, run, tmp_path)
        return (tmp_path / PAGE).read_text(encoding="utf-8")

    return page


def test_settings_of_the_run(write):
    shown = settings(write(network={"dropout": 0.5}, options={"stream": "bone"}, seed=3))
    assert shown["task"] == "recognition"
    assert shown["data"] == "embedded, clips per class 5"  # and what is off is left out
    assert shown["network"].startswith("st_gcn, preset ")
    assert shown["network"].endswith(", dropout 0.5, stream bone")
    assert re.fullmatch(r"\d+ epochs, batches of \d+, learning rate [\d.]+", shown["recipe"])
    assert shown["seed"] == "3"


def test_without_players_and_pictures_there_is_no_heading_for_them(write):
    text = write()
    assert "<pre>top-1 &lt; 50 %</pre>" in text
    assert re.findall("<h2>(.*?)</h2>", text) == ["Results"]


def test_pictures_that_are_only_files(write, tmp_path):
    from matplotlib.image import imsave

    imsave(tmp_path / "strip_of_poses.png", [[0.0, 1.0]])
    text = write({"strip_of_poses.png": None, "prediction.gif": None})
    (figure,) = re.findall("<figure>(.*?)</figure>", text)
    assert figure.startswith('<img src="data:image/')
    assert figure.endswith('alt="strip of poses">')
