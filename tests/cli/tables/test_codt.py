from pyg_skeleton.cli.tables import TABLES
from pyg_skeleton.training import CODT_METHODS


def test_every_table_of_the_paper_is_there(absent_tables):
    """But for Tables 3 and 4, which are about other methods."""
    assert absent_tables("codt", ["Table 1", "supplement, Table 2"]) == []


def test_each_row_is_a_method():
    for name, table in TABLES.items():
        if name.startswith("codt/"):
            methods = [one.options["method"] for one in table.rows.values()]
            assert set(methods) <= CODT_METHODS.keys()
            assert list(table.rows) == methods
