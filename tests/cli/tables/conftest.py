"""What the tables of each paper are checked for."""

import re

import pytest

from pyg_skeleton.cli.tables import TABLES


@pytest.fixture(scope="session")
def absent_tables():
    """The tables and figures of a paper, by number, that no title of a table names."""

    def find(paper, numbers):
        titles = " ".join(t.title for name, t in TABLES.items() if name.startswith(f"{paper}/"))
        return [n for n in numbers if not re.search(rf"[(; ]{n}[);]|as in {n}", titles)]

    return find


@pytest.fixture(scope="session")
def printed(shared_dir):
    """The numbers of the rows of a paper that begin with a text."""

    def find(paper, start):
        text = (shared_dir / "papers" / f"{paper}.txt").read_text(encoding="utf-8")
        rows = [line.split("\t") for line in re.sub(r"</?b>|%", "", text).splitlines()]
        found = [" ".join(cells[1:]) for cells in rows if cells[0] == start]
        return [tuple(map(float, re.findall(r"[\d.]+(?!M)\b", cells))) for cells in found]

    return find


@pytest.fixture(scope="session")
def assert_reported(printed):
    """Compares the numbers that a row says are reported with those that the paper prints."""

    def check(table, row, paper, start):
        reported = TABLES[table].rows[row].reported
        rows = printed(paper, start)
        assert reported in [numbers[-len(reported) :] for numbers in rows], rows

    return check


@pytest.fixture(scope="session")
def values_of():
    """The values that the rows of a table give to an option."""

    def find(table, name, group=None):
        rows = [one.options for one in TABLES[table].runs.values()]
        return [(row if group is None else row[group]).get(name) for row in rows]

    return find
