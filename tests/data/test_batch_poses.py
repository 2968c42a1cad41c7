import pytest
import torch

from pyg_skeleton.data import SkeletonLoader, batch_poses
from pyg_skeleton.skeleton import Skeleton

SKELETON = Skeleton.get("h36m17")


def same(ours, theirs):
    assert set(ours.keys()) == set(theirs.keys())
    for key in theirs.keys():  # noqa: SIM118
        a, b = ours[key], theirs[key]
        assert torch.equal(a, b) if isinstance(b, torch.Tensor) else a == b, key


@pytest.mark.parametrize("shape", [(17, 2), (17, 5, 2)])
def test_is_the_batch_of_the_loader(shape):
    x, target, y = torch.randn(4, *shape), torch.randn(4, 17, 3), torch.tensor([2, 0, 1, 2])
    items = [SKELETON.to_data(x[i], y=y[i], target=target[i]) for i in range(4)]
    theirs = next(iter(SkeletonLoader(items, batch_size=4)))
    ours = batch_poses(SKELETON, x, y=y, target=target)
    same(ours, theirs)
    assert ours.num_graphs == 4
    assert ours.graph == theirs.graph == SKELETON
    assert ours.edge_index is theirs.edge_index
    for i in (0, 3):
        same(ours[i], theirs[i])
    assert [len(data.x) for data in ours.to_data_list()] == [17] * 4


def test_shares_the_memory_of_the_poses():
    x = torch.randn(3, 17, 2)
    assert batch_poses(SKELETON, x).x.data_ptr() == x.data_ptr()


@pytest.mark.parametrize("shape", [(4, 16, 2), (0, 17, 2), (17, 2), (1, 17, 2, 2, 2)])
def test_refuses_other_shapes(shape):
    with pytest.raises(ValueError, match=r"\[N, 17, C\] or \[N, 17, T, C\] of 'h36m17', got \["):
        batch_poses(SKELETON, torch.zeros(shape))


def test_refuses_fields_of_another_length():
    with pytest.raises(ValueError, match=r"expected y for 2 poses, got \[3\]"):
        batch_poses(SKELETON, torch.zeros(2, 17, 2), y=torch.zeros(3))
