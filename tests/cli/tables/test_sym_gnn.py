import pytest

PAPER = "000_85b7147a495e9e4c"


def test_every_table_of_the_paper_is_there(absent_tables):
    """But for pictures (Figures 11 to 13)."""
    numbers = [f"Table {i}" for i in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15)]
    numbers += ["Tables 11 and 12", "Tables 13 and 14", "Figure 8", "Figure 9", "Figure 10"]
    assert absent_tables("sym-gnn", [*numbers, "Figures 14 and 15"]) == []


@pytest.mark.parametrize(
    ("name", "row", "line"),
    [
        ("table-1", "only P", "Sym-GNN (Only P)"),
        ("table-3", "only J", "Sym-GNN (Only J)"),
        ("table-8", "Sym-GNN", "Sym-GNN"),
        ("noisy-targets", "no pred", "No pred"),
    ],
)
def test_reported_numbers_are_those_of_the_paper(name, row, line, assert_reported):
    assert_reported(f"sym-gnn/{name}", row, PAPER, line)


def test_values_of_the_paper(values_of):
    shares = values_of("sym-gnn/noisy-targets", "shuffle_targets")
    assert shares == [0.0, 0.1, 0.2, 0.5, 0.7, 1.0, None]
    shares = values_of("sym-gnn/noisy-labels", "shuffle_labels")
    assert shares == [0.0, 0.1, 0.2, 0.3, 0.5, 1.0, None]
    lambdas = values_of("sym-gnn/lambda-act", "lambda_act", "network")
    assert lambdas == [i / 10 for i in range(11)]
