"""Frames of the user: persons at their places, and joints that are missing."""

import copy
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from pyg_skeleton.nn.stream.frames import FrameReader
from pyg_skeleton.skeleton import BodyGraph, Skeleton

NTU = Skeleton.get("ntu25")
NAN = np.full((25, 3), np.nan)


def network(skeleton=NTU, **known):
    """What a reader takes from a network."""
    values = {"frame_rate": None, "unit": None, "up": None, "body_size": None, "preparation": None}
    return SimpleNamespace(**{"skeleton": skeleton, "in_channels": 3, **values, **known})


@pytest.fixture
def reader():
    return FrameReader(network(), num_persons=2)


@pytest.fixture
def poses():
    return np.random.default_rng(0).normal(size=(30, 25, 3)).astype(np.float32)


def hide(pose, *joints):
    out = pose.copy()
    out[list(joints)] = np.nan
    return out


def assert_read(reader, frame, *expected):
    """Compares what was read with the pose of each place, :obj:`None` for one without a person."""
    x, present = reader.read(frame)
    assert x.dtype == torch.float
    assert present == [pose is not None for pose in expected]
    none = np.zeros((25, 3))
    np.testing.assert_array_equal(x, [none if pose is None else pose for pose in expected])


# What a frame may be ##############################################################################


def test_arrays(reader, poses):
    a, b = poses[:2]
    assert_read(reader, a, a, None)
    assert_read(reader, [a, b], a, b)
    assert_read(reader, torch.from_numpy(poses[:2]).double().requires_grad_(), a, b)
    assert_read(reader, a.tolist(), a, None)
    assert_read(reader, np.stack([0 * a, b]), None, b)
    assert_read(reader, np.stack([NAN, b]), None, b)
    assert_read(reader, poses[:0], None, None)
    assert reader.places == {}


def test_the_frame_of_the_user_does_not_change(reader, poses):
    frame = np.stack([hide(poses[0], 3), poses[1]])
    given = frame.copy()
    x, _ = reader.read(frame)
    x += 1
    np.testing.assert_array_equal(frame, given)


def test_names(reader, poses):
    a, b, c = poses[:3]
    assert_read(reader, {"ann": a}, a, None)
    assert_read(reader, {7: b, "ann": c}, c, b)
    assert_read(reader, {7: a}, None, a)
    assert_read(reader, {}, None, None)
    assert reader.places == {"ann": 0, 7: 1}
    reader.forget(0)
    assert reader.places == {7: 1}
    assert_read(reader, {"cy": c, 7: b}, c, b)


@pytest.mark.parametrize("named", [False, True])
def test_more_persons_than_places(reader, poses, named):
    frame = dict(zip("abc", poses[:3], strict=True)) if named else poses[:3]
    with pytest.warns(UserWarning, match="only 2 persons are followed at a time"):
        assert_read(reader, frame, poses[0], poses[1])
    assert_read(reader, frame, poses[0], poses[1])  # is told once


def test_a_frame_that_is_missing(reader, poses):
    assert reader.read(None) == (None, [False, False])
    reader.read(poses[:1])
    assert_read(reader, None, poses[0], None)
    assert_read(reader, None, poses[0], None)


# Joints that are missing ##########################################################################


def test_a_joint_stays_where_it_was(reader, poses):
    """Compared with a plain loop over persons and joints."""
    generator = np.random.default_rng(1)
    frames = generator.normal(size=(40, 2, 25, 3)).astype(np.float32)
    frames[generator.random((40, 2, 25)) < 0.1] = np.nan
    frames[generator.random((40, 2)) < 0.1] = 0
    before = [None, None]
    for frame in frames:
        for person, pose in enumerate(frame):
            there, held = pose.any(), pose.copy()
            for joint in range(25):
                if np.isnan(pose[joint]).any() and before[person] is not None:
                    held[joint] = before[person][joint]
            # Who was absent is there again as soon as each joint is seen.
            before[person] = held if there and not np.isnan(held).any() else None
        assert_read(reader, frame, *before)


def test_a_joint_with_one_coordinate(reader, poses):
    a, b = poses[:2]
    reader.read(a)
    half = b.copy()
    half[4, 2] = np.nan
    b[4] = a[4]
    assert_read(reader, half, b, None)


def test_a_person_counts_from_the_frame_in_which_each_joint_is_seen(reader, poses):
    a, b, c = poses[:3]
    assert_read(reader, [hide(a, 3), b], None, b)
    assert_read(reader, [hide(b, 4), c], None, c)
    assert_read(reader, [c, hide(a, *range(24))], c, np.vstack([c[:24], a[24:]]))
    assert_read(reader, [NAN, a], None, a)
    assert_read(reader, [hide(b, 3), a], None, a)  # anew


