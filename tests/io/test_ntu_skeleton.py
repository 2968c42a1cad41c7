import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyg_skeleton.io import NTUBody, NTURecording, read_ntu_skeleton, write_ntu_skeleton
from pyg_skeleton.io.ntu_skeleton import _by_body, _read_lines, _read_regular

FIRST = 72057594037931101  # such numbers differ in the last digits, which a double does not hold


def text_of(frames, seed=0):
    """A file in the official format; `frames` holds the tracking numbers of each frame."""
    generator = np.random.default_rng(seed)
    lines, joints = [str(len(frames))], []
    for ids in frames:
        lines.append(str(len(ids)))
        for body in ids:
            lines += [f"{body} 0 1 1 0 0 0 0.02764709 -0.05745611 2", "25"]
            for _ in range(25):
                values = generator.normal(size=11).astype(np.float32)
                lines.append(" ".join([*(f"{v:.7g}" for v in values), "2"]))
                joints.append([float(f"{v:.7g}") for v in values[:3]])
    return lines, np.array(joints, np.float32).reshape(-1, 25, 3)


def write(path, lines, end="\r\n"):
    path.write_bytes((end.join(lines) + end).encode())
    return path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "S001C001P001R001A001.skeleton"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_bodies_come_go_and_change_places(path, end):
    a, b, c = FIRST, FIRST + 1, FIRST + 2
    frames = [[], [a], [a, b], [b, a], [], [a], [c, a, b], []]
    lines, joints = text_of(frames)
    recording = read_ntu_skeleton(write(path, lines, end))
    assert recording.num_frames == 8
    assert [body.id for body in recording.bodies] == [a, b, c]
    first, second, third = recording.bodies
    assert first.frames.tolist() == [1, 2, 3, 5, 6]
    assert first.places.tolist() == [0, 0, 1, 0, 1]
    assert second.frames.tolist() == [2, 3, 6]
    assert second.places.tolist() == [1, 0, 2]
    assert (third.frames.tolist(), third.places.tolist()) == ([6], [0])
    assert first.joints.dtype == np.float32
    np.testing.assert_array_equal(first.joints, joints[[0, 1, 4, 5, 7]])
    np.testing.assert_array_equal(second.joints, joints[[2, 3, 8]])
    np.testing.assert_array_equal(third.joints, joints[[6]])


def test_files_without_a_body(path):
    recording = read_ntu_skeleton(write(path, ["3", "0", "0", "0"]))
    assert recording == NTURecording(3, [])


def same(one, two):
    return one.num_frames == two.num_frames and all(
        a.id == b.id and all(np.array_equal(x, y) for x, y in zip(a[1:], b[1:], strict=True))
        for a, b in zip(one.bodies, two.bodies, strict=True)
    )


def test_round_trip(path):
    generator = np.random.default_rng(0)
    bodies = [
        NTUBody(FIRST, np.arange(4), generator.normal(size=(4, 25, 3)), np.array([0, 0, 1, 0])),
        NTUBody(FIRST + 5, np.array([2]), generator.normal(size=(1, 25, 3)), np.array([0])),
    ]
    bodies = [body._replace(joints=body.joints.astype(np.float32)) for body in bodies]
    recording = NTURecording(5, bodies)
    write_ntu_skeleton(path, recording)
    assert same(read_ntu_skeleton(path), recording)


def test_numbers_in_other_spellings(path):
    """An exponent, no point, many digits; two spaces, which only the slow way reads."""
    lines, joints = text_of([[FIRST], [FIRST]])
    spellings = {"1.5e-05": 1.5e-5, "3": 3, "-0.12345678901234567": -0.12345678901234567}
    for joint, (spelling, value) in enumerate({**spellings, "1e+0": 1, " 0.25": 0.25}.items()):
        lines[4 + joint] = f"{spelling} {lines[4 + joint].split(' ', 1)[1]}"
        joints[0, joint, 0] = value
        regular = _read_regular("\n".join(lines).encode())
        assert (regular is not None) == (joint < 4)
        recording = read_ntu_skeleton(write(path, lines))
        np.testing.assert_array_equal(recording.bodies[0].joints, joints)


LINES = text_of([[FIRST], [FIRST, FIRST + 1], []])[0]


def changed(line, value):
    return [*LINES[: line - 1], value, *LINES[line:]]


