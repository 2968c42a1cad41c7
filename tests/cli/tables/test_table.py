import pytest

from pyg_skeleton.cli.tables import Table, absent, row
from pyg_skeleton.cli.tables.table import sweep


def test_side_by_side():
    table = Table(
        "motion",
        "a table",
        {"one": row(0.25, 12.5), "two": row(None, 3.0), "three": absent("no code", 1.0, 2.0)},
        columns=("80 ms", "frames"),
        measures={"80 ms": ("prediction", "per_action", "average", "80"), "hours": ("training", 0)},
        scale=2.0,
    )
    result = {"prediction": {"per_action": {"average": {"80": 0.5}}}}
    measured = table.measure({"zero-velocity": {}, "network": result}, {"hours": 3.0})
    assert measured == {"80 ms": 1.0, "hours": 6.0}
    text = table.text({"one": measured}).splitlines()
    assert text[0] == "a table: reported | measured"
    assert text[1].split() == ["80", "ms", "frames", "hours"]
    assert text[2].split() == ["one", "0.25", "|", "1", "12.5", "|", "-", "-", "|", "6"]
    assert text[4].split()[:4] == ["three", "1", "|", "-"]
    assert text[-1] == "three: no code"
    assert list(table.runs) == ["one", "two"]
    with pytest.raises(ValueError, match="expected 1 numbers in the row 'a', got 2"):
        Table("motion", "t", {"a": row(1.0, 2.0)}, columns=("x",))


def test_places_of_numbers():
    measures = {"first": (0, "x"), "second": ("rates", 1), "none": ("rates", 2), "no": ("a", "b")}
    table = Table("motion", "t", {}, measures=measures)
    results = {"other": {"x": 9.0}, "ours": {"one": {"x": 1}, "rates": [3.0, 5.0]}}
    assert table.measure(results, {}) == {"first": 1.0, "second": 5.0}


def test_a_sweep_has_a_row_for_each_value():
    rows = sweep("squeeze", (1.0, 0.5), "network", [(48.2,), (46.5,)])
    assert list(rows) == ["squeeze=1.0", "squeeze=0.5"]
    assert rows["squeeze=0.5"].options == {"network": {"squeeze": 0.5}}
    assert rows["squeeze=0.5"].reported == (46.5,)
    assert sweep("seed", (3,))["seed=3"] == row(seed=3)
