import math
import re

import numpy as np
import pytest
import torch

from pyg_skeleton.datasets import CMUMocap
from pyg_skeleton.metrics import MeanAngleError, zero_velocity
from pyg_skeleton.metrics.motion.mean_angle_error import angle_error

# Recomputed from the data; equal to the ZeroV rows of Table 7 of Sym-GNN and others to the two
# decimals that they print.
ZERO_VELOCITY = {
    "walking": [0.407, 0.602, 0.832, 0.951, 1.338],
    "running": [0.563, 0.995, 1.381, 1.459, 1.543],
    "soccer": [0.274, 0.477, 0.922, 1.096, 1.839],
    "basketball": [0.488, 0.821, 1.404, 1.640, 2.831],
    "washwindow": [0.340, 0.567, 0.896, 1.093, 1.468],
    "jumping": [0.363, 0.616, 1.484, 1.683, 2.027],
}


def to_euler(r):
    """The protocol for one vector, in plain NumPy."""
    theta = np.linalg.norm(r)
    u = r / (theta + np.finfo(np.float32).eps)
    k = np.array([[0, -u[2], u[1]], [u[2], 0, -u[0]], [-u[1], u[0], 0]])
    m = np.eye(3) + np.sin(theta) * k + (1 - np.cos(theta)) * k @ k
    e2 = -math.asin(m[0, 2])
    c = math.cos(e2)
    return [math.atan2(m[1, 2] / c, m[2, 2] / c), e2, math.atan2(m[0, 1] / c, m[0, 0] / c)]


def reference(prediction, target, first_joint):
    """The error of one clip ``[T, V, 3]`` at each frame."""
    e, e_hat = (
        np.array([[to_euler(r) for r in pose] for pose in clip.double().numpy()])
        for clip in (target, prediction)
    )
    e, e_hat = e[:, first_joint:].reshape(len(e), -1), e_hat[:, first_joint:].reshape(len(e), -1)
    used = e.std(0) > 1e-4
    return np.linalg.norm((e - e_hat)[:, used], axis=1)


@pytest.fixture
def clips():
    """Predictions and targets in which some joints and components stand still."""
    generator = torch.Generator().manual_seed(0)
    prediction, target = torch.randn(2, 6, 10, 5, 3, generator=generator) / 2
    target[:, :, 1] = target[:, :1, 1]
    target[:, :, 2, 1:] = 0
    target[3, :, 4] = target[3, :1, 4] + torch.randn(10, 3, generator=generator) * 1e-6
    return prediction, target


@pytest.mark.parametrize("first_joint", [0, 1])
def test_equals_a_plain_reference(clips, first_joint):
    prediction, target = clips
    error = angle_error(prediction, target, exclude=list(range(first_joint)))
    for i in range(6):
        expected = reference(prediction[i], target[i], first_joint)
        assert error[i].tolist() == pytest.approx(expected, abs=1e-6)


def test_averages_over_clips_then_over_actions(clips):
    prediction, target = clips
    metric = MeanAngleError(["a", "b", "c"], num_frames=10)
    action = torch.tensor([0, 2, 0, 0, 2, 0])
    metric.update(prediction[:4], target[:4], action[:4])
    metric.update(prediction[4:], target[4:], action[4:])
    errors = metric.compute()
    each = angle_error(prediction, target)
    expected = torch.stack([each[action == 0].mean(0), each[action == 2].mean(0)])
    assert metric.horizons == [80, 160, 320, 400]
    assert errors.num_clips.tolist() == [4, 0, 2]
    assert torch.allclose(errors.per_frame[[0, 2]], expected)
    assert torch.allclose(errors.per_action[[0, 2]], expected[:, [1, 3, 7, 9]])
    assert errors.per_action[1].isnan().all()
    assert torch.allclose(errors.average, expected[:, [1, 3, 7, 9]].mean(0))

    table = metric.table()
    assert list(table.index) == ["a", "c", "average"]
    assert list(table.columns) == [80, 160, 320, 400]
    assert table.loc["c"].tolist() == errors.per_action[2].tolist()
    assert table.loc["average"].tolist() == errors.average.tolist()


def test_horizons_at_25_frames_per_second():
    metric = MeanAngleError(["a"], num_frames=25)
    assert metric.frames == [1, 3, 7, 9, 13, 24]
    assert MeanAngleError(["a"], num_frames=24).frames == [1, 3, 7, 9, 13]


def test_a_table_of_one_number(clips):
    metric = MeanAngleError(["a"], num_frames=10, horizons=[80])
    metric.update(*clips, torch.zeros(6, dtype=torch.long))
    assert metric.table().shape == (2, 1)


def test_the_target_decides_what_counts(clips):
    prediction, target = clips
    assert angle_error(target, target).max() == 0
    still = target[:, :1].expand_as(target)
    assert angle_error(prediction, still).max() == 0
    assert angle_error(still, target).max() > 0


def test_constant_components_of_the_prediction_do_not_count(clips):
    prediction, target = clips
    constant = torch.zeros(5, 3, dtype=torch.bool)
    constant[2, 1:] = True
    metric = MeanAngleError(["a"], num_frames=10, constant=constant)
    metric.update(prediction, target, torch.zeros(6, dtype=torch.long))
    cleaned = prediction.clone()
    cleaned[:, :, 2, 1:] = 0
    assert torch.allclose(metric.compute().per_frame[0], angle_error(cleaned, target).mean(0))


@pytest.mark.parametrize("action", [[0, 1], [0, 3], [-1, 0], [0, 1, 1]])
def test_wrong_labels(clips, action):
    metric = MeanAngleError(["a", "b", "c"], num_frames=10)
    prediction, target = (clip[: 2 if len(action) == 2 else 4] for clip in clips)
    if action == [0, 1]:
        metric.update(prediction, target, torch.tensor(action)[:, None])
        return
    message = f"action must be {len(target)} labels from 0 to 2, got {action}"
    with pytest.raises(ValueError, match=re.escape(message)):
        metric.update(prediction, target, torch.tensor(action))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_frames": 1}, "num_frames must be at least 2, got 1"),
        (
            {"num_frames": 5, "horizons": [1000]},
            "none of the horizons [1000] ms is within 5 frames",
        ),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        MeanAngleError(["a"], **arguments)


@pytest.mark.filterwarnings("ignore:CMUMocap. . of .. t.* files are missing")
@pytest.mark.filterwarnings("ignore:CMUMocap. . of 8 t.* files are missing")
def test_zero_velocity_on_cmu_mocap_equals_the_published_table(shared_dir):
    dataset = CMUMocap(shared_dir / "data/cmu_mocap", "test")
    metric = MeanAngleError(**dataset.angle_error_options())
    for data in dataset:
        prediction = zero_velocity(data.x, dataset.num_future)
        metric.update(*(x.transpose(0, 1)[None] for x in (prediction, data.target)), data.y)
    table = metric.table()[[80, 160, 320, 400, 1000]].round(3)
    present = table.drop(index="average")
    assert set(present.index) == set(dataset.classes) - set(dataset.missing_actions)
    for action, row in ZERO_VELOCITY.items():
        assert table.loc[action].tolist() == row, action
