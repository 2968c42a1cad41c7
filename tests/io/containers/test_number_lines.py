import re

import numpy as np
import pytest

from pyg_skeleton.io.containers.number_lines import read_number_lines


def test_content(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"1 2.5\t-3e2\r\n\r\n  4,5, 6 \n")
    np.testing.assert_array_equal(read_number_lines(path, 3), [[1, 2.5, -300], [4, 5, 6]])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", ":1: the file is empty"),
        (b"\n\n", ":1: the file is empty"),
        (b"1 2 3\n1 2\n", ":2: expected 3 numbers, got 2"),
        (b"1 2 3\n\n1 x 2\n", ":3: expected 3 finite numbers, got '1 x 2'"),
        (b"1 2 nan\n", ":1: expected 3 finite numbers, got '1 2 nan'"),
        (b"1 2 1e999\n", ":1: expected 3 finite numbers, got '1 2 1e999'"),
        (b"\xff \xfe 1\n", r":1: expected 3 finite numbers, got '\xff\xfe"[:-8]),
    ],
)
def test_damaged(tmp_path, content, message):
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=re.escape(f"{path}{message}")):
        read_number_lines(path, 3)


def test_size(tmp_path, monkeypatch):
    monkeypatch.setattr("pyg_skeleton.io.containers.number_lines._MAX_BYTES", 3)
    path = tmp_path / "a.txt"
    path.write_text("1 2 3\n")
    with pytest.raises(ValueError, match="has more than 3 bytes"):
        read_number_lines(path, 3)


def test_one_long_line(tmp_path, peak_memory):
    path = tmp_path / "a.txt"
    path.write_bytes(b"1 " * 5_000_000)
    with peak_memory() as peak:
        with pytest.raises(ValueError, match=r"a.txt:1: expected 3 numbers, got more"):
            read_number_lines(path, 3)
        assert peak() < 60_000_000
