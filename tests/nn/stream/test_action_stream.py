"""A stream of a network that recognizes actions, with its preparation."""

import copy
import io

import numpy as np
import pytest
import torch

from pyg_skeleton.datasets import synthetic_recording
from pyg_skeleton.nn.models import create_model
from pyg_skeleton.nn.stream import ActionStream, Stream
from pyg_skeleton.transforms.chains import Chain, ctrgcn_nw_ucla, ntu_chain
from pyg_skeleton.transforms.first_seen_origin import FirstSeenOrigin
from pyg_skeleton.transforms.info_gcn_align import InfoGCNAlign
from pyg_skeleton.transforms.pre_normalize_2d import PreNormalize2D
from pyg_skeleton.transforms.stream import Stream as InputStream

SMALL = {"num_classes": 5, "channels": (8, 8), "strides": (1, 2), "continual": True}
#: The number of frames that a feature of it depends on.
FIELD = 17


def network(skeleton="ntu25", **options):
    """A network whose norms have seen something, and which is not too sure of a class."""
    torch.manual_seed(0)
    model = create_model("ctr_gcn", skeleton=skeleton, **SMALL, **options).eval()
    for norm in (m for m in model.modules() if isinstance(m, torch.nn.BatchNorm1d)):
        norm.running_mean.normal_(0, 0.1)
    model.classifier.weight.data *= 0.1
    return model


@pytest.fixture
def model():
    return network()


@pytest.fixture
def walk():
    return np.random.default_rng(0).normal(size=(2, 60, 25, 3)).astype(np.float32)


def run(stream, frames):
    return [stream.push(frame) for frame in frames]


def test_answers_as_predict(model, walk):
    stream = model.stream(window=21)
    assert isinstance(stream, ActionStream)
    assert isinstance(stream, Stream)
    answers = run(stream, walk.swapaxes(0, 1))
    assert [a is None for a in answers] == [True] * 20 + [False] * 40
    for t in (20, 59):
        expected = model.predict(walk[:, t - 20 : t + 1])
        np.testing.assert_allclose(answers[t].probability, expected.probability, atol=1e-5)
        assert answers[t].labels == expected.labels
    assert answers[-1].to_frame(2).columns.tolist() == ["clip", "class", "probability"]


def test_frames_of_a_recording(model, walk):
    """Several at a time, also with frames without anybody."""
    model.set_preparation(Chain([InputStream("joint-motion", "ntu25")]))
    frames = [{}, {}, *walk[0, :30], {}, None, *walk[0, 30:40]]
    stream, other = model.stream(window=FIELD), model.stream(window=FIELD)
    answers, expected = stream.extend(frames), run(other, frames)
    assert [a is None for a in answers] == [e is None for e in expected]
    for answer, one in zip(answers, expected, strict=True):
        if answer is not None:
            np.testing.assert_allclose(answer.probability, one.probability, atol=1e-5)
    assert stream.num_frames == len(frames)


def test_preparation_of_bones(model, walk):
    """Bones do not depend on the origin: the first window equals its clip."""
    bone = InputStream("bone", "ntu25")
    model.set_preparation(Chain([FirstSeenOrigin(), bone]))
    stream = model.stream(window=FIELD)
    answer = run(stream, walk[0, :FIELD])[-1]
    np.testing.assert_allclose(
        answer.probability, model.predict(walk[0, :FIELD]).probability, atol=1e-5
    )


def test_the_size_of_the_picture(walk):
    model = network("coco17")
    model.unit = "px"
    model.set_preparation(Chain([PreNormalize2D()]))
    clip = np.abs(walk[0, :FIELD, :17]) * [150, 100, 1]
    answer = run(model.stream(window=FIELD, image_size=(640, 480)), clip)[-1]
    expected = model.predict(clip, image_size=(640, 480))
    np.testing.assert_allclose(answer.probability, expected.probability, atol=1e-5)


@pytest.mark.filterwarnings("ignore:joints of 'ntu25' taken as")
def test_a_person_who_has_walked_away_is_recognized():
    """The network was trained with the origin in the first frame of each clip."""
    clip = synthetic_recording(("walking", "waving"), seconds=3.2)
    stream = create_model("ctr_gcn", weights="recognizer").stream(num_persons=1, layout="ntu25")
    answers = [stream.push(frame) for frame in clip.joints[0].numpy()]
    for frame, expected in ((79, "walking"), (159, "waving")):
        assert answers[frame].to_frame(top=1)["class"].tolist() == [expected]


