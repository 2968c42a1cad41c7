import os

import numpy as np
import pytest

from pyg_skeleton.io.containers.files import check_regular_file, memory_limit, reader, shown


def test_names_a_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("x")
    assert check_regular_file(path, "a text file") == str(path)


@pytest.mark.parametrize("below", ["b.txt", "a.txt/b.txt"])
def test_missing(tmp_path, below):
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(FileNotFoundError) as error:
        check_regular_file(tmp_path / below, "a text file")
    assert str(error.value) == f"{tmp_path / below}: no such file"


def test_directory_and_pipe(tmp_path):
    with pytest.raises(ValueError, match=r": is a directory, expected a zip$"):
        check_regular_file(tmp_path, "a zip")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match=r"pipe: is not a regular file, expected a zip$"):
        check_regular_file(tmp_path / "pipe", "a zip")


def test_limit(monkeypatch):
    assert memory_limit(0) == 64 << 20
    assert memory_limit(1000) == (64 << 20) + 8000
    monkeypatch.setenv("PYG_SKELETON_MAX_EXPANSION", "100")
    assert memory_limit(1000) == (64 << 20) + 100_000
    for text in ("0", "x", "-1", ""):
        monkeypatch.setenv("PYG_SKELETON_MAX_EXPANSION", text)
        with pytest.raises(ValueError, match="PYG_SKELETON_MAX_EXPANSION: expected a positive"):
            memory_limit(1)


@pytest.mark.parametrize(
    "error",
    [RecursionError("a\nb"), OverflowError(), KeyError("x"), IndexError(), AttributeError("y")],
)
def test_any_error_is_one_line(tmp_path, error):
    @reader("a table")
    def read(path):
        raise error

    with pytest.raises(ValueError, match=r"is not a table or is damaged: \S") as caught:
        read(tmp_path / "a")
    assert str(caught.value).startswith(f"{tmp_path / 'a'}: ")
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is error


@pytest.mark.parametrize(
    "value", [10**10_000, "x" * 10**6, [[[[[[0]]]]]], {"a\nb": 1}, np.ones(9)], ids="abcde"
)
def test_shown(value):
    assert len(shown(value)) <= 80
    assert "\n" not in shown(value)
