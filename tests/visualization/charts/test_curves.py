import numpy as np
import pandas as pd
import pytest

from pyg_skeleton.visualization import plot_curves


@pytest.fixture
def frame():
    """Sparse rows, as Lightning's CSV logger writes them."""
    steps = np.arange(100)
    train = pd.DataFrame({"step": steps, "train/loss": 100.0 / (1 + steps), "lambda": 0.5})
    val = pd.DataFrame(
        {"step": [49, 99], "epoch": [0, 1], "val/loss": [3.0, 1.0], "val/accuracy": [0.4, 0.7]}
    )
    return pd.concat([train, val])


def panels(figure):
    return {
        ax.get_title(loc="left"): [
            line.get_label() for line in ax.lines if line.get_label()[0] != "_"
        ]
        for ax in figure.axes
    }


def test_columns_find_their_panels(frame, draws):
    figure = plot_curves(frame, title="run 1")
    assert panels(figure) == {
        "loss": ["train/loss", "val/loss"],
        "accuracy": ["val/accuracy"],
        "task weight λ": ["lambda"],
    }
    loss, accuracy, _ = figure.axes
    assert loss.get_yscale() == "log"
    assert accuracy.get_yscale() == "linear"
    assert accuracy.lines[0].get_xydata().tolist() == [[49, 0.4], [99, 0.7]]
    draws(figure)


def test_from_csv(frame, tmp_path):
    path = tmp_path / "metrics.csv"
    frame.to_csv(path, index=False)
    assert panels(plot_curves(path)) == panels(plot_curves(frame))
    assert panels(plot_curves(str(path))) == panels(plot_curves(frame))


def test_own_panels_and_axis(frame, draws):
    figure = plot_curves(frame, panels={"mine": ["val/accuracy", "val/loss"]}, x="epoch")
    assert panels(figure) == {"mine": ["val/accuracy", "val/loss"]}
    assert figure.axes[0].get_xlabel() == "epoch"
    draws(figure)
    plain = plot_curves(pd.DataFrame({"loss": [3.0, 2.0, 1.0]}))
    assert plain.axes[0].lines[0].get_xdata().tolist() == [0, 1, 2]


def test_wrong_input(frame, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no such file: .*missing\.csv"):
        plot_curves(tmp_path / "missing.csv")
    with pytest.raises(ValueError, match=r"no columns \['psi'\]"):
        plot_curves(frame, panels={"a": ["psi"]})
    with pytest.raises(ValueError, match="nothing to draw in the columns"):
        plot_curves(pd.DataFrame({"step": [1, 2], "note": ["a", "b"]}))
