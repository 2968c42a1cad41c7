import pytest

from pyg_skeleton.visualization import plot_prediction_strip


def test_a_row_for_each_prediction_with_the_truth_behind(clip, skeleton, draws):
    guesses = {"ours": clip + 0.02, "zero velocity": clip[:1].expand_as(clip)}
    figure = plot_prediction_strip(clip, guesses, skeleton, fps=25, every_ms=80, title="walking")
    ax = figure.axes[0]
    texts = [text.get_text() for text in ax.texts]
    assert texts == ["truth", "ours", "zero velocity", "80", "160", "240", "320", "400", "ms"]
    assert len(ax.collections) == 5 + 2 * 5 * 2
    draws(figure)


def test_one_prediction_and_one_pose(clip, skeleton, draws):
    figure = plot_prediction_strip(clip, clip, skeleton, every_ms=400)
    assert [text.get_text() for text in figure.axes[0].texts] == [
        "truth",
        "prediction",
        "400",
        "ms",
    ]
    draws(figure)


def test_wrong_input(clip, skeleton):
    with pytest.raises(
        ValueError, match="must have the same number of frames, got truth 10, prediction 9"
    ):
        plot_prediction_strip(clip, clip[:9], skeleton)
    for every in (5.0, 1000.0):
        with pytest.raises(ValueError, match=r"one frame \(40 ms\) to the whole clip \(400 ms\)"):
            plot_prediction_strip(clip, clip, skeleton, every_ms=every)
    with pytest.raises(ValueError, match=r"prediction 'a' must be \[T, V, 3\]"):
        plot_prediction_strip(clip, {"a": clip[:, :3]}, skeleton)
