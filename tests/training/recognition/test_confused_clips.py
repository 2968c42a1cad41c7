import torch

from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.rest_pose import rest_pose
from pyg_skeleton.training.recognition.collect_graphs import ClipGraphs
from pyg_skeleton.training.recognition.confused_clips import confused_clips, moving_hand, pose_of


def found(numbers, label, prediction):
    graph = torch.tensor(numbers, dtype=torch.double).view(-1, 1, 1)
    return ClipGraphs(graph, graph.view(-1, 1), torch.tensor(label), torch.tensor(prediction))


def test_two_classes_and_a_mistake():
    means = torch.tensor([0.0, 10.0, 20.0], dtype=torch.double).view(3, 1, 1)
    numbers = [3.0, 1.0, 2.0, 21.0, 17.0, 16.0, 24.0, 12.0]
    label = [0, 0, 0, 2, 2, 2, 2, 1]
    prediction = [0, 0, 0, 2, 0, 0, 1, 2]
    clips, titles = confused_clips(found(numbers, label, prediction), means, ["a", "b", "c"])
    assert clips == [3, 1, 2, 5]  # c is predicted a, two times
    assert titles == ["c", "a", "a", "c,\npredicted a"]


def test_nothing_is_mistaken():
    means = torch.tensor([0.0, 10.0], dtype=torch.double).view(2, 1, 1)
    clips, titles = confused_clips(found([12.0, 10.0, 11.0], [1] * 3, [1] * 3), means, ["a", "b"])
    assert (clips, titles) == ([1, 2], ["b", "b"])


def test_the_hand_that_moves(tiny):
    clip = torch.zeros(1, 5, 4, 3)
    clip[0, 2, :, 0] = torch.tensor([0.0, 9.0, 0.0, 9.0])  # the head
    clip[0, 4, :, 1] = torch.arange(4.0)
    assert moving_hand([clip], tiny.STICK) == "right_hand"
    ntu = torch.zeros(1, 25, 4, 3)
    ntu[0, Skeleton.get("ntu25").joints.index("left_hand"), 0] = 1.0
    ntu[0, Skeleton.get("ntu25").joints.index("left_hand_tip"), 0] = 0.5
    assert moving_hand([ntu], Skeleton.get("ntu25")) == "left_hand_tip"
    legs = Skeleton("legs", ("hip", "knee", "foot"), ((1, 0), (2, 1)), 0)
    assert moving_hand([clip[:, [0, 2, 1]]], legs) == "knee"


def test_pose_in_the_middle(tiny):
    clip = torch.randn(2, 5, 4, 3)
    assert torch.equal(pose_of(clip, tiny.STICK), clip[0, :, 2].double())
    clip[..., 2] = torch.rand(2, 5, 4)  # scores
    rest = rest_pose(tiny.STICK, spread=25).double()
    assert torch.equal(pose_of(clip, tiny.STICK), rest)
    assert torch.equal(pose_of(clip[..., :2], tiny.STICK), rest)
