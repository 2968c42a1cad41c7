import pytest
import torch

from pyg_skeleton.visualization import plot_error_by_horizon
from pyg_skeleton.visualization._figure import GRAY


def test_a_line_for_each_method(draws):
    errors = {"zero velocity": [0.4, 0.6, 1.0], "ours": torch.tensor([0.2, 0.3, 0.5])}
    figure = plot_error_by_horizon(errors, [80, 160, 400], ylabel="MPJPE [mm]", title="CMU")
    ax = figure.axes[0]
    assert [line.get_label() for line in ax.lines] == ["zero velocity", "ours"]
    assert [line.get_linestyle() for line in ax.lines] == ["--", "-"]
    assert ax.lines[0].get_color() == GRAY != ax.lines[1].get_color()
    assert ax.lines[1].get_xydata().round(6).tolist() == [[80, 0.2], [160, 0.3], [400, 0.5]]
    assert ax.get_xlabel() == "horizon [ms]"
    assert ax.get_ylabel() == "MPJPE [mm]"
    draws(figure)


def test_wrong_input():
    with pytest.raises(ValueError, match="must not be empty"):
        plot_error_by_horizon({}, [80])
    with pytest.raises(
        ValueError, match=r"errors\['a'\] must be \[2\], one per horizon, got \[3\]"
    ):
        plot_error_by_horizon({"a": [1, 2, 3]}, [80, 160])
