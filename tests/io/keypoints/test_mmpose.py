import json

import numpy as np
import pytest

from pyg_skeleton.data import read


def matches(clip, xy, score):
    order = np.argsort(-score.sum((1, 2)))
    np.testing.assert_allclose(clip.joints, xy[order], rtol=1e-6)
    np.testing.assert_allclose(clip.confidence, score[order], rtol=1e-6)


def test_the_inferencer_on_a_video(keypoint_files, tmp_path):
    xy, score = keypoint_files.people(joints=133)
    (tmp_path / "video.json").write_bytes(keypoint_files.mmpose_inferencer(xy, score))
    clip = read(tmp_path / "video.json")
    assert (clip.skeleton.name, clip.unit, clip.up) == ("coco-wholebody133", "px", "-y")
    assert clip.name == "video"
    matches(clip, xy, score)


def test_the_inferencer_on_a_folder_of_pictures(keypoint_files, tmp_path):
    xy, score = keypoint_files.people(joints=26, frames=11)
    for t in range(11):
        path = tmp_path / f"frame_{t}.json"
        path.write_text(json.dumps(keypoint_files.instances(xy, score, t)))
    clip = read(tmp_path)
    assert clip.skeleton.name == "halpe26"
    matches(clip, xy, score)


@pytest.mark.parametrize(
    ("dataset", "joints", "layout"),
    [("coco", 17, "coco17"), ("aic", 14, "aic14"), ("crowdpose", 14, "crowdpose14")],
)
def test_a_demo_names_its_data_set(keypoint_files, tmp_path, dataset, joints, layout):
    xy, score = keypoint_files.people(joints=joints)
    path = tmp_path / "results_walk.json"
    path.write_bytes(keypoint_files.mmpose_demo(xy, score, dataset))
    clip = read(path)
    assert clip.skeleton.name == layout
    matches(clip, xy, score)


def test_a_demo_names_joints_and_links(keypoint_files, tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(keypoint_files.mmpose_demo(*keypoint_files.people(), "ap10k"))
    skeleton = read(path).skeleton
    assert skeleton.name == "ap10k"
    assert list(skeleton.joints) == keypoint_files.COCO
    assert frozenset((15, 13)) in {frozenset(bone) for bone in skeleton.bones}


def test_two_layouts_of_fourteen_joints_are_not_guessed(keypoint_files, tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(keypoint_files.mmpose_inferencer(*keypoint_files.people(joints=14)))
    with pytest.raises(ValueError, match="does not name its 14 joints, pass layout="):
        read(path)
    assert read(path, "aic14").skeleton.name == "aic14"


def test_tracks_and_frames_without_anybody(keypoint_files, tmp_path):
    xy, score = keypoint_files.people()
    content = json.loads(keypoint_files.mmpose_inferencer(xy, score))
    for frame in content:
        for track, entry in enumerate(frame["instances"]):
            entry["track_id"] = 5 + track
        frame["instances"].reverse()
    content[3]["instances"] = []
    path = tmp_path / "a.json"
    path.write_text(json.dumps(content))
    clip = read(path).select_persons((5, 6))
    np.testing.assert_allclose(clip.joints[:, 4], xy[:, 4], rtol=1e-6)
    assert clip.visible.all(2)[0].tolist() == [True] * 3 + [False] + [True] * 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([{"frame_id": 0, "instances": 3}], r"\[0\].instances: expected a list of instances"),
        ([{"frame_id": -1, "instances": []}], r"\[0\]: expected another frame_id, got -1"),
        ([{"frame_id": 0, "instances": [{"a": 1}]}], r"instances\[0\]: expected keypoints and"),
        (
            [{"frame_id": 0, "instances": [{"keypoints": [[1, 2, 3]], "keypoint_scores": [1]}]}],
            r"expected keypoints \[V, 2\] and keypoint_scores \[V\], got \[1, 3\]",
        ),
        (
            [{"frame_id": 0, "instances": [{"keypoints": [[1, 2]], "keypoint_scores": ["a"]}]}],
            "expected numbers",
        ),
        ([{"frame_id": 0, "instances": []}], "has no person in any frame"),
        ({"instance_info": 4}, "expected a list of frames, got 4"),
    ],
)
def test_refusals(tmp_path, content, message):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=f"a.json: .*{message}"):
        read(path)
