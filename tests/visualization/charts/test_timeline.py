import numpy as np
import pytest
from matplotlib.colors import to_hex

from pyg_skeleton.nn.models import Timeline
from pyg_skeleton.visualization import plot_timeline
from pyg_skeleton.visualization._figure import BLUE


def line(rate=25.0):
    probability = np.array([[0.7, 0.2, 0.1], [0.1, 0.2, 0.7]], np.float32)
    return Timeline(probability, ["walk", "jump", "sit"], np.array([[0, 50], [50, 75]]), rate)


def test_rows_and_seconds(draws):
    figure = plot_timeline(line(), "mine")
    (ax,) = figure.axes
    assert [label.get_text() for label in ax.get_yticklabels()] == ["walk", "sit"]
    assert ax.get_xlim() == (0, 3)
    assert ax.get_xlabel() == "seconds"
    assert ax.get_title(loc="left") == "mine"
    colors = [to_hex(bar.get_facecolor()[0]).upper() for bar in ax.collections]
    assert [color == BLUE for color in colors] == [True, False, False, True]
    tops = [bar.get_datalim(ax.transData).height for bar in ax.collections]
    assert tops == pytest.approx([0.85 * p for p in (0.7, 0.1, 0.1, 0.7)])
    draws(figure)


def test_frames_and_the_longest(draws):
    figure = plot_timeline(line(None), most=1)
    (ax,) = figure.axes
    assert [label.get_text() for label in ax.get_yticklabels()] == ["walk"]
    assert ax.get_xlabel() == "frames"
    assert ax.get_xlim() == (0, 75)
    draws(figure)
