import numpy as np
import pytest

from pyg_skeleton.io.calibration import CameraCalibration, check_calibration, numbers


def test_numbers():
    np.testing.assert_array_equal(numbers([[1], [2]], 2, "f"), [1.0, 2.0], strict=True)


@pytest.mark.parametrize(
    "value",
    [[1], [1, 2, 3], None, "ab", {}, [1, np.nan], [1, [2, 3]], [1, 10**400], [1, 1e300], [1, "x"]],
)
def test_no_numbers(value):
    with pytest.raises(ValueError, match=r"^f: expected 2 (finite )?numbers"):
        numbers(value, 2, "f")


def make(**changes):
    vectors = {
        "focal": np.ones(2),
        "center": np.ones(2),
        "radial": np.zeros(3),
        "tangential": np.zeros(2),
        "rotation": np.eye(3)[[1, 2, 0]],
        "translation": np.zeros(3),
    }
    return CameraCalibration(**{"name": "a", "width": 4, "height": 3, **vectors, **changes})


def test_a_camera_that_can_be():
    assert check_calibration(make(), "in", "out").name == "a"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"width": 0}, "in: expected a positive size and focal length, got 0 x 3 pixels and"),
        ({"focal": np.array([1.0, -1])}, "in: expected a positive size and focal length, got 4 x"),
        ({"rotation": np.eye(3)[[1, 0, 2]]}, "out: its rotation is none: "),
        ({"rotation": 2 * np.eye(3)}, "out: its rotation is none: "),
        ({"rotation": np.zeros((3, 3))}, "out: its rotation is none: "),
    ],
)
def test_a_camera_that_cannot_be(changes, message):
    with pytest.raises(ValueError, match="^" + message):
        check_calibration(make(**changes), "in", "out")
