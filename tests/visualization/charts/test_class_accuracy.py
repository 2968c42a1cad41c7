import pytest

from pyg_skeleton.visualization import plot_class_accuracy


def test_the_hardest_at_the_top(draws):
    figure = plot_class_accuracy(
        {
            "CTR-GCN": {"walk": 1.0, "sit_down": 0.5, "throw": 0.755},
            "CTR-GCN + SkeletonGCL": {"throw": 0.8, "walk": 0.0, "sit_down": 0.6},
        }
    )
    ax = figure.axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["sit down", "throw", "walk"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    first, second = ([bar.get_width() for bar in bars] for bars in ax.containers)
    assert first == pytest.approx([50.0, 75.5, 100.0])
    assert second == pytest.approx([60.0, 80.0, 0.0])
    assert [text.get_text() for text in ax.texts][:3] == ["50.0", "75.5", "100.0"]
    upper, lower = (bars[0].get_y() for bars in ax.containers)
    assert upper < lower
    assert len(figure.legends) == 1
    draws(figure)


def test_one_network(draws):
    figure = plot_class_accuracy({"a": {"walk": 1.0}}, title="mine")
    assert not figure.legends
    assert figure.axes[0].get_title(loc="left") == "mine"
    draws(figure)


def test_wrong_input():
    with pytest.raises(ValueError, match="must have a network and each network a class"):
        plot_class_accuracy({})
    with pytest.raises(ValueError, match="must have a network and each network a class"):
        plot_class_accuracy({"a": {}})
    with pytest.raises(ValueError, match="of the same classes for each network"):
        plot_class_accuracy({"a": {"walk": 1.0}, "b": {"sit": 1.0}})
    for wrong in (84.7, -0.1, float("nan")):
        with pytest.raises(ValueError, match="accuracies must be from 0 to 1"):
            plot_class_accuracy({"a": {"walk": wrong}})
