import os

import pytest

from pyg_skeleton.io.containers.files import check_regular_file


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
