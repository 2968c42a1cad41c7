"""Streams that call the network on the last frames answer as it does."""

import copy

import numpy as np
import pytest
import torch

from pyg_skeleton.nn.models import create_model

SIZE = (1000, 1000)


@pytest.fixture
def keypoints():
    return np.random.default_rng(0).uniform(100, 900, size=(2, 14, 17, 2))


@pytest.mark.parametrize("name", ["sem_gcn", "skeletal_gnn"])
def test_poses_as_they_come(name, keypoints):
    model = create_model(name, hidden_channels=8, num_blocks=1).eval()
    stream = model.stream(num_persons=2, image_size=SIZE, layout="coco17")
    for t in range(3):
        poses = stream.push(keypoints[:, t]).poses
        expected = model.predict(keypoints[:, t : t + 1], SIZE, "coco17").poses[:, 0]
        np.testing.assert_allclose(poses, expected, rtol=1e-4, atol=1e-3)
    # With scores; the wrist that is not seen stays where it was.
    scored = np.concatenate([keypoints[0, 3], np.ones((17, 1))], axis=1)
    scored[9] = [5, 5, 0]
    held = keypoints[0, 3].copy()
    held[9] = keypoints[0, 2, 9]
    pose = stream.push({0: scored}).poses
    expected = model.predict(held[None], SIZE, "coco17").poses
    np.testing.assert_allclose(pose, expected, rtol=1e-4, atol=1e-3)


def test_a_person_who_was_not_seen_whole(keypoints):
    model = create_model("sem_gcn", hidden_channels=8, num_blocks=1).eval()
    stream = model.stream(image_size=SIZE, layout="coco17")
    unseen = keypoints[0, 0].copy()
    unseen[9] = 0
    assert stream.push(unseen) is None
    assert stream.push(keypoints[0, 1]).poses.shape == (1, 16, 3)
    assert stream.push(unseen).poses.shape == (1, 16, 3)
    assert stream.push(np.full((17, 2), np.nan)) is None


def test_the_middle_of_several_frames(keypoints):
    model = create_model("skeletal_gnn", "temporal", hidden_channels=8).eval()
    stream = model.stream(image_size=SIZE, every=2)
    answers = [stream.push(frame) for frame in keypoints[0]]
    assert [t for t, a in enumerate(answers) if a is not None] == [9, 11, 13]
    expected = model.predict(keypoints[0], SIZE).poses
    for t in (9, 13):
        np.testing.assert_allclose(answers[t].poses[0], expected[t - 4], rtol=1e-4, atol=1e-3)
    model.target_space = "camera"
    with pytest.raises(ValueError, match="needs a camera"):
        model.stream()


def test_motion_of_a_window_that_slides():
    torch.manual_seed(0)
    model = create_model("sym_gnn", "tiny", dropout=0.0).eval()
    V = model.skeleton.num_joints
    frames = np.random.default_rng(0).normal(size=(2, 26, V, 3)).astype(np.float32)
    with pytest.raises(ValueError, match="expected window="):
        model.stream()
    model.num_observed = 20
    stream = model.stream(num_persons=2, num_future=3)
    for t in range(22):
        answer = stream.push(frames[:, t])
        assert (answer is None) == (t < 19)
    other = copy.deepcopy(stream)
    stream.push(frames[:, 25])
    for t in range(22, 26):
        answer = other.push(frames[:, t])
    expected = model.predict(frames[:, 6:26], 3)
    np.testing.assert_allclose(answer.future, expected.future, atol=1e-5)
    np.testing.assert_allclose(answer.probability, expected.probability, atol=1e-5)
    other.reset(1)
    assert other.push({0: frames[0, 0]}).future.shape == (1, 3, V, 3)
    other.reset()
    assert other.push(frames[:, 0]) is None
