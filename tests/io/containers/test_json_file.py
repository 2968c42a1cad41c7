import json

import pytest

from pyg_skeleton.io.containers.json_file import read_json


def test_content(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"a": [1, 2.5, null]}')
    assert read_json(path) == {"a": [1, 2.5, None]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", ":1: is not JSON: Expecting value"),
        (b'{"a": 1,\n\n "b" 2}', ":3: is not JSON: Expecting ':' delimiter"),
        (b"[" * 100_000, "is not JSON or is damaged: maximum recursion depth"),
        (b'"\xff\xfe"', "is not JSON or is damaged: 'utf-8' codec can't decode"),
        (b"1" * 5000, "is not JSON or is damaged: Exceeds the limit"),
    ],
)
def test_damaged_files(tmp_path, content, message):
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="is not JSON") as error:
        read_json(path)
    assert str(error.value).startswith(f"{path}")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_size_and_kind(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("[1, 2, 3]")
    with pytest.raises(ValueError, match="has more than 4 bytes"):
        read_json(path, max_bytes=4)
    with pytest.raises(FileNotFoundError, match="no such file"):
        read_json(tmp_path / "b.json")
    with pytest.raises(ValueError, match="is a directory, expected a JSON file"):
        read_json(tmp_path)


@pytest.mark.parametrize("piece", [b"[],", b"{},", b"[1],", b'{"a":1},', b"[1.5,2.5],", b'"ab",'])
def test_memory_in_proportion_to_the_file(tmp_path, piece, peak_memory):
    """Ten million small values take gigabytes; they are counted before they are made."""
    path = tmp_path / "a.json"
    path.write_bytes(b"[" + piece * (40_000_000 // len(piece)) + b"0]")
    with peak_memory() as peak:
        with pytest.raises(ValueError, match=r"a.json: takes [\d,]+ bytes of memory, expected at"):
            read_json(path)
        assert peak() < 100_000_000


def test_poses_in_long_numbers_are_read(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps([[[-0.1234567, 0.1234567, 2.1234567]] * 20] * 5000))
    assert len(read_json(path)) == 5000
