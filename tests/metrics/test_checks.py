import re

import pytest
import torch

from pyg_skeleton.metrics.checks import (
    check_graphs,
    check_labels,
    check_mask,
    check_pose_pairs,
    check_poses,
    recorded,
)


@pytest.mark.parametrize(
    ("prediction", "target", "message"),
    [
        (
            (2, 5, 4, 3),
            (2, 5, 4, 2),
            "must both be [B, T, V, C], got [2, 5, 4, 3] and [2, 5, 4, 2]",
        ),
        ((8, 5, 3), (8, 5, 3), "must both be [B, T, V, C], got [8, 5, 3] and [8, 5, 3]"),
        ((2, 6, 4, 3), (2, 6, 4, 3), "expected poses of 5 frames, got 6"),
        ((2, 5, 4, 2), (2, 5, 4, 2), "expected poses of 3 channels, got 2"),
    ],
)
def test_wrong_poses(prediction, target, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        check_poses(torch.zeros(prediction), torch.zeros(target), 5, num_channels=3)


def test_right_poses():
    check_poses(torch.zeros(2, 5, 4, 7), torch.zeros(2, 5, 4, 7), 5)


def test_mask():
    target = torch.zeros(2, 5, 4, 3)
    assert check_mask(None, target, target).shape == (2, 5, 4)
    assert check_mask(None, target, target).all()
    assert check_mask(torch.ones(2, 5, 4), target, target).dtype == torch.bool
    with pytest.raises(ValueError, match=re.escape("mask must be [2, 5, 4], got [2, 5]")):
        check_mask(torch.ones(2, 5), target, target)


def test_recorded():
    target = torch.zeros(2, 4, 3)
    target[1, 2, 0] = torch.nan
    prediction = torch.full((2, 4, 3), 2.0)
    prediction[1, 2] = torch.inf
    assert recorded(prediction, target).tolist() == [[True] * 4, [True, True, False, True]]
    prediction[0, 3, 1] = torch.nan
    message = re.escape("the prediction of the joint at [0, 3] is not finite") + "$"
    with pytest.raises(ValueError, match=message):
        recorded(prediction, target)
    target[0, :2] = -torch.inf
    message = re.escape("the target of the joint at [0, 0] is not finite and 1 more")
    with pytest.raises(ValueError, match=message):
        recorded(prediction, target)


def test_pose_pairs():
    check_pose_pairs(torch.zeros(0, 4, 3), torch.zeros(0, 4, 3), root=3)
    with pytest.raises(ValueError, match=re.escape("must both be [N, V, 3], got [2, 4, 3] and")):
        check_pose_pairs(torch.zeros(2, 4, 3), torch.zeros(2, 5, 3))
    for root in (-1, 4):
        with pytest.raises(ValueError, match=f"root must be a joint from 0 to 3, got {root}"):
            check_pose_pairs(torch.zeros(2, 4, 3), torch.zeros(2, 4, 3), root)


def test_graphs_and_labels():
    check_graphs(torch.zeros(2, 4, 4), 4)
    with pytest.raises(ValueError, match=re.escape("graph must be [N, 4, 4], got [4, 4]")):
        check_graphs(torch.zeros(4, 4), 4)
    label = torch.tensor([[0], [1]])
    assert check_labels(label, 2, 2, "label").tolist() == [0, 1]
    with pytest.raises(ValueError, match="label must be from 0 to 1, got -1 to 1"):
        check_labels(torch.tensor([1, -1]), 2, 2, "label")
    with pytest.raises(ValueError, match=re.escape("label must be 3 integers, got [2] of torch")):
        check_labels(label, 3, 2, "label")
