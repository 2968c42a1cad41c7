import numpy as np
import pytest
import torch

from pyg_skeleton.visualization import plot_error_histogram


def labels(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_shares_in_bins_and_beyond(draws):
    errors = torch.tensor([1.0, 2.0, 31.0, 34.9, 35.0, 61.0, 64.0, 2000.0])
    figure = plot_error_histogram({"SemGCN": errors, "LCN": [10.0] * 300}, title="test")
    ax = figure.axes[0]
    # 99 % of the first model's errors end far away.
    line, other = (line for line in ax.lines if line.get_marker() in ("o", "s"))
    at, share = line.get_data()
    assert share.sum() == pytest.approx(100)
    assert dict(zip(at.tolist(), share.tolist(), strict=True))[2.5] == 25
    assert share[at == 32.5] == share[at == 62.5] == 25
    assert share[at == 37.5] == share[-1] == 12.5
    assert other.get_ydata()[2] == 100
    assert labels(figure) == [
        "SemGCN: mean 278.6, 37.5 % above 60 mm",
        "LCN: mean 10.0, 0.0 % above 60 mm",
    ]
    marked = [line.get_xdata()[0] for line in ax.lines if len(line.get_xdata()) == 2]
    assert marked == [30, 40, 60]
    draws(figure)


def test_the_last_bin_holds_the_rest_and_says_so(draws):
    errors = np.r_[np.full(997, 12.0), [90.0, 300.0, 5000.0]]
    figure = plot_error_histogram({"a": errors}, limits=[20], bin_width=10, unit="cm")
    ax = figure.axes[0]
    line = next(line for line in ax.lines if line.get_marker() == "o")
    assert line.get_xdata().tolist() == [5, 15, 25]
    assert line.get_ydata() == pytest.approx([0, 99.7, 0.3])
    assert ax.get_xticklabels()[-1].get_text() == "≥ 20"
    assert ax.get_xlabel() == "error of a pose [cm]"
    draws(figure)


def test_wrong_input():
    for bad in ({}, {"a": [1.0]}):
        with pytest.raises(ValueError, match="errors and limits must not be empty"):
            plot_error_histogram(bad, limits=() if bad else (30,))
    for bad in ([], [[1.0]], [-1.0], [float("nan")]):
        with pytest.raises(ValueError, match=r"errors\['a'\] must be \[N\], finite and not neg"):
            plot_error_histogram({"a": bad})
