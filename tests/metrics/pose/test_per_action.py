import re

import pytest
import torch

from pyg_skeleton.metrics import AUC, MPJPE, MPJVE, NMPJPE, PAMPJPE, PCK3D, PerAction, mpjpe

ACTIONS = ["eating", "sitting", "walking"]


@pytest.fixture
def poses():
    """Six poses of two recordings of walking and one of eating; none of sitting."""
    generator = torch.Generator().manual_seed(0)
    target = 300 * torch.randn(10, 16, 3, generator=generator)
    prediction = target + 60 * torch.randn(10, 16, 3, generator=generator)
    action = torch.tensor([2, 2, 2, 0, 0, 0, 0, 2, 2, 2])
    return prediction, target, action, torch.tensor([0, 0, 0, 1, 1, 1, 1, 2, 2, 2])


@pytest.mark.parametrize("kind", [MPJPE, PAMPJPE, NMPJPE, MPJVE, PCK3D, AUC])
@pytest.mark.parametrize("sizes", [[10], [4, 6], [2, 3, 5]])
def test_equals_the_metric_on_each_action(kind, sizes, poses):
    metric = PerAction(kind(), ACTIONS)
    for batch in zip(*(x.split(sizes) for x in poses), strict=True):
        metric.update(*batch)
    expected = []
    for label in (0, 2):
        alone = kind()
        alone.update(*(x[poses[2] == label] for x in poses[:2]), poses[3][poses[2] == label])
        expected.append(alone.compute())
    everything = kind()
    everything.update(*poses[:2], poses[3])

    errors = metric.compute()
    assert errors.num_poses.tolist() == ([3, 0, 4] if kind is MPJVE else [4, 0, 6])
    torch.testing.assert_close(errors.per_action[[0, 2]], torch.stack(expected))
    assert errors.per_action[1].isnan()
    torch.testing.assert_close(errors.average, torch.stack(expected).mean())
    torch.testing.assert_close(errors.overall, everything.compute())


def test_table(poses):
    metric = PerAction(MPJPE(), ACTIONS)
    metric.update(*poses[:3])
    table = metric.table()
    assert list(table.index) == ["eating", "walking", "average over actions", "average over poses"]
    assert list(table.columns) == ["MPJPE mm", "poses"]
    assert table["poses"].tolist() == [4, 6, 10, 10]
    error = mpjpe(*poses[:2])
    means = [error[3:7].mean(), error[[0, 1, 2, 7, 8, 9]].mean()]
    expected = [*means, sum(means) / 2, error.mean()]
    assert table["MPJPE mm"].tolist() == pytest.approx([float(x) for x in expected])


def test_one_action(poses):
    metric = PerAction(PCK3D(), ["walking"])
    metric.update(*poses[:2], torch.zeros(10, dtype=torch.long))
    assert metric.table().index[0] == "walking"
    assert metric.table().columns[0] == "PCK@150mm"


def test_reset_and_forward(poses):
    first, second = zip(*(x.split([5, 5]) for x in poses), strict=True)
    whole, metric = PerAction(MPJVE(), ACTIONS), PerAction(MPJVE(), ACTIONS)
    whole.update(*poses)
    metric(*first)
    assert metric(*second).num_poses.tolist() == [1, 0, 2]
    torch.testing.assert_close(metric.compute().overall, whole.compute().overall)
    metric.reset()
    metric.update(*(x[8:] for x in poses))  # of the sequence that was the last one before
    assert metric.compute().num_poses.tolist() == [0, 0, 1]


def test_an_action_that_was_not_recorded_is_not_counted(poses):
    prediction, target, action = poses[:3]
    target[action == action[4]] = torch.nan
    metric = PerAction(MPJPE(), ACTIONS)
    metric.update(prediction, target, action)
    errors = metric.compute()
    assert errors.num_poses[action[4]] == 0
    assert errors.per_action[action[4]].isnan()
    assert errors.average.isfinite()
    assert errors.num_poses.sum() == (action != action[4]).sum()


def test_wrong_labels(poses):
    for action, got in (([0] * 9, "[9] from 0 to 0"), ([0] * 9 + [3], "[10] from 0 to 3")):
        message = f"action must be 10 labels from 0 to 2, got {got}"
        with pytest.raises(ValueError, match=re.escape(message)):
            PerAction(MPJPE(), ACTIONS).update(*poses[:2], torch.tensor(action))
