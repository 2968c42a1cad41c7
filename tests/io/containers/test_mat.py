import re
import struct
import zlib

import numpy as np
import pytest

from pyg_skeleton.io.containers.mat import read_mat


def element(kind, content, order="<"):
    return struct.pack(order + "II", kind, len(content)) + content + bytes(-len(content) % 8)


def matrix(name, numbers, class_=6, kind=9, shape=None, order="<", flags=0):
    """A double array, as MATLAB writes it."""
    numbers = np.asarray(numbers)
    raw = numbers.astype(numbers.dtype.newbyteorder(order)).tobytes(order="F")
    sizes = np.array(numbers.shape if shape is None else shape, order + "i4").tobytes()
    flag = struct.pack(order + "II", class_ | flags << 8, 0)
    parts = [(6, flag), (5, sizes), (1, name.encode()), (kind, raw)]
    return element(14, b"".join(element(k, c, order) for k, c in parts), order)


def packed(content):
    data = zlib.compress(content)
    return struct.pack("<II", 15, len(data)) + data


def nested(depth):
    """A cell in a cell in a cell, the outermost one named x."""
    parts = [(6, struct.pack("<II", 1, 0)), (5, struct.pack("<ii", 1, 1)), (1, b"x")]
    head = b"".join(element(kind, content) for kind, content in parts)
    sizes = [len(head) + (len(head) + 8) * level for level in reversed(range(depth))]
    return b"".join(struct.pack("<II", 14, size) + head for size in sizes)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.mat"


def write(path, content, order="IM"):
    path.write_bytes(b"MATLAB 5.0".ljust(124) + b"\x00\x01" + order.encode() + content)
    return path


NUMBERS = np.arange(24.0).reshape(2, 3, 4)


def test_content(path):
    for content in (
        matrix("x", NUMBERS),
        packed(matrix("x", NUMBERS)),
        matrix("a", NUMBERS[0]) + matrix("x", NUMBERS),
    ):
        np.testing.assert_array_equal(read_mat(write(path, content), "x"), NUMBERS, strict=True)


def test_numbers_in_a_smaller_type_and_the_other_byte_order(path):
    small = matrix("x", NUMBERS.astype("u1"), kind=2)
    np.testing.assert_array_equal(read_mat(write(path, small), "x"), NUMBERS, strict=True)
    swapped = matrix("x", NUMBERS, order=">")
    np.testing.assert_array_equal(read_mat(write(path, swapped, "MI"), "x"), NUMBERS, strict=True)


@pytest.mark.parametrize("format_", ["5"])
@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("dtype", ["f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"])
def test_equals_scipy(path, format_, compressed, dtype):
    io = pytest.importorskip("scipy.io")
    values = {"other": "text", "x": NUMBERS.astype(dtype), "cell": np.array([[1], "a"], object)}
    io.savemat(path, values, appendmat=False, format=format_, do_compression=compressed)
    np.testing.assert_array_equal(read_mat(path, "x"), NUMBERS.astype(dtype), strict=True)


@pytest.mark.parametrize("pack", [bytes, packed])
@pytest.mark.parametrize("depth", [1, 1000, 100_000])
def test_nested_cells(path, depth, pack):
    """SciPy follows them until the stack of the process is full."""
    with pytest.raises(
        ValueError, match=r"a.mat: x: expected an array of real numbers, got the cl"
    ):
        read_mat(write(path, pack(nested(depth))), "x")
    np.testing.assert_array_equal(
        read_mat(write(path, pack(nested(depth)) + matrix("y", NUMBERS)), "y"), NUMBERS
    )


def test_zeros_without_end(path):
    content = packed(matrix("x", np.zeros((1 << 24, 1))))
    assert len(content) < 200_000
    with pytest.raises(ValueError, match=r"a.mat: takes [\d,]+ bytes of memory, expected at m"):
        read_mat(write(path, content), "x")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "has no array x"),
        (matrix("y", NUMBERS), "has no array x"),
        (matrix("x", NUMBERS, shape=(2, 3, 5)), "x: has 24 numbers, expected [2, 3, 5]"),
        (matrix("x", NUMBERS, shape=(-2, -3, 4)), "x: expected an array of real numbers"),
        (matrix("x", NUMBERS, class_=1), "x: expected an array of real numbers, got the class 1"),
        (matrix("x", NUMBERS, flags=8), "x: expected an array of real numbers"),
        (matrix("x", NUMBERS)[:-8], "is not a MAT file or is damaged: it is cut off"),
        (packed(b"\x0e"), "is not a MAT file or is damaged: "),
        (b"\x0f\x00\x00\x00\x04\x00\x00\x00abcd", "is not a MAT file or is damaged: Error -3"),
        (b"\xff" * 16, "is not a MAT file or is damaged: it is cut off"),
    ],
)
def test_damaged(path, content, message):
    with pytest.raises(ValueError, match=re.escape(f"{path}: {message}")):
        read_mat(write(path, content), "x")


def test_no_mat_file(path):
    path.write_bytes(b"MATLAB")
    with pytest.raises(ValueError, match="is not a MAT file of version 5 to 7"):
        read_mat(path, "x")
