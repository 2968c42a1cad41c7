import numpy as np
import pytest

from pyg_skeleton.io.clips import check_clip


@pytest.mark.parametrize("dtype", ["<f4", ">f8", "<i2"])
def test_clip(dtype):
    clip = check_clip(np.ones((4, 5, 2), dtype), 2, "a", 5)
    assert clip.dtype == np.float32
    assert clip.shape == (4, 5, 2)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.ones((4, 5, 3)), "a: expected [T, 5, 2], got [4, 5, 3]"),
        (np.ones((4, 6, 2)), "a: expected [T, 5, 2], got [4, 6, 2]"),
        (np.ones((4, 10)), "a: expected [T, 5, 2], got [4, 10]"),
        (np.ones((0, 5, 2)), "a: expected [T, 5, 2], got [0, 5, 2]"),
        (np.ones((4, 5, 2), complex), "a: expected numbers [T, 5, 2], got complex128"),
        (np.full((4, 5, 2), None), "a: expected numbers [T, 5, 2], got object"),
        ([[[1, 2]]], "a: expected numbers [T, 5, 2], got list"),
        (None, "a: expected numbers [T, 5, 2], got NoneType"),
    ],
)
def test_no_clip(value, message):
    with pytest.raises(ValueError, match="expected") as error:
        check_clip(value, 2, "a", 5)
    assert str(error.value) == message


@pytest.mark.parametrize("value", [np.nan, -np.inf, 1e300])
def test_not_finite(value):
    clip = np.ones((4, 5, 2))
    clip[2, 3, 1] = value
    with pytest.raises(ValueError, match=r"^a: frame 2, joint 3 is not a finite number$"):
        check_clip(clip, 2, "a")


@pytest.mark.parametrize("number", [1e20, 3e38, -1e10, np.inf, np.nan])
def test_numbers_that_are_no_coordinates(number):
    clip = np.ones((2, 3, 3), "f4")
    clip[1, 2, 0] = number
    with pytest.raises(ValueError, match=r"a: frame 1, joint 2 is (.* no coordinate|not a finite)"):
        check_clip(clip, 3, "a")
