import re

import numpy as np
import pytest

from pyg_skeleton import read
from pyg_skeleton.io import read_npz_clip, write_npz_clip


@pytest.fixture
def path(tmp_path):
    return tmp_path / "clip.npz"


@pytest.mark.parametrize("channels", [2, 3])
@pytest.mark.parametrize("confidence", [False, True])
def test_what_is_written_is_read(path, recording, check_same, channels, confidence):
    expected = recording(channels, confidence)
    write_npz_clip(path, expected)
    check_same(read_npz_clip(path), expected)
    with np.load(path) as archive:  # plain arrays only
        np.testing.assert_array_equal(archive["joints"], expected.joints)


def test_archives_of_others(path):
    joints = np.random.default_rng(0).normal(size=(5, 17, 3))
    np.savez(path, keypoints=joints, label=np.array(3))
    np.testing.assert_array_equal(read_npz_clip(path).joints[0], joints.astype(np.float32))
    np.savez(path, arr_0=joints)
    clip = read(path, "h36m17", frame_rate=50)
    assert clip.joints.shape == (1, 5, 17, 3)
    np.savez(path, a=joints, b=joints + 1)
    with pytest.raises(ValueError, match=re.escape("has 'a', 'b'; pass key=...")):
        read_npz_clip(path)
    np.testing.assert_array_equal(read_npz_clip(path, key="b").joints[0], (joints + 1).astype("f4"))
    with pytest.raises(ValueError, match=re.escape("has no 'c', only 'a', 'b'")):
        read_npz_clip(path, key="c")


def test_scores(path):
    joints = np.random.default_rng(0).uniform(0, 640, (2, 5, 17, 3))
    joints[..., 2] = 0.5
    np.savez(path, joints)
    out = read(path, "coco17", channels="xys")
    assert out.joints.shape == (2, 5, 17, 2)
    assert bool((out.confidence == 0.5).all())


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (
            {"joints": np.zeros((5, 17))},
            ": joints: expected [T, V, C] or [M, T, V, C], got [5, 17]",
        ),
        ({"joints": np.zeros((0, 17, 3))}, ": joints: expected [T, V, C]"),
        ({"joints": np.array({"a": 1}, object)}, ": joints: expected an array of numbers"),
        ({"joints": np.full((5, 17, 3), np.inf)}, ": joints: a joint is not a finite number"),
        ({}, ": has no array; pass key=..."),
        ({"joints": np.zeros((1, 5, 17, 3)), "about": np.zeros(3)}, ": about: expected JSON in"),
        (
            {"joints": np.zeros((1, 5, 17, 3)), "about": np.frombuffer(b"{", np.uint8)},
            ": about: is not a dict in JSON",
        ),
        (
            {"joints": np.zeros((5, 17, 3)), "about": np.frombuffer(b"{}", np.uint8)},
            ": joints: expected [M, T, V, C], got [5, 17, 3]",
        ),
        (
            {"joints": np.zeros((1, 5, 17, 3)), "about": np.frombuffer(b'{"up": 1}', np.uint8)},
            ": up: invalid value 1",
        ),
    ],
)
def test_damaged(path, arrays, message):
    np.savez(path, **arrays)
    with pytest.raises(ValueError, match=re.escape(str(path) + message)):
        read_npz_clip(path)


def test_truncated(path, recording):
    write_npz_clip(path, recording())
    content = path.read_bytes()
    for size in range(0, len(content), 503):
        path.write_bytes(content[:size])
        with pytest.raises(ValueError, match=re.escape(str(path)) + ": .+"):
            read_npz_clip(path)