@pytest.mark.parametrize("pipeline", ["ctrgcn", "infogcn", "agcn", "stgcn", "pyskl"])
def test_preparations_have_a_counterpart(model, walk, pipeline):
    model.set_preparation(ntu_chain(False, "bone-motion", FIELD + 4, pipeline))
    stream = model.stream()
    assert stream.window == FIELD + 4
    answers = run(stream, walk[0])
    assert answers[FIELD + 3] is None  # a motion comes with the next frame
    assert answers[FIELD + 4].probability.shape == (1, 5)
    model.set_preparation(ctrgcn_nw_ucla(train=False, num_frames=52))
    assert model.stream().window == 51


def test_windows(model):
    assert model.stream().window == FIELD + 2 * 31  # as many features as 64 frames have
    with pytest.raises(ValueError, match="window of 17 frames and a multiple of 2, for example 19"):
        model.stream(window=20)
    for name, value in (("num_persons", 3), ("every", 0), ("refresh", 0), ("frame_rate", 0.0)):
        with pytest.raises(ValueError, match=f"expected {name}"):
            model.stream(**{name: value})


def test_persons_have_names(model, walk):
    stream = model.stream(window=FIELD)
    for t in range(10):
        stream.push({"ann": walk[0, t]})
    for t in range(10, 30):
        answer = stream.push({"ben": walk[1, t], "ann": walk[0, t]})
    clip = walk[:, 13:30]
    np.testing.assert_allclose(answer.probability, model.predict(clip).probability, atol=1e-5)
    assert stream.reader.places == {"ann": 0, "ben": 1}
    with pytest.warns(UserWarning, match="only 2 persons are followed"):
        stream.push({"ann": walk[0, 0], "ben": walk[1, 0], "cy": walk[1, 1]})
    for t in range(FIELD):
        stream.push({"ben": walk[1, t]})
    assert stream.reader.places == {"ben": 1}
    stream.reset("ben")
    assert stream.reader.places == {}
    assert stream.network.persons == []
    stream.push({"ben": walk[1, 0]})
    with pytest.raises(KeyError, match="ann"):
        stream.reset("ann")


@pytest.mark.parametrize("pad", [False, True])
def test_places_become_free(walk, pad):
    """Those of who was absent for a window, and of who was never seen whole."""
    model = network(pad_persons=pad)
    stream, unseen = model.stream(window=FIELD), np.full((25, 3), np.nan)
    run(stream, [{"a": unseen}, {"b": unseen, "c": unseen}])
    run(stream, [{"d": walk[0, t], "e": walk[1, t]} for t in range(5)])
    assert stream.reader.places == {"d": 0, "e": 1}
    run(stream, [{"e": walk[1, 5]}, *[{}] * (FIELD - 2)])
    assert stream.reader.places == {"d": 0, "e": 1}
    stream.push({})
    assert stream.reader.places == {"e": 1}
    stream.push({})
    assert stream.reader.places == {}
    answer = run(stream, [{"g": pose} for pose in walk[0, :FIELD]])[-1]
    expected = model.predict(walk[0, :FIELD])
    np.testing.assert_allclose(answer.probability, expected.probability, atol=1e-5)


@pytest.mark.parametrize("push", [run, ActionStream.extend])
@pytest.mark.parametrize("reset", [False, True])
def test_who_comes_is_not_turned_as_who_went(model, walk, push, reset):
    """The place of a person who is gone, or was reset, is another's."""
    model.set_preparation(Chain([InfoGCNAlign()]))
    stream, other = model.stream(window=FIELD), model.stream(window=FIELD)
    stays, comes, went = walk[0, :50], walk[1, :50], walk[1, ::-1] * [1, 2, 3]
    alone = [{"ann": pose} for pose in stays[:30]]
    both = [{"ann": a, "cy": b} for a, b in zip(stays[30:40], comes, strict=False)]
    gone = 30 if reset else 30 - FIELD
    push(stream, [{**a, "ben": b} for a, b in zip(alone[:gone], went, strict=False)])
    if reset:
        stream.reset("ben")
    push(stream, alone[gone:])
    push(other, alone)
    assert stream.reader.places == {"ann": 0}
    for answer, expected in zip(push(stream, both), push(other, both), strict=True):
        if answer is not None:
            np.testing.assert_allclose(answer.probability, expected.probability, atol=1e-5)
    (found,), (known,) = (s.preparation.get_state()[1:] for s in (stream, other))
    assert found.keys() == known.keys()
    assert all(torch.equal(value, known[key]) for key, value in found.items())


