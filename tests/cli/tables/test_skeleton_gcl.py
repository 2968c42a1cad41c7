import pytest

PAPER = "002_f4d06256f7030668"


def test_every_table_of_the_paper_is_there(absent_tables):
    numbers = [f"Table {i}" for i in (1, 2, 3, 4, 5, 6, 7, 8, *range(11, 21))]
    numbers += ["Tables 9 and 10", "Tables 21 and 22"]
    assert absent_tables("skeleton-gcl", numbers) == []


@pytest.mark.parametrize(
    ("name", "row", "line"),
    [
        ("nw-ucla", "ctr_gcn", "CTR-GCN* (Chen et al., 2021b)"),
        ("banks", "semantic", "Semantic Memory"),
    ],
)
def test_reported_numbers_are_those_of_the_paper(name, row, line, assert_reported):
    assert_reported(f"skeleton-gcl/{name}", row, PAPER, line)


def test_values_of_the_paper(values_of):
    temperatures = values_of("skeleton-gcl/temperature", "temperature", "contrast")
    assert temperatures == [0.5, 0.8, 1.0, 1.5]
