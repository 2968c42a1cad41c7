"""The base of streams: frames at their rate, names, and the state."""

import copy
import io
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from pyg_skeleton.nn.stream import Stream
from pyg_skeleton.skeleton import Skeleton


class Network(torch.nn.Linear):
    """What a stream takes from a network."""

    skeleton, preparation, unit, up, body_size = Skeleton.get("ntu25"), None, None, None, None
    in_channels, frame_rate = 3, 30.0


class Recent(Stream):
    """A stream that answers with the last three frames, and when they came."""

    window = 3

    def __init__(self, model, num_persons=2, **kwargs):
        super().__init__(model, num_persons, **kwargs)
        self.options, self.frames, self.forgotten = kwargs, [], []

    def _take(self, x, present):
        frame = torch.zeros(2, 25, 3) if x is None else x
        self.frames = [*self.frames, frame][-3:]
        return SimpleNamespace(frames=torch.stack(self.frames), present=present)

    def _forget(self, place):
        self.forgotten.append(place)
        self.frames = [] if place is None else self.frames

    def _get_state(self):
        return {"frames": self.frames}

    def _set_state(self, state):
        self.frames = list(state["frames"])

    def _clone(self):
        return type(self)(self.model, self.num_persons, **self.options)


@pytest.fixture
def model():
    return Network(3, 3)


@pytest.fixture
def poses():
    return np.random.default_rng(0).normal(size=(60, 25, 3)).astype(np.float32)


def test_a_frame_and_its_answer(model, poses):
    stream = Recent(model.train())
    assert not model.training
    for t, pose in enumerate(poses[:5]):
        answer = stream.push(pose)
        assert stream.num_frames == t + 1
        assert answer.present == [True, False]
        np.testing.assert_array_equal(answer.frames[:, 0], poses[max(0, t - 2) : t + 1])
    again = stream.push(None)
    np.testing.assert_array_equal(again.frames[:, 0], poses[[3, 4, 4]])
    assert stream.num_frames == 6


# The rate of frames ###############################################################################


@pytest.mark.parametrize("frame_rate", [30, 60, 50, 15, 12.5, 7, 120, 29.8])
def test_frames_are_left_out_or_taken_twice(model, poses, frame_rate):
    """After each frame, as many are taken as the training data would have by then."""
    stream = Recent(model, frame_rate=frame_rate)
    taken = []
    take = stream._take
    stream._take = lambda x, present: taken.append(x[0]) or take(x, present)
    near = abs(frame_rate / 30 - 1) < 0.01
    for n, pose in enumerate(poses, 1):
        before = len(taken)
        answer = stream.push(pose)
        expected = n if near else int(n * 30 / frame_rate + 1e-9)
        assert len(taken) == expected
        assert all(np.array_equal(x, pose) for x in taken[before:])
        assert (answer is None) == (len(taken) == before)
    assert stream.num_frames == 60


@pytest.mark.parametrize(("known", "given"), [(None, 60.0), (30.0, None)])
def test_each_frame_is_taken_where_a_rate_is_not_known(model, poses, known, given):
    model.frame_rate = known
    stream = Recent(model, frame_rate=given)
    assert all(stream.push(pose) is not None for pose in poses)


# Persons ##########################################################################################


def test_reset_of_persons(model, poses):
    stream = Recent(model)
    stream.push(poses[:2])
    stream.reset(1)  # by the position in arrays
    assert stream.reader.present == [True, False]
    with pytest.raises(KeyError, match=r"expected one of \['0', '1'\], got 2"):
        stream.reset(2)
    stream.reset()
    stream.push({"ben": poses[0], "ann": poses[1]})
    with pytest.raises(KeyError, match=r"expected one of \['ann', 'ben'\], got 1"):
        stream.reset(1)
    stream.reset("ann")
    assert stream.reader.places == {"ben": 0}
    assert stream.forgotten == [1, None, 1]
    assert stream.num_frames == 1
    stream.push(None)
    assert not stream.frames[-1][1].any()
    np.testing.assert_array_equal(stream.frames[-1][0], poses[0])


