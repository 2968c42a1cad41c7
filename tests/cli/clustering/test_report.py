import pytest

from pyg_skeleton.cli import codt_table


def scores(value):
    return {"B1, classifier": {"ACC (Hungarian) %": value, "NMI %": 2 * value}}


def test_table_of_means_over_seeds():
    other = {**scores(50.0), "B1, k-means": {"ACC (Hungarian) %": 1.0, "NMI %": 2.0}}
    table = codt_table({"codt": {0: scores(100.0), 1: other}, "bm": {0: scores(10.0)}})
    assert list(table.columns) == ["seeds", "ACC (Hungarian) %", "NMI %"]
    assert list(table.index) == [
        ("codt", "B1, classifier"),
        ("codt", "B1, k-means"),
        ("bm", "B1, classifier"),
    ]
    assert table.loc[("codt", "B1, classifier")].tolist() == pytest.approx([2, 75, 150])
    assert table.loc[("codt", "B1, k-means"), "seeds"] == 1
    assert table.loc[("bm", "B1, classifier")].tolist() == pytest.approx([1, 10, 20])