@pytest.mark.parametrize(
    ("lines", "place", "message"),
    [
        ([""], 0, "the file ends here, expected the number of frames"),
        (changed(1, "x"), 1, "expected the number of frames, 1, got 'x'"),
        (changed(1, "0"), 1, "expected the number of frames, 1, got '0'"),
        (changed(1, "1000000000"), 1, "1000000000 frames announced, in a file of 85 lines"),
        (changed(1, "9" * 5000), 1, "expected the number of frames, 1, got '99999"),
        (changed(1, "4"), 85, "the file ends here, expected the number of bodies of frame 3 of 4"),
        (changed(1, "2"), 84, "1 lines more after the last of 2 frames"),
        (changed(2, "-1"), 2, "expected the number of bodies of frame 0 of 3, 0 to 6, got '-1'"),
        (changed(2, "7"), 2, "expected the number of bodies of frame 0 of 3, 0 to 6, got '7'"),
        (changed(2, "2"), 30, "expected the 10 fields of body 1 of 2 of frame 0 of 3, got 1: '2'"),
        (changed(30, "1"), 58, "expected the number of bodies of frame 2 of 3, 0 to 6, got '7205"),
        (changed(3, "abc 0 1 1 0 0 0 0 0 2"), 3, "expected the 10 fields of body 0 of 1"),
        (changed(58, LINES[30]), 58, f"body {FIRST} is twice in frame 1"),
        (changed(4, "24"), 4, "expected the number of joints, 25 to 25, got '24'"),
        (changed(5, "nan 0 0 0 0 0 0 0 0 0 0 2"), 5, "expected a finite number, got 'nan'"),
        (changed(5, "0 1e99 0 0 0 0 0 0 0 0 0 2"), 5, "expected a finite number, got '1e99'"),
        (changed(6, "0 0 0"), 6, "expected the 12 numbers of joint 1 of body 0 of frame 0 of 3"),
        (LINES[:50], 50, "the file ends here, expected joint 18 of body 0 of frame 1 of 3"),
    ],
)
def test_files_that_lie(path, lines, place, message):
    write(path, lines)
    with pytest.raises(ValueError, match=re.escape(f"{path}:{place}: {message}")) as error:
        read_ntu_skeleton(path)
    assert "\n" not in str(error.value)


def test_size_and_kind(path, tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match="no such file"):
        read_ntu_skeleton(path)
    with pytest.raises(ValueError, match=r"is a directory, expected a .skeleton file"):
        read_ntu_skeleton(tmp_path)
    monkeypatch.setattr("pyg_skeleton.io.ntu_skeleton._MAX_BYTES", 100)
    with pytest.raises(ValueError, match=r"has more than 100 bytes, expected a .skeleton file"):
        read_ntu_skeleton(write(path, LINES))


_FAKES = st.sampled_from([b"", *map(bytes, zip(b" \n-.+_01e\t\xff")), b"25", b"e5", b"nan"])


@given(data=st.data())
def test_damaged_files(path, data):
    """Cut off, overwritten, with pieces put in: what comes is right, or an error with the line."""
    content = "\r\n".join(LINES).encode()
    begin, end = sorted(data.draw(st.tuples(*[st.integers(0, len(content))] * 2)))
    if data.draw(st.booleans()):
        end = begin + min(end - begin, 12)
    content = content[:begin] + data.draw(_FAKES) + content[end:]
    path.write_bytes(content)
    try:
        expected = _by_body(_read_lines(content, "name"))
    except ValueError as error:
        message = re.escape(str(error).removeprefix("name"))
        with pytest.raises(ValueError, match=message):
            read_ntu_skeleton(path)
    else:
        assert same(read_ntu_skeleton(path), expected)


@given(content=st.binary(max_size=200))
def test_garbage(path, content):
    path.write_bytes(content)
    with pytest.raises(ValueError, match=re.escape(str(path)) + r":\d+: "):
        read_ntu_skeleton(path)


@pytest.mark.parametrize("place", range(0, 60, 7))
@pytest.mark.parametrize(
    "piece", [b"\xbf\xf0f\xb2\xd6\xee", b"\x00", b"\xb2", b"1" * 400, b"1e400"]
)
def test_bytes_inside_a_line(path, place, piece):
    """A damaged number, of any length and of bytes that are no text."""
    lines = [line.encode() for line in LINES]
    lines[4] = lines[4][:place] + piece + lines[4][place:]
    path.write_bytes(b"\r\n".join(lines))
    try:
        message = f"{path}:5: {read_ntu_skeleton(path).num_frames}"
    except ValueError as error:
        message = str(error)
    assert message.startswith(f"{path}:5: ")
    assert "\n" not in message


def test_one_long_line(path, peak_memory):
    path.write_bytes(b"1\n1\n" + b"1 " * 2_000_000)
    with peak_memory() as peak:
        with pytest.raises(ValueError, match=r":3: expected the 10 fields of body 0"):
            read_ntu_skeleton(path)
        assert peak() < 40_000_000
