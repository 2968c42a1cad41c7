import json

import numpy as np
import pytest

from pyg_skeleton.data import read
from pyg_skeleton.io import read_openpose


@pytest.fixture
def video(keypoint_files, tmp_path):
    """A folder of OpenPose with two persons, and what is in it."""
    xy, score = keypoint_files.people(joints=25)

    def write(**values):
        for t in range(6):
            content = keypoint_files.openpose_frame(xy, score, t)
            for entry in content["people"]:
                entry.update(values)
            (tmp_path / f"walk_{t:012d}_keypoints.json").write_text(json.dumps(content))
        return tmp_path

    return write, xy, score


def matches(clip, xy, score):
    """Persons come in the order of their confidence."""
    order = np.argsort(-score.sum((1, 2)))
    np.testing.assert_allclose(clip.joints, xy[order], rtol=1e-6)
    np.testing.assert_allclose(clip.confidence, score[order], rtol=1e-6)


def test_a_folder(video):
    write, xy, score = video
    clip = read(write())
    assert (clip.skeleton.name, clip.unit, clip.up, clip.frame_rate) == ("body25", "px", "-y", None)
    matches(clip, xy, score)


def test_the_frames_are_those_of_read_openpose(video):
    folder = video[0]()
    clip = read(folder)
    assert read_openpose(folder).shape[:2] == (clip.num_persons, clip.num_frames)


def test_a_file_and_its_layout(keypoint_files, tmp_path):
    path = tmp_path / "f.json"
    for joints, layout in ((18, "openpose18"), (25, "body25"), (17, "coco17")):
        xy, score = keypoint_files.people(joints)
        path.write_text(json.dumps(keypoint_files.openpose_frame(xy, score, 2)))
        clip = read(path)
        assert clip.skeleton.name == layout
        matches(clip, xy[:, 2:3], score[:, 2:3])


def test_hands(video):
    write, xy, score = video
    left, right = np.full((21, 3), 0.5), np.zeros((21, 3))
    left[:, :2] = 300 + np.arange(21)[:, None]
    folder = write(
        hand_left_keypoints_2d=left.flatten().tolist(),
        hand_right_keypoints_2d=right.flatten().tolist(),
    )
    clip = read(folder, hands=True)
    assert clip.skeleton.name == "openpose67"
    matches(clip.to_layout("body25"), xy, score)
    tip = clip.skeleton.joint_id("left_hand_root"), clip.skeleton.joint_id("left_pinky_tip")
    assert clip.joints[0, 0, tip[0]].tolist() == [300, 300]
    assert clip.joints[0, 0, tip[1]].tolist() == [320, 320]
    assert not bool(clip.visible[:, :, clip.skeleton.joint_id("right_pinky_tip")].any())
    assert read(folder).skeleton.name == "body25"


def test_identified_persons(keypoint_files, tmp_path):
    xy, score = keypoint_files.people(25)
    for t in range(3):
        content = keypoint_files.openpose_frame(xy, score, t, ids=[4, 9])
        content["people"] = content["people"][:: 1 - 2 * (t % 2)]
        (tmp_path / f"{t}.json").write_text(json.dumps(content))
    clip = read(tmp_path)
    assert set(clip.persons) == {4, 9}
    np.testing.assert_allclose(clip.select_persons(9).joints[0], xy[1, :3], rtol=1e-6)


def test_alphapose_in_one_file(keypoint_files, tmp_path):
    """--format open is a dict from pictures to OpenPose's content, --format cmu has other names."""
    xy, score = keypoint_files.people(18)
    frames = {f"{t + 5}.jpg": keypoint_files.openpose_frame(xy, score, t) for t in range(6)[::-1]}
    (tmp_path / "open.json").write_text(json.dumps(frames))
    matches(read(tmp_path / "open.json"), xy, score)
    del frames["7.jpg"]  # nobody is seen
    (tmp_path / "gap.json").write_text(json.dumps(frames))
    gap = read(tmp_path / "gap.json").visible.all(2)[0]
    assert gap.tolist() == [True, True, False, True, True, True]
    for frame in frames.values():
        frame["bodies"] = [{"joints": p["pose_keypoints_2d"]} for p in frame.pop("people")]
    (tmp_path / "cmu.json").write_text(json.dumps(frames))
    clip = read(tmp_path / "cmu.json")
    assert float((clip.joints - read(tmp_path / "gap.json").joints).nan_to_num().abs().max()) == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"people": [{"pose_keypoints_2d": [1, 2]}]}, r"people\[0\].pose_keypoints_2d: expected"),
        ({"people": [{}]}, r"people\[0\].pose_keypoints_2d: expected x, y and confidence"),
        ({"people": [3]}, r"people\[0\]: expected pose_keypoints_2d, got int"),
        ({"people": []}, "has no person in any frame"),
        ({"people": 4}, "people: expected a list"),
    ],
)
def test_refusals(tmp_path, content, message):
    path = tmp_path / "f.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=f"f.json: {message}"):
        read(path)
