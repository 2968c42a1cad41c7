"""The preparation of single frames, and that of whole clips."""

import copy

import pytest
import torch

from pyg_skeleton.nn.stream.preparation import FramePreparation, num_frames_of
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import (
    AGCNPreNormalize,
    AlignShoulders,
    BonesFromJoints,
    Center,
    Center2D,
    Chain,
    ConvertSkeleton,
    CropResize,
    Difference,
    DuplicatePerson,
    FirstSeenOrigin,
    FrameDraw,
    InfoGCNAlign,
    MinMaxNormalize,
    NWUCLAView,
    PadFrames,
    PreNormalize2D,
    PreNormalize3D,
    RandomRotation,
    SelectJoints,
    SelectPersons,
    Standardize,
    Stream,
    TemporalResize,
    TemporalSample,
    TurnUpright,
    UniformSample,
)

NTU = Skeleton.get("ntu25")
WINDOW = 5
#: Transforms that need no other frame.
OF_FRAMES = [
    BonesFromJoints(NTU),
    BonesFromJoints(NTU, dual=True),
    Center(3),
    Center(3, person=0),
    Center2D([0, 1], image_size=(4, 2)),
    ConvertSkeleton(NTU, "kinect20"),
    PreNormalize2D((8, 6)),
    SelectJoints(NTU, [20, 2, 3]),
    Standardize(torch.randn(25, 3), torch.rand(25, 3) + 0.5),
    TurnUpright(),
    AlignShoulders(4, 8),
    Stream("joint", NTU),
    Stream("bone", NTU),
]
#: Transforms by the first frame, for which a stream takes the mean pose.
BY_FIRST = [
    FirstSeenOrigin(),
    Center(3, "first"),
    Center(3, "first", person=0),
    AGCNPreNormalize(),
    PreNormalize3D(),
    InfoGCNAlign(),
    AlignShoulders(4, 8, frame="first"),
]


def preparation(*transforms, persons=2, window=WINDOW):
    example = NTU.to_data(torch.zeros(persons, 25, 1, 3))
    return FramePreparation(Chain(transforms), example, window)


def frames_of(prepare, x):
    """Prepares the frames of a clip ``[M, V, T, C]`` one by one."""
    return [prepare(frame) for frame in x.unbind(2)]


def whole(transform, x):
    """Prepares a clip."""
    data = Chain([transform])(NTU.to_data(x))
    return data.x.unflatten(0, (len(x), -1))


def clip(frames=12, persons=2):
    return 3 + torch.randn(persons, 25, frames, 3)


# Each transform ###################################################################################


@pytest.mark.parametrize("transform", OF_FRAMES, ids=repr)
def test_transforms_of_frames_are_the_same(transform):
    x = clip()
    found = frames_of(preparation(transform), x)
    torch.testing.assert_close(torch.stack(found, 2), whole(transform, x))


@pytest.mark.parametrize("transform", BY_FIRST, ids=repr)
def test_the_mean_pose_of_the_last_frames_is_the_first_frame(transform):
    x = clip()
    for t, found in enumerate(frames_of(preparation(transform), x)):
        last = x[:, :, max(0, t + 1 - WINDOW) : t + 1]
        both = torch.stack([last.mean(2), x[:, :, t]], dim=2)
        expected = whole(transform, both)[:, :, 1]
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def test_the_range_is_that_of_the_last_frames():
    x, transform = clip(), MinMaxNormalize()
    for t, found in enumerate(frames_of(preparation(transform), x)):
        last = x[:, :, max(0, t + 1 - WINDOW) : t + 1]
        torch.testing.assert_close(found, whole(transform, last)[:, :, -1])


@pytest.mark.parametrize("stream", ["joint-motion", "bone-motion"])
def test_a_motion_comes_with_the_next_frame(stream):
    x, transform = clip(), Stream(stream, NTU)
    first, *found = frames_of(preparation(transform), x)
    assert first is None
    torch.testing.assert_close(torch.stack(found, 2), whole(transform, x)[:, :, :-1])


@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_differences_to_the_frames_before(order):
    x, transform = clip(), Difference(order)
    found = frames_of(preparation(transform), x)
    torch.testing.assert_close(torch.stack(found, 2), whole(transform, x))


