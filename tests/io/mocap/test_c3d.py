import re
import struct

import ezc3d
import numpy as np
import pytest

from pyg_skeleton import read
from pyg_skeleton.io import read_c3d


def group(number, name):
    return struct.pack("bb", len(name), -number) + name.encode(), struct.pack("B", 0)


def texts(group, name, values):
    width = max(map(len, values))
    data = "".join(value.ljust(width) for value in values).encode()
    body = struct.pack("bBBB", -1, 2, width, len(values)) + data + b"\0"
    return struct.pack("bb", len(name), group) + name.encode(), body


def dec(values):
    """The reals of DEC: exponents higher by two, halves swapped."""
    words = (np.asarray(values, "<f4") * 4).view("<u2").reshape(-1, 2)
    return words[:, ::-1].tobytes()


def c3d(joints, residuals, labels, processor=84, scale=-1.0, analog=2, extra=()):
    """A file by the C3D User Guide: header, parameters, data."""
    order = ">" if processor == 86 else "<"
    frames, points = residuals.shape
    reals = dec if processor == 85 else lambda v: np.asarray(v, f"{order}f4").tobytes()
    rate = struct.pack("bB", 4, 0) + reals([100.0]) + b"\0"
    entries = [
        group(1, "POINT"),
        texts(1, "LABELS", labels),
        texts(1, "UNITS", ["mm"]),
        texts(1, "Y_SCREEN", ["+Z"]),
        (struct.pack("bb", 4, 1) + b"RATE", rate),
        *extra,
    ]
    parameters = b""
    for i, (head, body) in enumerate(entries):
        step = 2 + len(body) if i + 1 < len(entries) else 0
        parameters += head + struct.pack(f"{order}H", step) + body
    parameters = bytes([1, 0x50, 2, processor]) + parameters
    assert len(parameters) <= 1024
    header = bytes([2, 0x50]) + struct.pack(f"{order}5H", points, analog, 1, frames, 0)
    header += reals([scale]) + struct.pack(f"{order}HH", 4, 1) + reals([50.0])
    table = np.zeros((frames, 4 * points + analog))
    values = table[:, : 4 * points].reshape(frames, points, 4)
    values[..., :3], values[..., 3] = joints, residuals
    table[:, : 4 * points] = values.reshape(frames, -1)
    table[:, 4 * points :] = 7
    if scale < 0:
        data = reals(table.ravel().astype(np.float32))
    else:
        values[..., :3] /= scale
        table[:, : 4 * points] = values.reshape(frames, -1)
        data = np.round(table).astype(f"{order}i2").tobytes()
    return header.ljust(512, b"\0") + parameters.ljust(1024, b"\0") + data


JOINTS = np.random.default_rng(0).integers(-2000, 2000, (5, 3, 3)).astype(np.float32)
RESIDUALS = np.zeros((5, 3))
RESIDUALS[1, 2] = -1
LABELS = ["RKnee", "RHip", "C7"]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "gait.c3d"


@pytest.mark.parametrize("processor", [84, 85, 86])
@pytest.mark.parametrize("scale", [-1.0, 0.5])
def test_processors_and_kinds_of_numbers(path, processor, scale):
    path.write_bytes(c3d(JOINTS, RESIDUALS, LABELS, processor, scale))
    out = read_c3d(path)
    expected = JOINTS.copy()
    expected[1, 2] = np.nan
    np.testing.assert_array_equal(out.joints[0], expected)
    assert (out.frame_rate, out.unit, out.up) == (100.0, "mm", "z")
    assert list(out.layout["joints"]) == LABELS
    assert out.layout["joints"]["RKnee"] == "RHip"


def test_a_file_of_ezc3d(path):
    file = ezc3d.c3d()
    file["parameters"]["POINT"]["RATE"]["value"] = [120.0]
    file["parameters"]["POINT"]["UNITS"]["value"] = ["m"]
    file["parameters"]["POINT"]["LABELS"]["value"] = tuple(LABELS)
    file["parameters"]["ANALOG"]["RATE"]["value"] = [240.0]
    file["parameters"]["ANALOG"]["LABELS"]["value"] = ("Fx", "Fz")
    points = np.ones((4, 3, 5))
    points[:3] = JOINTS.transpose(2, 1, 0)
    points[:3, 2, 1] = np.nan
    file["data"]["points"] = points
    file["data"]["analogs"] = np.random.default_rng(0).normal(size=(1, 2, 10))
    file.write(str(path))
    out = read_c3d(path)
    expected = JOINTS.copy()
    expected[1, 2] = np.nan
    np.testing.assert_array_equal(out.joints[0], expected)
    assert (out.frame_rate, out.unit, out.up) == (120.0, "m", None)


def test_angles_and_forces_are_no_markers(path):
    labels = ["RKnee", "RKneeAngles", "C7"]
    extra = [texts(1, "ANGLES", ["RKneeAngles"])]
    path.write_bytes(c3d(JOINTS, RESIDUALS, labels, extra=extra))
    out = read_c3d(path)
    assert list(out.layout["joints"]) == ["RKnee", "C7"]
    np.testing.assert_array_equal(out.joints[0, 0], JOINTS[0, [0, 2]])


def test_labels_that_are_missing_or_twice(path):
    path.write_bytes(c3d(JOINTS, RESIDUALS, ["A", "A"]))
    assert list(read_c3d(path).layout["joints"]) == ["A", "A#1", "point#2"]


def test_read(path):
    path.write_bytes(c3d(JOINTS, RESIDUALS, LABELS))
    clip = read(path).to_unit("m").to_up("y")
    out = clip.to_layout("ntu25")
    x, y, z = JOINTS[0, 0] / 1000
    knee = out.joints[0, 0, out.skeleton.joint_id("right_knee")]
    np.testing.assert_allclose(knee, [x, z, -y], rtol=1e-6)


def patched(at, value):
    content = bytearray(c3d(JOINTS, RESIDUALS, LABELS))
    content[at : at + len(value)] = value
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", ": has no header of C3D"),
        (patched(1, b"x"), ": has no header of C3D"),
        (patched(0, b"\xff"), ": has no parameters of C3D at byte 130048"),
        (patched(513, b"x"), ": has no parameters of C3D at byte 512"),
        (patched(515, b"x"), ": expected processor [84, 85, 86], got 120"),
        (patched(2, b"\0\0"), ": announces 0 points in 5 frames"),
        (patched(2, b"\xff\xff"), ": announces 65535 points in 5 frames"),
        (patched(8, b"\0\0"), ": announces 3 points in 0 frames"),
        (patched(8, b"\xff\xff"), ": announces 65535 frames of 3 points"),
        (patched(16, b"\xff\xff"), ": announces 5 frames of 3 points"),
        (patched(1536, struct.pack("<f", 1e20)), ": a marker is farther away than 1e+09"),
        (patched(516 + 7 + 2 + 1 + 8 + 2, b"\x05"), ": 'LABELS': is a damaged parameter"),
        (c3d(JOINTS, RESIDUALS, LABELS)[:-1], ": announces 5 frames of 3 points"),
    ],
)
def test_damaged(path, content, message):
    path.write_bytes(content)
    with pytest.raises(ValueError, match=re.escape(str(path) + message)):
        read_c3d(path)


def test_truncated(path):
    content = c3d(JOINTS, RESIDUALS, LABELS)
    for size in range(0, len(content), 31):
        path.write_bytes(content[:size])
        with pytest.raises(ValueError, match=re.escape(str(path)) + ": .+"):
            read_c3d(path)
