import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from pyg_skeleton.io.containers.plain_array import plain_array, plain_dtype

CODES = ["<f4", ">f8", "|b1", "?", "u1", "<i8", "=f2", "<c8", "c16", "|i1"]


@pytest.mark.parametrize("code", CODES)
def test_numbers(code):
    assert plain_dtype(code, "a") == np.dtype(code)


@pytest.mark.parametrize("code", ["|O", "O", "O8"])
def test_objects(code):
    assert plain_dtype(code, "a") == np.dtype(object)


@pytest.mark.parametrize("code", ["<U5", "S3", "V8", "<M8[s]", "f16", "f0", "f4,f4", "", "<f4\n"])
def test_other_types(code):
    with pytest.raises(ValueError, match=re.escape(f"an array of type {code!r}, expected numbers")):
        plain_dtype(code, "a")


@pytest.mark.parametrize("code", [None, b"<f4", 4, ["<f4"], "x" * 10**6])
def test_no_code(code):
    with pytest.raises(ValueError, match="expected numbers") as error:
        plain_dtype(code, "a")
    assert len(str(error.value)) < 80


@given(arrays(st.sampled_from(CODES), array_shapes(min_dims=0, min_side=0)), st.booleans())
def test_round_trip(array, fortran):
    raw = array.tobytes(order="F" if fortran else "C")
    out = plain_array(raw, array.dtype, array.shape, fortran, "a")
    assert (out.shape, out.dtype, out.tobytes()) == (array.shape, array.dtype, array.tobytes())
    assert not out.flags.writeable


@pytest.mark.parametrize(
    "shape", [(3,), (1,), (-1,), (-1, -2), (10**15,), (2**40, 2**40), (1,) * 33]
)
def test_memory_does_not_fit(shape):
    with pytest.raises(ValueError, match="of float32 in 8 bytes, expected"):
        plain_array(bytes(8), np.dtype("f4"), shape, False, "a")
