def test_every_table_of_the_paper_is_there(absent_tables):
    numbers = [f"Table {i}" for i in range(1, 9)]
    numbers += [f"supplement, Table {i}" for i in range(1, 8)]
    assert absent_tables("hcsf", numbers) == []


def test_reported_numbers_are_those_of_the_paper(assert_reported):
    assert_reported("hcsf/action-streams", "bone", "001_dbf16d454dd6937a", "Bone")


def test_values_of_the_paper(values_of):
    widths = values_of("hcsf/squeeze", "squeeze", "network")
    assert widths == [1.0, 0.5, 0.25, 0.125, 0.0625]
