import os
import re
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pyg_skeleton.io import read_exp_map, write_exp_map

GOOD = b"1,2.5,-3e-2\n4,-0,6\n.5,7.,+8E2\n"
TABLE = [[1, 2.5, -0.03], [4, 0, 6], [0.5, 7, 800]]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "clip.txt"


def fault(path: Path, content: bytes, num_columns: int | None = None) -> str:
    """The one-line message with which the file is refused, without the folder."""
    path.write_bytes(content)
    with pytest.raises(ValueError) as error:  # noqa: PT011
        read_exp_map(path, num_columns)
    message = str(error.value)
    assert "\n" not in message
    assert message.startswith(str(path))
    return message[len(str(path)) :]


def read_or_refuse(path: Path) -> tuple[np.ndarray | None, str]:
    """The table and what was warned of, or no table and why it was refused."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            table = read_exp_map(path)
        except ValueError as error:
            return None, str(error)
    return table, "".join(str(warning.message) for warning in caught)


def is_one_line(path: Path, message: str) -> bool:
    return re.fullmatch(rf"{re.escape(str(path))}:\d+: [^\n]+", message) is not None


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        GOOD.replace(b"\n", b"\r\n"),
        GOOD.replace(b",", b" ,\t"),
        GOOD + b"\n\n",
    ],
    ids=["plain", "crlf", "blanks", "blank-end"],
)
@pytest.mark.parametrize("num_columns", [None, 3])
def test_reads(path, content, num_columns):
    path.write_bytes(content)
    for name in (path, str(path)):
        table = read_exp_map(name, num_columns)
        assert table.dtype == np.float64
        np.testing.assert_array_equal(table, TABLE)


@pytest.mark.parametrize(("content", "shape"), [(b"1\n2\n", (2, 1)), (b"1,2\n", (1, 2))])
def test_one_row_and_one_column_stay_tables(path, content, shape):
    path.write_bytes(content)
    assert read_exp_map(path).shape == shape


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", ":1: the file is empty"),
        (b"\n \r\n", ":1: the file is empty"),
        (b"1,2\n3\n", ":2: expected 2 columns as in line 1, got 1"),
        (b"1,2\n3,4,5\n", ":2: expected 2 columns as in line 1, got 3"),
        (b"1,2\n3,4,\n", ":2: column 3 is not a finite number: ''"),
        (b"1,2\n\n3,4\n", ":2: the line is empty"),
        (b"\n1,2\n", ":1: the line is empty"),
        (b"1,2\n  \n3,4\n", ":2: the line is empty"),
        (b"1,2\n3,abc\n", ":2: column 2 is not a finite number: 'abc'"),
        (b"1,2\n3,\n", ":2: column 2 is not a finite number: ''"),
        (b"1,NaN\n", ":1: column 2 is not a finite number: 'NaN'"),
        (b"1,2\n-inf,2\n", ":2: column 1 is not a finite number: '-inf'"),
        (b"1,1e999\n", ":1: column 2 is not a finite number: '1e999'"),
        (b"1,1e\n", ":1: column 2 is not a finite number: '1e'"),
        (b"1,0x1\n", ":1: column 2 is not a finite number: '0x1'"),
        (b"1,1_0\n", ":1: column 2 is not a finite number: '1_0'"),
        (b"1 2,3\n", ":1: column 1 is not a finite number: '1 2'"),
        (b"1;2\n", ":1: column 1 is not a finite number: '1;2'"),
        (b"# x\n1,2\n", ":1: column 1 is not a finite number: '# x'"),
        (b"1,2\r3,4\r", ":1: column 2 is not a finite number: '2\\r3'"),
        (b"\xef\xbb\xbf1,2\n", ":1: column 1 is not a finite number: '\\ufeff1'"),
        (b"1,2\n3,\xff\xfe\n", ":2: column 2 is not a finite number: '\\\\xff\\\\xfe'"),
        (b"1,\x00\n", ":1: column 2 is not a finite number: '\\x00'"),
        (
            b"x" * 1000 + b"\n",
            f":1: column 1 is not a finite number: '{'x' * 20}...'",
        ),
    ],
)
def test_names_the_fault_and_its_line(path, content, message):
    assert fault(path, content) == message


def test_wrong_number_of_columns(path):
    assert fault(path, GOOD, 117) == ":1: expected 117 columns, got 3"


def test_missing_file(path):
    with pytest.raises(FileNotFoundError) as error:
        read_exp_map(path)
    assert str(error.value) == f"{path}: no such file"


def test_directory(tmp_path):
    with pytest.raises(ValueError, match="is a directory, expected a text file") as error:
        read_exp_map(tmp_path)
    assert str(tmp_path) in str(error.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_does_not_hang(path):
    os.mkfifo(path)
    with pytest.raises(ValueError, match="is not a regular file"):
        read_exp_map(path)


def test_warns_when_the_last_number_may_be_cut(path):
    path.write_bytes(GOOD[: -len(b"E2\n")])
    with pytest.warns(UserWarning, match=re.escape(f"{path}:3: the last line has no line end")):
        table = read_exp_map(path)
    assert table[-1, -1] == 8


@given(
    arrays(
        np.float64,
        st.tuples(st.integers(1, 5), st.integers(1, 5)),
        elements=st.floats(allow_nan=False, allow_infinity=False),
    )
)
def test_round_trip_is_exact(path, table):
    write_exp_map(path, table)
    np.testing.assert_array_equal(read_exp_map(path, table.shape[1]), table)
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@given(st.integers(0, len(GOOD) - 1))
def test_a_truncated_file_never_passes_silently(path, size):
    """Only a cut between two lines leaves no trace; any other is refused or warned of."""
    path.write_bytes(GOOD[:size])
    whole_lines = GOOD[:size].endswith(b"\n")
    table, message = read_or_refuse(path)
    if table is None:
        assert not whole_lines
        assert is_one_line(path, message)
    else:
        assert whole_lines or "the last line has no line end" in message
        assert len(table) == len(GOOD[:size].splitlines())


@given(st.integers(0, len(GOOD) - 1), st.binary(max_size=4), st.integers(0, 4))
def test_a_mutated_file_is_read_whole_or_refused(path, place, inserted, removed):
    content = GOOD[:place] + inserted + GOOD[place + removed :]
    path.write_bytes(content)
    table, message = read_or_refuse(path)
    if table is None:
        assert is_one_line(path, message)
    else:
        lines = content.decode("ascii").replace("\r\n", "\n").rstrip("\n").split("\n")
        expected = [[float(cell) for cell in line.split(",")] for line in lines]
        np.testing.assert_array_equal(table, expected)
        assert np.isfinite(table).all()


@given(st.binary(max_size=200) | st.text("0123456789+-.eE, \t\r\n", max_size=60).map(str.encode))
def test_garbage_is_refused_with_one_line(path, content):
    path.write_bytes(content)
    table, message = read_or_refuse(path)
    if table is None:
        assert is_one_line(path, message)
    else:
        assert table.ndim == 2
        assert np.isfinite(table).all()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([1.0, 2.0], "table must be [T, D] and not empty, got [2]"),
        (np.zeros((0, 3)), "table must be [T, D] and not empty, got [0, 3]"),
        ([[1.0], [np.nan]], "table[1, 0] is nan, not a finite number"),
    ],
)
def test_does_not_write_what_it_could_not_read(path, table, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        write_exp_map(path, table)
    assert not any(path.parent.iterdir())


def test_a_failed_write_leaves_the_old_file(path, monkeypatch):
    write_exp_map(path, TABLE)

    def full(*args):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="disk full"):
        write_exp_map(path, [[1.0]])
    np.testing.assert_array_equal(read_exp_map(path), TABLE)
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_real_file(shared_dir):
    table = read_exp_map(shared_dir / "data/cmu_mocap/test/walking/walking_1.txt", 117)
    assert table.shape == (359, 117)
    np.testing.assert_array_equal(table[0, :4], [4.4005, 17.8934, -21.0986, 0])


def test_a_long_number_takes_no_time(tmp_path):
    """Of which an expression with two ways to read a digit would try all pairs."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"1" * 1_000_000 + b"x\n")
    with pytest.raises(ValueError, match=r"a.txt:1: column 1 is not a finite number"):
        read_exp_map(path)
