import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyg_skeleton.io import read_npy


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.npy"


@pytest.mark.parametrize("dtype", ["<f4", ">f8", "<f2", "<i4", "u1"])
def test_content(path, dtype):
    array = np.arange(24).reshape(2, 3, 4).astype(dtype)
    np.save(path, array)
    np.testing.assert_array_equal(read_npy(path), array)
    np.save(path, np.asfortranarray(array))
    np.testing.assert_array_equal(read_npy(path), array)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.array(["a"]), "an array of type '<U1', expected numbers"),
        (np.array([True]), "expected an array of numbers, got bool"),
        (np.array([1j]), "expected an array of numbers, got complex128"),
        (np.array([{}]), "expected an array of numbers, got object"),
    ],
)
def test_other_content(path, array, message):
    np.save(path, array, allow_pickle=True)
    with pytest.raises(ValueError, match=re.escape(f"{path}: {message}")):
        read_npy(path)


def test_archives_and_others(tmp_path, path):
    np.savez(tmp_path / "a.npz", a=np.ones(3))
    (tmp_path / "a.npz").rename(path)
    with pytest.raises(ValueError, match=r"a.npy: is not a NumPy array, format 1 or 2"):
        read_npy(path)
    path.write_bytes(b"")
    with pytest.raises(ValueError, match=r"a.npy: is not a NumPy array"):
        read_npy(path)
    with pytest.raises(FileNotFoundError, match="no such file"):
        read_npy(tmp_path / "b.npy")


@pytest.mark.parametrize("shape", [b"(999999999, 4), }", b"(9999999999999999999, 999, 9), }"])
def test_more_announced_than_there_is(path, shape, peak_memory):
    np.save(path, np.ones((3, 4)))
    content = path.read_bytes()
    start = content.index(b"(3, 4), }")
    path.write_bytes(content[:start] + shape + content[start + len(shape) :])
    with peak_memory() as peak:
        with pytest.raises(ValueError, match=r"a.npy: announces [\d,]+ bytes of numbers, has 96"):
            read_npy(path)
        assert peak() < 1_000_000


def test_nothing_in_it(path):
    np.save(path, np.ones((0, 4)))
    assert read_npy(path).shape == (0, 4)


@given(data=st.data())
def test_damaged(path, data):
    np.save(path, np.ones((3, 4)))
    content = path.read_bytes()
    begin = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(begin, len(content)))
    path.write_bytes(content[:begin] + data.draw(st.binary(max_size=4)) + content[end:])
    try:
        array = read_npy(path)
    except ValueError as error:
        message = str(error)
        assert message.startswith(str(path))
        assert "\n" not in message
    else:
        assert array.size * array.itemsize <= len(content) + 4