def test_joints_in_pictures_are_zero_where_they_are_missing(poses):
    """As in training: they have a score as third channel, and nothing is filled."""
    model = network(unit="px", body_size=None)
    reader = FrameReader(model, 1, image_size=(100, 100))
    reader.read(poses[0])
    x, present = reader.read(hide(poses[1], 3))
    assert present == [True]
    assert not x[0, 3].any()
    x, _ = reader.read(poses[2][:, :2])
    np.testing.assert_array_equal(x[0], np.hstack([poses[2][:, :2], np.ones((25, 1))]))


# Layouts and units ################################################################################


def test_joints_of_another_layout(poses):
    """By name, also of a network whose graph is no body."""
    names = ("spine", "head", "left_hand")
    numbers = [NTU.joint_id(name) for name in names]
    body = BodyGraph("three", names, [(0, 1), (0, 2)])
    other = FrameReader(network(body), 1, layout="ntu25")
    with pytest.warns(UserWarning, match="joints of 'ntu25' taken as those of 'three'"):
        x, present = other.read(poses[0])
    assert present == [True]
    np.testing.assert_array_equal(x[0], poses[0][numbers])
    # A joint that is not read may be missing.
    x, present = other.read(hide(poses[1], NTU.joint_id("head"), NTU.joint_id("left_foot")))
    expected = poses[1][numbers]
    expected[1] = poses[0][numbers[1]]
    np.testing.assert_array_equal(x[0], expected)
    x, _ = FrameReader(network(body), 1).read(poses[0, :3])
    np.testing.assert_array_equal(x[0], poses[0, :3])


def test_units_and_sizes(poses):
    model = network(unit="m", body_size=4.0)
    reader = FrameReader(model, 2, unit="mm")
    with pytest.warns(UserWarning, match="converted from 'mm' to 'm'"):
        x, _ = reader.read(1000 * poses[0])
    np.testing.assert_allclose(x[0], poses[0], rtol=1e-6)
    other = FrameReader(model, 2)
    assert other.read(np.stack([NAN, NAN]))[1] == [False, False]
    for _ in range(2):
        with pytest.raises(ValueError, match="other units, such as millimeters instead of meters"):
            other.read([NAN, 1000 * poses[0]])


# Refusals #########################################################################################


@pytest.mark.parametrize(
    ("frame", "got"),
    [
        (np.zeros((3, 3)), r"\(3, 3\)"),
        (np.zeros((25, 2)), r"\(25, 2\)"),
        (np.zeros((2, 25, 4)), r"\(25, 4\)"),
        (np.zeros((1, 2, 25, 3)), r"\(1, 2, 25, 3\)"),
        (np.zeros(3), r"\(3,\)"),
        (1.0, r"\(\)"),
        ({"ann": np.zeros((25, 3)), "ben": np.zeros((24, 3))}, r"\(24, 3\)"),
        ({"ann": 1.0}, r"\(\)"),
    ],
)
def test_shapes(reader, frame, got):
    message = rf"^expected poses of shape \(25, 3\) for skeleton 'ntu25', got {got}$"
    with pytest.raises(ValueError, match=message):
        reader.read(frame)


@pytest.mark.parametrize("frame", ["pose", {"ann": "pose"}])
def test_what_is_no_array(reader, frame):
    with pytest.raises(ValueError, match=r"^expected a pose as an array, got str$"):
        reader.read(frame)
    with pytest.raises(ValueError, match="expected a pose as an array, got list"):
        reader.read([[1, 2], [3]])


@pytest.mark.parametrize("value", [np.inf, -np.inf, 2e9])
def test_what_is_not_finite(reader, poses, value):
    poses[1, 7, 2] = value
    with pytest.raises(ValueError, match=f"^expected finite joints, got {float(value)}$"):
        reader.read(poses[:2])


def test_a_preparation_may_take_other_channels(poses):
    reader = FrameReader(network(preparation=object()), 1)
    x, _ = reader.read(poses[0][:, :2])
    assert x.shape == (1, 25, 2)
    with pytest.raises(ValueError, match=r"got \(24, 2\)"):
        reader.read(poses[0, :24, :2])


# The state ########################################################################################


def test_state_and_reset(reader, poses):
    a, b = poses[:2]
    reader.read({"ann": a, "ben": b})
    state = reader.get_state()
    kept = copy.deepcopy(state)
    other = FrameReader(network(), 2)
    other.set_state(state)
    assert_read(other, {"ben": hide(a, 3)}, None, np.vstack([a[:3], b[3:4], a[4:]]))
    reader.forget(1)
    assert_read(reader, None, a, None)
    reader.last += 1
    assert (state["places"], state["present"]) == (kept["places"], kept["present"])
    assert torch.equal(state["last"], kept["last"])
    other.reset()
    fresh = FrameReader(network(), 2).get_state()
    assert other.get_state() == fresh == {"places": {}, "last": None, "present": [False, False]}
    assert_read(other, {"cy": hide(b, 3)}, None, None)
