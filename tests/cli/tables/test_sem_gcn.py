from pyg_skeleton.cli.tables import TABLES


def test_every_table_of_the_paper_is_there(absent_tables):
    numbers = ["Table 1", "Table 2", "Table 3", "Figure 4"]
    assert absent_tables("sem-gcn", numbers) == []


def test_reported_numbers_are_those_of_the_paper(assert_reported):
    paper = "003_329f6bd9ea7b9449"
    assert_reported("sem-gcn/ablation", "without SemGConv", paper, "Ours w/o SemGConv")


def test_the_curves_are_those_of_the_rows_of_table_1():
    curves, ablation = TABLES["sem-gcn/curves"], TABLES["sem-gcn/ablation"].rows
    assert curves.base["test_curve"]
    for name, one in curves.rows.items():
        assert one.options == ablation[name].options
