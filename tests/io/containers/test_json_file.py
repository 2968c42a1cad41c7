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
