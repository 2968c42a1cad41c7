"""Recordings that the tests of all writers use."""

import numpy as np
import pytest

from pyg_skeleton.io import Recording


def make(channels=3, confidence=True, **changes):
    generator = np.random.default_rng(0)
    joints = generator.normal(0, 500, (2, 4, 25, channels)).astype(np.float32)
    joints[0, 1, 3] = np.nan
    joints[1, 2] = np.nan
    scores = generator.uniform(0, 1, (2, 4, 25)).astype(np.float32)
    scores[np.isnan(joints).any(-1)] = 0
    known = {
        "layout": "ntu25",
        "frame_rate": 29.97,
        "confidence": scores if confidence else None,
        "persons": (7, "b"),
        "unit": "mm",
        "up": "-y",
        "image_size": (640, 480),
        "name": "walk",
    }
    return Recording(joints, **known | changes)


def check(out, expected):
    np.testing.assert_array_equal(out.joints, expected.joints)
    assert out.joints.dtype == np.float32
    assert out.joints.flags.writeable
    if expected.confidence is None:
        assert out.confidence is None
    else:
        np.testing.assert_array_equal(out.confidence, expected.confidence)
    for field in ("layout", "frame_rate", "persons", "unit", "up", "image_size", "name"):
        assert getattr(out, field) == getattr(expected, field), field


@pytest.fixture
def recording():
    """A function that makes a recording of two persons with missing joints."""
    return make


@pytest.fixture
def check_same():
    """A function that compares two recordings, field by field."""
    return check
