import numpy as np
import pytest

from pyg_skeleton.datasets.recognition.ntu_persons import (
    agcn_persons,
    ctrgcn_persons,
    pyskl_persons,
    stgcn_persons,
)
from pyg_skeleton.io import NTUBody, NTURecording

GENERATOR = np.random.default_rng(0)


def body(number, frames, moves=1.0, width=0.2, place=0):
    """A body that is tall and narrow, unless it is wide, and moves more or less."""
    frames = np.asarray(frames)
    shape = np.stack([np.linspace(0, width, 25), np.linspace(0, 1, 25), np.full(25, 3.0)], axis=-1)
    joints = np.tile(shape, (len(frames), 1, 1)) + number
    joints[:, :, 2] += moves * GENERATOR.normal(size=(len(frames), 1))
    places = np.broadcast_to(place, frames.shape)
    return NTUBody(number, frames, joints.astype(np.float32), places)


def recording(num_frames, *bodies):
    return NTURecording(num_frames, list(bodies))


def frames_of(clip):
    """In which frames each person is there."""
    return [np.flatnonzero(person.any((0, 2))).tolist() for person in clip]


def check(clip, person, start, of):
    """From a frame on, a person is such and such a body."""
    part = clip[person, :, start : start + len(of.frames)]
    np.testing.assert_array_equal(part.transpose(1, 0, 2), of.joints)


EVERY = [ctrgcn_persons, pyskl_persons, agcn_persons, stgcn_persons]


@pytest.mark.parametrize("persons", EVERY)
def test_nobody(persons):
    assert persons(recording(5)) is None


@pytest.mark.parametrize("persons", EVERY)
def test_one_body(persons):
    """However short or wide: with one body there is nothing to choose."""
    one = body(1, range(5), width=3.0)
    clip = persons(recording(5, one))
    assert clip.shape == (1, 25, 5, 3)
    assert clip.dtype == np.float32
    assert clip.flags.c_contiguous
    check(clip, 0, 0, one)


@pytest.mark.parametrize("persons", [ctrgcn_persons, pyskl_persons])
def test_empty_frames_and_gaps_are_closed(persons):
    one = body(1, [2, 3, 7, 9])
    clip = persons(recording(12, one))
    assert clip.shape == (1, 25, 4, 3)
    check(clip, 0, 0, one)


@pytest.mark.parametrize("persons", [agcn_persons, stgcn_persons])
def test_all_frames_stay(persons):
    clip = persons(recording(12, body(1, [2, 3, 7, 9])))
    assert clip.shape == (1, 25, 12, 3)
    assert frames_of(clip) == [[2, 3, 7, 9]]


@pytest.mark.parametrize("persons", [ctrgcn_persons, pyskl_persons])
def test_two_persons_who_moves_more_first(persons):
    calm, lively = body(1, range(20), moves=0.1), body(2, range(3, 20), moves=1.0)
    clip = persons(recording(20, calm, lively))
    if persons is ctrgcn_persons:
        check(clip, 0, 3, lively)
        check(clip, 1, 0, calm)
        assert frames_of(clip) == [list(range(3, 20)), list(range(20))]
    else:  # swapped, as who moves more is not there at first
        check(clip, 0, 0, calm)
        check(clip, 1, 3, lively)


@pytest.mark.parametrize("persons", [ctrgcn_persons, pyskl_persons])
def test_short_bodies_go(persons):
    one, short = body(1, range(20), 0.1), body(2, range(11), 1.0)
    clip = persons(recording(20, one, short))
    assert clip.shape == (1, 25, 20, 3)
    check(clip, 0, 0, one)
    clip = persons(recording(20, one, body(2, range(12), 1.0)))
    assert clip.shape[0] == 2
    both_short = persons(recording(20, body(1, range(5)), body(2, range(8, 11))))
    assert both_short is not None


@pytest.mark.parametrize("persons", [ctrgcn_persons, pyskl_persons])
def test_wide_bodies_go(persons):
    one, wide = body(1, range(20), 0.1), body(2, range(20), 1.0, width=0.9)
    check(persons(recording(20, one, wide)), 0, 0, one)
    assert persons(recording(20, one, wide)).shape[0] == 1
    # Never the last: of two wide ones the second stays.
    check(persons(recording(20, body(3, range(20), width=0.9), wide)), 0, 0, wide)
    # Wide in 13 of 20 frames is not yet too much, in 14 it is.
    for frames, count in ((13, 2), (14, 1)):
        partly = body(2, range(20), 1.0)
        partly.joints[:frames, :, 0] *= 5
        assert persons(recording(20, one, partly)).shape[0] == count


def test_motion_is_that_of_the_narrow_frames():
    """The frames in which a body is too wide do not make it the first person."""
    calm, odd = body(1, range(20), 0.3), body(2, range(20), 0.01)
    odd.joints[:10, :, 0] *= 5  # wide, and far away
    clip = ctrgcn_persons(recording(20, calm, odd))
    check(clip, 0, 0, calm)


def test_a_person_under_a_new_number():
    """The tracking lost a person and found them again, in time before the second person goes."""
    first, again = body(1, range(15), 3.0), body(2, range(15, 30), 2.0)
    other = body(3, range(30), 1.0)
    for persons in (ctrgcn_persons, pyskl_persons):
        clip = persons(recording(30, first, again, other))
        check(clip, 0, 0, first)
        check(clip, 0, 15, again)
        check(clip, 1, 0, other)


def test_one_frame_in_common():
    """CTR-GCN lets the later one overwrite it; pyskl calls that an overlap."""
    first, again = body(1, range(16), 2.0), body(2, range(15, 30), 1.0)
    clip = ctrgcn_persons(recording(30, first, again))
    assert clip.shape[0] == 1
    check(clip, 0, 15, again)
    clip = pyskl_persons(recording(30, first, again))
    assert clip.shape[0] == 2
    check(clip, 0, 0, first)
    check(clip, 1, 15, again)


def test_a_third_person_is_dropped():
    bodies = [body(n, range(20), 4.0 - n) for n in (1, 2, 3)]
    for persons in (ctrgcn_persons, pyskl_persons):
        clip = persons(recording(20, *bodies))
        assert clip.shape[0] == 2
        check(clip, 0, 0, bodies[0])
        check(clip, 1, 0, bodies[1])


def test_the_second_person_reaches_from_the_first_frame():
    """So an earlier person, who overlaps with the first person, is dropped, too."""
    first, second = body(1, range(40), 3.0), body(2, range(20, 40), 2.0)
    before = body(3, range(15), 1.0)
    for persons in (ctrgcn_persons, pyskl_persons):
        clip = persons(recording(40, first, second, before))
        assert frames_of(clip) == [list(range(40)), list(range(20, 40))]


def test_bodies_by_their_place_in_the_list():
    """Whatever their numbers: the first two for ST-GCN, of four the liveliest for 2s-AGCN."""
    frames = range(12)
    bodies = [body(n, frames, moves, place=n) for n, moves in enumerate((0.1, 0.5, 0.01, 1.0, 5))]
    clip = stgcn_persons(recording(12, *bodies))
    check(clip, 0, 0, bodies[0])
    check(clip, 1, 0, bodies[1])
    clip = agcn_persons(recording(12, *bodies))
    check(clip, 0, 0, bodies[3])
    check(clip, 1, 0, bodies[1])
    moved = body(7, [0, 1, 2], place=np.array([0, 1, 1]))
    clip = stgcn_persons(recording(3, moved))
    assert frames_of(clip) == [[0], [1, 2]]