def test_reset_of_everything(model, poses):
    stream, fresh = (Recent(model, frame_rate=40) for _ in range(2))
    for pose in poses[:7]:
        stream.push({"ann": pose})
    stream.reset()
    assert stream.num_frames == 0
    for pose in poses:
        one, two = stream.push({"cy": pose}), fresh.push({"cy": pose})
        assert (one is None) == (two is None)
    assert torch.equal(one.frames, two.frames)


# The state ########################################################################################


def test_state_goes_through_a_file(model, poses):
    stream, other = (Recent(model, frame_rate=40) for _ in range(2))
    for t in range(6):
        stream.push({"ann": poses[t], 7: poses[t + 1]})
    file = io.BytesIO()
    torch.save(stream.state_dict(), file)
    file.seek(0)
    other.load_state_dict(torch.load(file, weights_only=True))
    assert other.num_frames == 6
    assert other.reader.places == {"ann": 0, 7: 1}
    for pose in poses[7:20]:
        one, two = stream.push({7: pose}), other.push({7: pose})
        assert (one is None) == (two is None)
        assert one is None or torch.equal(one.frames, two.frames)


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy])
def test_a_copy_goes_on_by_itself(model, poses, make):
    stream = Recent(model, num_persons=1, frame_rate=60.0)
    for pose in poses[:4]:
        stream.push(pose)
    other = make(stream)
    assert type(other) is Recent
    assert other.model is model
    assert (other.num_persons, other.rate, other.num_frames) == (1, 0.5, 4)
    for x in (*stream.frames, stream.reader.last):
        x += 1
    stream.push(poses[9])
    assert other.num_frames == 4
    np.testing.assert_array_equal(other.frames[-1][0], poses[3])
    np.testing.assert_array_equal(other.reader.last[0], poses[3])


@pytest.mark.parametrize("change", [lambda s: s.pop("frames"), lambda s: s.update(more=1)])
def test_the_state_of_something_else(model, poses, change):
    stream = Recent(model)
    stream.push(poses[0])
    state = stream.state_dict()
    change(state)
    with pytest.raises(ValueError, match=r"expected the state of a stream, got \['.*network'"):
        stream.load_state_dict(state)
    assert stream.num_frames == 1


def test_the_network_moves(model):
    stream = Recent(model)
    assert stream.to(torch.float64) is stream
    assert model.weight.dtype == torch.float64


# Refusals #########################################################################################


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_persons": 0}, "expected num_persons >= 1, got 0"),
        ({"frame_rate": 0}, "expected frame_rate > 0, got 0"),
        ({"frame_rate": -5.0}, r"expected frame_rate > 0, got -5\.0"),
        ({"frame_rate": float("nan")}, "expected frame_rate > 0, got nan"),
        ({"layout": "coco18"}, "coco17"),
    ],
)
def test_arguments(model, arguments, message):
    with pytest.raises(ValueError, match=message):
        Recent(model, **arguments)


def test_a_network_in_training_mode(model, poses):
    stream = Recent(model)
    model.train()
    with pytest.raises(ValueError, match=r"in evaluation mode, call model\.eval\(\)"):
        stream.push(poses[0])
    assert stream.num_frames == 0
    model.eval()
    stream.push(poses[0])


def test_a_frame_that_is_refused_does_not_count(model, poses):
    stream = Recent(model)
    stream.push(poses[0])
    with pytest.raises(ValueError, match=r"expected poses of shape \(25, 3\)"):
        stream.push(poses[1, :20])
    assert stream.num_frames == 1
    assert len(stream.frames) == 1


def test_random_weights_are_told(poses):
    model = Network(3, 3)
    model.norm = torch.nn.BatchNorm1d(3)
    with pytest.warns(UserWarning, match="this Network has random weights"):
        Recent(model)
    Recent(model)  # once
    with pytest.raises(TypeError, match="abstract"):
        Stream(model, 1)