def test_gaps_and_missing_joints(model, walk):
    """Everybody stays in a frame that is missing, and so does a joint that was not seen."""
    stream, other = model.stream(window=FIELD), model.stream(window=FIELD)
    frames = list(walk[0, :FIELD])
    hidden = frames[5].copy()
    hidden[3] = np.nan
    held = frames[5].copy()
    held[3] = frames[4][3]
    answer = run(stream, [*frames[:5], hidden, None, *frames[7:]])[-1]
    expected = run(other, [*frames[:5], held, held, *frames[7:]])[-1]
    np.testing.assert_array_equal(answer.probability, expected.probability)
    assert model.stream().push(None) is None
    unseen = walk[0, 0].copy()
    unseen[3] = np.nan
    stream = model.stream(window=FIELD)
    assert run(stream, [unseen] * FIELD)[-1] is None  # never seen whole
    assert stream.network.persons == []


def test_state_is_saved_copied_and_reset(model, walk):
    stream = model.stream(window=FIELD)
    run(stream, walk[0, :30])
    file = io.BytesIO()
    torch.save(stream.state_dict(), file)
    file.seek(0)
    other = model.stream(window=FIELD)
    other.load_state_dict(torch.load(file, weights_only=True))
    copies = [copy.copy(stream), copy.deepcopy(stream), other]
    weights = {id(p) for p in stream.network.parameters()}
    assert all({id(p) for p in c.network.parameters()} == weights for c in copies[:2])
    expected = stream.push(walk[0, 30]).probability
    run(stream, walk[1])  # does not change the copies
    for clone in copies:
        assert clone.model is model
        assert clone.num_frames == 30
        np.testing.assert_array_equal(clone.push(walk[0, 30]).probability, expected)
    stream.reset()
    answers = run(stream, walk[0, :FIELD])
    fresh = run(model.stream(window=FIELD), walk[0, :FIELD])
    assert answers[-2] is None
    np.testing.assert_array_equal(answers[-1].probability, fresh[-1].probability)
    with pytest.raises(ValueError, match="expected the state of a stream"):
        stream.load_state_dict({})
    assert stream.to(torch.float64).push(walk[0, 0]).probability.dtype == np.float32


def test_frame_rates(model, walk):
    model.frame_rate = 30.0
    double = model.stream(window=FIELD, frame_rate=60)
    half = model.stream(window=FIELD, frame_rate=15)
    plain = model.stream(window=FIELD)
    twice = run(double, walk[0, :40])
    assert [t for t, a in enumerate(twice) if a is not None] == [33, 35, 37, 39]
    expected = run(plain, walk[0, 1:40:2])[-1]
    np.testing.assert_array_equal(twice[-1].probability, expected.probability)
    answer = run(half, walk[0, :10])[-1]
    expected = run(model.stream(window=FIELD), walk[0, :10].repeat(2, 0))[-1]
    np.testing.assert_array_equal(answer.probability, expected.probability)


def test_other_layouts_and_units(model, walk):
    model.unit = "m"
    kinect = np.random.default_rng(1).normal(size=(FIELD, 25, 3)).astype(np.float32)
    plain = run(model.stream(window=FIELD), kinect)[-1]
    with pytest.warns(UserWarning, match="converted from 'mm' to 'm'"):
        other = run(model.stream(window=FIELD, unit="mm"), 1000 * kinect)[-1]
    np.testing.assert_allclose(plain.probability, other.probability, atol=1e-5)


def test_refusals(model, walk):
    stream = model.stream(window=FIELD)
    with pytest.raises(ValueError, match=r"poses of shape \(25, 3\) for skeleton 'ntu25', got \(3"):
        stream.push(walk[0, 0, :3])
    model.train()
    with pytest.raises(ValueError, match=r"evaluation mode, call model.eval\(\)"):
        stream.push(walk[0, 0])
    with pytest.raises(TypeError, match="CoDT has no form frame by frame"):
        create_model("codt", shared="ntu25", channels=(8,), strides=(1,), num_samples=60).stream()
