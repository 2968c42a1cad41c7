from pathlib import Path

import numpy as np
import pytest

from pyg_skeleton.io.keypoints.detections import Detection, from_detections, triples

FILE = Path("video.json")


def person(x=100.0, y=100.0, score=0.5, joints=17):
    """A body of 100 by 100 pixels around a place."""
    grid = np.linspace(-50, 50, joints)
    return np.column_stack([x + grid, y + grid[::-1], np.full(joints, score)]).astype("f4")


def test_joints_confidence_and_what_is_missing():
    joints = person()
    joints[3] = 0
    out = from_detections(FILE, [Detection(1, joints)], num_frames=3)
    assert out.joints.shape == (1, 3, 17, 2)
    np.testing.assert_array_equal(out.joints[0, 1, 4], joints[4, :2])
    assert np.isnan(out.joints).all(-1)[0].sum(1).tolist() == [17, 1, 17]
    assert out.confidence[0, :, 4].tolist() == [0, 0.5, 0]
    assert (out.layout, out.unit, out.up, out.name) == ("coco17", "px", "-y", "video")


def test_persons_who_cross_the_list_are_followed():
    """They are listed in another order in every frame, and one is away for some time."""
    frames = []
    for t in range(40):
        pair = [person(100 + 3 * t), person(600 - 3 * t, 400, score=0.9)]
        if 10 <= t < 20:
            pair = pair[1:]
        frames += [Detection(t, joints) for joints in (pair if t % 2 else pair[::-1])]
    out = from_detections(FILE, frames)
    assert out.persons == (0, 1)
    # The one of the larger sum of confidences comes first.
    np.testing.assert_allclose(out.joints[0, :, 8, 0], 600 - 3 * np.arange(40))
    there = np.r_[0:10, 20:40]
    np.testing.assert_allclose(out.joints[1, there, 8, 0], 100 + 3 * there)
    assert np.isnan(out.joints[1, 10:20]).all()


def test_somebody_elsewhere_is_another_person():
    out = from_detections(FILE, [Detection(0, person()), Detection(1, person(400))])
    assert len(out.joints) == 2


def test_somebody_who_comes_back_late_is_another_person():
    for gap, persons in ((30, 1), (31, 2)):
        found = from_detections(FILE, [Detection(0, person()), Detection(gap, person())])
        assert len(found.joints) == persons


def test_names_of_the_file_are_kept():
    frames = [Detection(t, person(100 + 300 * (t % 2)), "ann") for t in range(4)]
    frames += [Detection(t, person(100, 500, 0.9), "bob") for t in range(4)]
    out = from_detections(FILE, frames)
    assert out.persons == ("bob", "ann")
    with pytest.raises(ValueError, match="the person 'ann' is twice in frame 0"):
        from_detections(FILE, [*frames, Detection(0, person(), "ann")])


def test_most_persons():
    frames = [Detection(0, person(100)), Detection(0, person(400, score=0.9))]
    out = from_detections(FILE, frames, max_persons=1)
    np.testing.assert_allclose(out.joints[0, 0, 8], [400, 100])
    with pytest.raises(ValueError, match="max_persons must be at least 1, got 0"):
        from_detections(FILE, frames, max_persons=0)


def test_too_many_persons_say_what_to_pass():
    frames = [Detection(40 * t, person()) for t in range(5000)]
    with pytest.raises(ValueError, match=r"5000 persons in 199,961 frames.*pass max_persons="):
        from_detections(FILE, frames)


def test_shares_of_the_picture():
    joints = person()
    joints[:, :2] /= 200
    assert from_detections(FILE, [Detection(0, joints)]).unit == "normalized"


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ([], "has no person in any frame"),
        ([Detection(0, person(score=0))], "no joint has a confidence above 0"),
        (
            [Detection(0, person()), Detection(1, person(joints=25))],
            r"as many joints, got \[17, 25",
        ),
        ([Detection(0, person(x=1e12))], "not a finite number up to 1e"),
        ([Detection(2_000_000, person())], "expected frames from 0 to 999999, got 2000000"),
    ],
)
def test_refusals(found, message):
    with pytest.raises(ValueError, match=f"video.json: .*{message}"):
        from_detections(FILE, found)


def test_confidences_above_one_count_as_one():
    assert from_detections(FILE, [Detection(0, person(score=5.5))]).confidence.max() == 1


def test_triples():
    assert triples([1, 2, 0.5, 4, 5, 1], "a").tolist() == [[1, 2, 0.5], [4, 5, 1]]
    for wrong in ([1, 2], [], None, [1, 2, "x"], [1, 2, float("nan")], [True, 1, 1]):
        with pytest.raises(ValueError, match=r"^here"):
            triples(wrong, "here")