OF_TIME = [
    CropResize(64, 0.95),
    FrameDraw(52),
    PadFrames(300),
    TemporalResize(20),
    TemporalSample(30),
    UniformSample(48),
]


@pytest.mark.parametrize("transform", [*OF_TIME, SelectPersons(2)], ids=repr)
def test_frames_count_as_they_come(transform):
    x = clip()
    found = frames_of(preparation(transform, Stream("bone", NTU), transform), x)
    assert torch.equal(torch.stack(found, 2), whole(Stream("bone", NTU), x))


def test_transforms_one_after_the_other():
    """What is kept is that of each transform: the second one sees what the first one made."""
    steps = [FirstSeenOrigin(), InfoGCNAlign(), Stream("bone-motion", NTU), MinMaxNormalize()]
    prepare, alone = preparation(*steps), [preparation(step) for step in steps]
    for frame in clip().unbind(2):
        expected = frame
        for step in alone:
            expected = None if expected is None else step(expected)
        found = prepare(frame)
        assert (found is None) == (expected is None)
        if found is not None:
            assert torch.equal(found, expected)


def test_without_a_preparation():
    x = clip()
    prepare = FramePreparation(None, NTU.to_data(torch.zeros(2, 25, 1, 3)), WINDOW)
    assert torch.equal(torch.stack(frames_of(prepare, x), 2), x)


def test_the_size_of_the_picture_is_that_of_the_example():
    example = NTU.to_data(torch.zeros(1, 25, 1, 3), image_size=torch.tensor([[8, 6]]))
    prepare = FramePreparation(Chain([PreNormalize2D()]), example, WINDOW)
    x = clip(persons=1)
    torch.testing.assert_close(
        torch.stack(frames_of(prepare, x), 2), whole(PreNormalize2D((8, 6)), x)
    )


def test_the_frame_of_the_caller_does_not_change():
    frame = clip(1)[:, :, 0]
    given = frame.clone()
    prepare = preparation(FirstSeenOrigin(), InfoGCNAlign(), Difference(), MinMaxNormalize())
    for _ in range(3):
        prepare(frame)
    assert torch.equal(frame, given)


# Persons who are not there ########################################################################


def absent(x, person, start, stop):
    x = x.clone()
    x[person, :, start:stop] = 0
    return x


@pytest.mark.parametrize("transform", BY_FIRST, ids=repr)
def test_who_is_absent_stays_zero_and_does_not_count(transform):
    """Nor does a place that is free: the others are prepared as if it were not there."""
    x = absent(clip(), 1, 0, 12)
    alone = frames_of(preparation(transform, persons=1), x[:1])
    for found, expected in zip(frames_of(preparation(transform), x), alone, strict=True):
        assert torch.equal(found[:1], expected)
        assert not found[1].any()
    for found, expected in zip(frames_of(preparation(transform), x.flip(0)), alone, strict=True):
        assert torch.equal(found[1:], expected)
        assert not found[0].any()


def test_a_free_place_has_no_share_in_the_range():
    x = absent(clip(), 1, 0, 12)
    alone = frames_of(preparation(MinMaxNormalize(), persons=1), x[:1])
    for found, expected in zip(frames_of(preparation(MinMaxNormalize()), x), alone, strict=True):
        assert torch.equal(found[:1], expected)
    nobody = preparation(MinMaxNormalize())(torch.zeros(2, 25, 3))
    assert not nobody.any()


@pytest.mark.parametrize("transform", [FirstSeenOrigin(), PreNormalize3D()], ids=repr)
def test_the_origin_is_that_of_the_first_person_who_is_there(transform):
    """Frame by frame, of which the last five with a person count."""
    x = absent(absent(absent(clip(20), 0, 3, 6), 0, 9, 20), 1, 5, 8)
    joint, seen = getattr(transform, "joint", 1), []
    for frame, found in zip(x.unbind(2), frames_of(preparation(transform), x), strict=True):
        there = [pose for pose in frame if pose.any()]
        seen += there[:1]
        both = torch.stack([torch.stack(seen[-WINDOW:]).mean(0)] * 2)
        moved = torch.stack([pose - both[0, joint] if pose.any() else pose for pose in frame])
        if isinstance(transform, PreNormalize3D):
            moved = moved @ transform.turn(both[0]).float()
        torch.testing.assert_close(found, moved)


