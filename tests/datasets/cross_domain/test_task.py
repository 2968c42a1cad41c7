import pytest
import torch

from pyg_skeleton.datasets import ClipDataset
from pyg_skeleton.datasets.cross_domain.task import CrossDomainTask, check_disjoint
from pyg_skeleton.skeleton import Skeleton


def test_task():
    body = Skeleton.get("shared15")
    clips = ClipDataset([torch.zeros(1, 15, 3, 3)], [0], ["a"], body, ["x"])
    task = CrossDomainTask("mine", clips, clips, clips, body, 1)
    assert str(task) == "CrossDomainTask('mine', source=1, target=1/1, shared=15, clusters=1)"


def test_check_disjoint():
    check_disjoint(["a", "b"], ["c"])
    with pytest.raises(ValueError, match=r"classes in common: b, a"):
        check_disjoint(["a", "b"], ["c", "b", "a"])


def test_clips_of_other_classes_are_refused():
    body = Skeleton.get("shared15")
    clips, other = (ClipDataset([torch.ones(1, 15, 4, 3)], [0], ["a"], body, [c]) for c in "ab")
    with pytest.raises(ValueError, match=r"test clips of 'mine' have different classes: a"):
        CrossDomainTask("mine", clips, clips, other, body, 1)
