import pytest

from pyg_skeleton.cli.reports.pictures import draw


def test_a_picture_that_fails_costs_a_warning(tmp_path):
    def fails(path):
        raise ImportError("t-SNE needs scikit-learn")

    pictures = {
        "a.png": lambda path: path.write_text("a"),
        "b.png": fails,
        "c.png": lambda path: path.write_text("c"),
    }
    with pytest.warns(UserWarning, match=r"b.png is not drawn: t-SNE needs scikit-learn"):
        assert draw(pictures, tmp_path / "new") == {"a.png": None, "c.png": None}
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["a.png", "c.png"]


def test_an_interruption_is_no_failure(tmp_path):
    def stopped(path):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        draw({"a.png": stopped}, tmp_path)
