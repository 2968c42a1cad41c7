import pandas as pd
import pytest
import torch

from pyg_skeleton.metrics import hard_pose_table
from pyg_skeleton.visualization import plot_hard_poses


def random_table(count):
    generator = torch.Generator().manual_seed(0)
    names = ["FCN", "SemGCN", "LCN", "SRNet", "ours"][:count]
    return hard_pose_table({name: 50 * torch.rand(300, generator=generator) for name in names})


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_panel_for_each_model(count, draws):
    table = random_table(count)
    figure = plot_hard_poses(table, title="cross-model")
    panels = [ax for ax in figure.axes if ax.lines]
    assert len(panels) == count
    for ax, model in zip(panels, table.columns, strict=True):
        assert ax.get_title(loc="left") == f"hardest for {model}"
        assert [label.get_text() for label in ax.get_xticklabels()] == [
            "50", "40", "30", "20", "10", "5",
        ]  # fmt: skip
        widths = {line.get_label(): line.get_linewidth() for line in ax.lines}
        assert max(widths, key=widths.get) == model
        for line in ax.lines:
            expected = table.loc[model][line.get_label()].tolist()
            assert line.get_ydata().tolist() == expected
    assert [text.get_text() for text in figure.legends[0].get_texts()] == list(table.columns)
    draws(figure)


def test_shares_in_any_order(draws):
    table = random_table(2).sort_index()
    ax = plot_hard_poses(table).axes[0]
    assert ax.get_xticklabels()[0].get_text() == "50"
    line = ax.lines[0]
    assert line.get_ydata()[-1] == table.loc[("FCN", 5.0), line.get_label()]


def test_wrong_input():
    with pytest.raises(ValueError, match=r"rows \('hardest for', 'share'\) .* got \[None\]"):
        plot_hard_poses(pd.DataFrame({"a": [1.0]}))
    with pytest.raises(ValueError, match="table must have"):
        plot_hard_poses(random_table(1).iloc[:0])
