import pytest
import torch

from pyg_skeleton.data import EpochSampler, SkeletonLoader
from pyg_skeleton.training import PoseLoader


def same(ours, theirs):
    assert set(ours.keys()) == set(theirs.keys())
    for key in theirs.keys():  # noqa: SIM118
        a, b = ours[key], theirs[key]
        assert torch.equal(a, b) if isinstance(b, torch.Tensor) else a == b, key


@pytest.mark.parametrize("num_frames", [1, 3])
@pytest.mark.parametrize("drop_last", [False, True])
def test_equals_the_loader_of_everything_else(bodies, num_frames, drop_last):
    data = bodies(num_frames=num_frames)
    loaders = [
        kind(data, batch_size=10, sampler=EpochSampler(data, seed=3), drop_last=drop_last)
        for kind in (PoseLoader, SkeletonLoader)
    ]
    ours, theirs = (list(loader) for loader in loaders)
    assert len(ours) == len(theirs) == len(loaders[0]) == len(loaders[1]) == 5 - drop_last
    for a, b in zip(ours, theirs, strict=True):
        same(a, b)
    again = list(loaders[0])  # another epoch, another order
    assert not torch.equal(again[0].x, ours[0].x)


def test_is_in_order_without_a_sampler(bodies):
    data = bodies()
    batches = list(PoseLoader(data, 20))
    assert torch.equal(torch.cat([b.target for b in batches]), data.targets.flatten(0, 1))
    assert [b.num_graphs for b in batches] == [20, 20, 8]
    assert torch.equal(batches[0].y, data.action_ids[:20])


def test_refuses_a_transform_that_it_would_not_call(bodies):
    with pytest.raises(ValueError, match="has a transform; SkeletonLoader calls it"):
        PoseLoader(bodies(transform=lambda data: data), 4)
