import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyg_skeleton.io import PKUAction, read_pku_labels, read_pku_skeleton, read_pku_split


def frames(count, seed=0):
    table = np.random.default_rng(seed).normal(0, 1, (count, 150)).round(6)
    table[:, 75:] = 0.0
    return table


def as_text(table):
    """The format of the official files: a leading space and six digits."""
    return "".join(" " + " ".join(f"{v:.6f}" for v in row) + " \n" for row in table)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "0002-L.txt"


def test_skeleton(path):
    table = frames(4)
    path.write_text(as_text(table))
    out = read_pku_skeleton(path)
    assert out.shape == (2, 4, 25, 3)
    assert out.dtype == np.float32
    np.testing.assert_array_equal(out[0, 2, 7], table[2, 21:24].astype(np.float32))
    assert not out[1].any()
    path.write_text(as_text(table).replace("\n", "\r\n") + "\n\n")
    np.testing.assert_array_equal(read_pku_skeleton(path), out)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lines: [*lines[:2], lines[2][:600]], r":3: expected 150 numbers, got \d+"),
        (lambda lines: [lines[0], "", *lines[1:]], r":2: the line is empty, and frames follow"),
        (lambda lines: ["", *lines], r":1: the line is empty, and frames follow"),
        (lambda lines: [lines[0], "nan " * 150], r":2: expected 150 finite numbers, got 'nan"),
        (lambda lines: [lines[0], "inf " * 150], r":2: expected 150 finite numbers, got 'inf"),
        (lambda lines: [lines[0], "1e30 " * 150], r":2: expected meters, got 1e\+30"),
        (lambda lines: ["1 2 x"], r":1: expected 150 numbers, got 3"),
        (lambda lines: [], r":1: the file is empty"),
    ],
)
def test_damaged_skeletons(path, change, message):
    path.write_text("\n".join(change(as_text(frames(3)).splitlines())))
    with pytest.raises(ValueError, match=re.escape(str(path)) + message):
        read_pku_skeleton(path)


def test_labels(path):
    path.write_text("3,100,180,2\r\n\n51, 20 ,10, 1\n 1 0 7 2\n")
    assert read_pku_labels(path) == [
        PKUAction(3, 100, 180, 2, 1),
        # Swapped in the file.
        PKUAction(51, 10, 20, 1, 3),
        PKUAction(1, 1, 7, 2, 4),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ":1: the file is empty"),
        ("1,2,3,1\n1,2,3\n", ":2: expected label,start,end,confidence, got '1,2,3'"),
        ("1,2,3.5,1\n", ":1: expected label,start,end,confidence"),
        ("1,2,nan,1\n", ":1: expected label,start,end,confidence"),
        ("52,2,3,1\n", ":1: expected a label from 1 to 51, got 52"),
        ("0,2,3,1\n", ":1: expected a label from 1 to 51, got 0"),
        ("1,-5,3,1\n", ":1: expected frames from 1, got -5 to 3"),
        ("1,0,0,1\n", ":1: expected frames from 1, got 0 to 0"),
        ("1,99999999999999999999,3,1\n", ":1: expected label,start,end,confidence"),
    ],
)
def test_damaged_labels(path, text, message):
    path.write_text(text)
    with pytest.raises(ValueError, match=re.escape(str(path) + message)):
        read_pku_labels(path)


def test_split(path):
    """The official files have a misspelled word, and blanks and a comma at the end."""
    path.write_text("Training videos:\n0002-L, 0002-M, 0003-R, \nValidataion videos: \n0007-L,\n")
    assert read_pku_split(path) == (["0002-L", "0002-M", "0003-R"], ["0007-L"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0002-L\n", ":1: expected videos like 0002-L below 'Training videos:', got '0002-L'"),
        ("Training videos:\n2-L\n", ":2: expected videos like 0002-L"),
        ("Training videos:\n0002-L\n", ":1: has no validation videos"),
        ("Training videos:\n\nValidation videos:\n0002-L\n", ":1: has no training videos"),
        ("Training videos:\n0002-L\nTest videos:\n", ":3: expected 'Training videos:', got 'test"),
        (
            "Training videos:\n0002-L\nValidataion videos:\n0002-L\n",
            ":4: the video 0002-L is there twice",
        ),
    ],
)
def test_damaged_splits(path, text, message):
    path.write_text(text)
    with pytest.raises(ValueError, match=re.escape(str(path) + message)):
        read_pku_split(path)


def test_no_file(tmp_path):
    for read in (read_pku_skeleton, read_pku_labels, read_pku_split):
        with pytest.raises(FileNotFoundError, match=r"none\.txt: no such file"):
            read(tmp_path / "none.txt")


@given(st.data())
@settings(max_examples=60)
def test_lies(path, data):
    """A file that was cut, or with other bytes somewhere, is read as it is or refused."""
    good = as_text(frames(3)).encode()
    labels = b"3,100,180,2\n51,20,10,1\n"
    split = b"Training videos:\n0002-L, 0002-M, \nValidataion videos: \n0007-L\n"
    content, read = data.draw(
        st.sampled_from(
            [(good, read_pku_skeleton), (labels, read_pku_labels), (split, read_pku_split)]
        )
    )
    content = bytearray(content[: data.draw(st.integers(0, len(content)))])
    for _ in range(data.draw(st.integers(0, 3))):
        if content:
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(content))
    message = None
    try:
        out = read(path)
    except ValueError as error:
        message = str(error)
    if message is not None:
        assert re.fullmatch(re.escape(str(path)) + r":\d+: .+", message)
        return
    if read is read_pku_skeleton:
        assert out.shape[0] == 2
        assert np.isfinite(out).all()
    elif read is read_pku_labels:
        assert all(1 <= a.label <= 51 and 1 <= a.start <= a.end for a in out)
    else:
        assert all(out)
        assert not set(out[0]) & set(out[1])