#: Transforms that keep something of each person.
OF_PERSONS = [
    Center(3, "first"),
    InfoGCNAlign(),
    AlignShoulders(4, 8, frame="first"),
    MinMaxNormalize(),
    Difference(2),
    Stream("joint-motion", NTU),
]


@pytest.mark.parametrize("transform", OF_PERSONS, ids=repr)
@pytest.mark.parametrize("person", [0, 1])
def test_a_person_is_forgotten(transform, person):
    """Whoever comes to their place is prepared as if it had been free."""
    x = clip(12)
    free = absent(x, person, 0, 6)
    prepare, other = preparation(transform, window=20), preparation(transform, window=20)
    for t in range(12):
        if t == 6:
            prepare.reset(person)
        found, expected = prepare(x[:, :, t]), other(free[:, :, t])
        if t >= 6:
            torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("transform", OF_PERSONS[:3], ids=repr)
@pytest.mark.parametrize("gone", [WINDOW - 1, WINDOW])
def test_who_was_absent_in_a_whole_window_is_forgotten(transform, gone):
    x = absent(clip(20), 1, 4, 4 + gone)
    found = frames_of(preparation(transform), x)[4 + gone]
    anew = frames_of(preparation(transform), absent(x, 1, 0, 4))[4 + gone]
    assert torch.equal(found[0], anew[0])
    assert torch.equal(found[1], anew[1]) == (gone == WINDOW)


# The state ########################################################################################

KEEPING = [*BY_FIRST, *OF_PERSONS]


@pytest.mark.parametrize("transform", KEEPING, ids=repr)
def test_state_is_copied_and_of_constant_size(transform):
    prepare, x = preparation(transform), clip(40)
    frames_of(prepare, absent(x, 1, 6, 10)[:, :, :20])
    state = prepare.get_state()
    kept, sizes = copy.deepcopy(state), [v.numel() for s in state for v in s.values()]
    other = preparation(transform)
    other.set_state(state)
    for frame in x[:, :, 20:].unbind(2):
        assert torch.equal(prepare(frame), other(frame))
    assert sizes == [v.numel() for s in prepare.get_state() for v in s.values()]
    for one, two in zip(state, kept, strict=True):
        assert one.keys() == two.keys()
        assert all(torch.equal(value, two[name]) for name, value in one.items())


@pytest.mark.parametrize("transform", KEEPING, ids=repr)
def test_reset(transform):
    x, prepare = clip(6), preparation(transform)
    frames_of(prepare, absent(clip(8), 0, 5, 8))
    prepare.reset()
    for found, expected in zip(
        frames_of(prepare, x), frames_of(preparation(transform), x), strict=True
    ):
        assert found is expected is None or torch.equal(found, expected)


def test_the_state_of_another_preparation():
    state = preparation(FirstSeenOrigin()).get_state()
    for other in (preparation(FirstSeenOrigin(), Difference()), preparation(Center(), persons=1)):
        with pytest.raises(ValueError, match="the state is that of another stream"):
            other.set_state(state)


# What is there ####################################################################################


@pytest.mark.parametrize(
    "transform",
    [
        AlignShoulders(4, 8, sign="clip"),
        Center(3, "last"),
        DuplicatePerson(),
        NWUCLAView(),
        RandomRotation(30),
        Chain([Center()]),
    ],
    ids=lambda transform: type(transform).__name__,
)
def test_transforms_without_a_counterpart(transform):
    with pytest.raises(ValueError, match=r"has no counterpart for single frames$") as error:
        preparation(Stream("bone", NTU), transform)
    assert str(error.value).startswith(str(transform))


@pytest.mark.parametrize(
    ("transform", "frames"), list(zip(OF_TIME, (64, 52, 300, 20, 30, 48), strict=True)), ids=repr
)
def test_the_number_of_frames_of_a_preparation(transform, frames):
    assert num_frames_of(Chain([transform, Stream("bone", NTU), SelectPersons(2)])) == frames
    assert num_frames_of(Chain([PadFrames(7), transform])) == frames
    assert num_frames_of(Chain([SelectPersons(2), Center()])) is None
    assert num_frames_of(None) is None
