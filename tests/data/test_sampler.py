from collections import Counter

import pytest
import torch
from torch.utils.data import DistributedSampler

from pyg_skeleton.data import EpochSampler


def test_epoch_sampler():
    sampler = EpochSampler(10, seed=3)
    assert str(sampler) == "EpochSampler(10, num_samples=10, weighted=False, seed=3)"
    assert isinstance(sampler, DistributedSampler)
    assert len(sampler) == 10
    first, second = list(sampler), list(sampler)
    assert sorted(first) == sorted(second) == list(range(10))
    assert first != second
    assert len(EpochSampler([0] * 7)) == 7


def test_draw_depends_on_seed_and_epoch_only():
    expected = [list(sampler) for sampler in [EpochSampler(20, seed=5)] for _ in range(3)]
    torch.manual_seed(1)
    sampler = EpochSampler(20, seed=5)
    sampler.set_epoch(2)
    assert list(sampler) == expected[2]
    sampler.set_epoch(0)
    assert [list(sampler) for _ in range(3)] == expected
    sampler.set_epoch(1, start=6)
    assert list(sampler) == expected[1][6:]
    assert list(sampler) == expected[2]
    assert list(EpochSampler(20, seed=6)) != expected[0]


@pytest.mark.parametrize("num_samples", [3, 10, 25])
def test_num_samples(num_samples):
    counts = Counter(EpochSampler(10, num_samples=num_samples))
    assert sum(counts.values()) == num_samples
    low, rest = divmod(num_samples, 10)
    assert sorted(counts.get(i, 0) for i in range(10)) == [low] * (10 - rest) + [low + 1] * rest


def test_weights():
    sampler = EpochSampler(4, num_samples=4000, weights=[0, 1, 2, 1])
    counts = Counter(sampler)
    assert sum(counts.values()) == 4000
    assert 0 not in counts
    assert abs(counts[2] - 2000) < 200
    assert abs(counts[1] - 1000) < 200
    assert set(EpochSampler(2, num_samples=50, weights=torch.tensor([1.0, 0.0]))) == {0}


@pytest.mark.parametrize("weights", [None, torch.arange(1.0, 12.0)])
def test_processes_take_disjoint_slices_of_one_draw(weights):
    alone = EpochSampler(11, weights=weights, seed=1)
    parts = [EpochSampler(11, weights=weights, seed=1, rank=r, world_size=3) for r in range(3)]
    for _ in range(2):
        drawn = list(alone)
        slices = [list(part) for part in parts]
        assert [len(part) for part in slices] == [len(part) for part in parts] == [3, 3, 3]
        assert [i for step in zip(*slices, strict=True) for i in step] == drawn[:9]


def test_processes_are_looked_up_when_they_are_there(monkeypatch):
    sampler = EpochSampler(10, seed=1)
    assert (sampler.rank, sampler.num_replicas, len(sampler), sampler.total_size) == (0, 1, 10, 10)
    drawn = sampler.draw(0).tolist()
    monkeypatch.setattr(torch.distributed, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.distributed, "get_rank", lambda: 2)
    monkeypatch.setattr(torch.distributed, "get_world_size", lambda: 3)
    assert (sampler.rank, sampler.num_replicas, len(sampler), sampler.total_size) == (2, 3, 3, 9)
    assert list(sampler) == drawn[2:9:3]


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"data_source": []}, "nothing to draw from: 0 clips"),
        ({"data_source": 3, "num_samples": 0}, "num_samples must be at least 1, got 0"),
        ({"data_source": 3, "rank": 2, "world_size": 2}, "rank must be at least 0 and below 2"),
        ({"data_source": 3, "rank": 0}, "rank and world_size go together, got 0 and None"),
        ({"data_source": 3, "weights": [1.0]}, r"weights must be of shape \[3\], got \[1\]"),
        ({"data_source": 2, "weights": [1.0, -1.0]}, "weights must be finite, not negative"),
        ({"data_source": 2, "weights": [0.0, 0.0]}, "not all zero"),
        ({"data_source": 2, "weights": [float("nan"), 1.0]}, "weights must be finite"),
    ],
)
def test_bad_arguments(kwargs, message):
    with pytest.raises(ValueError, match=message):
        EpochSampler(**kwargs)


# Blocks ###########################################################################################


def test_blocks_are_a_permutation_in_long_runs():
    sampler = EpochSampler(1000, block=10, seed=3)
    first, second = list(sampler), list(sampler)
    assert sorted(first) == sorted(second) == list(range(1000))
    assert first != second
    for start in range(0, 1000, 160):  # the clips of 16 blocks
        clips = sorted(first[start : start + 160])
        blocks = {clip // 10 for clip in clips}
        assert len(clips) == 10 * len(blocks)
        assert first[start : start + 160] != clips
    assert list(EpochSampler(7, block=100, seed=1)) != list(range(7))


def test_processes_read_blocks_of_their_own():
    ranks = [list(EpochSampler(1003, block=10, seed=3, rank=r, world_size=4)) for r in range(4)]
    assert {len(clips) for clips in ranks} == {250}
    assert len({clip for clips in ranks for clip in clips}) == 1000
    blocks = [{clip // 10 for clip in clips} for clips in ranks]
    for i, one in enumerate(blocks):
        # But for the 16 blocks at either end, which are mixed before they are dealt out.
        assert len(one) < 26 + 2 * 16
        for other in blocks[:i]:
            assert len(one & other) <= 16


def test_blocks_continue_within_an_epoch():
    sampler = EpochSampler(100, 60, block=4, seed=1)
    whole = list(sampler)
    sampler.set_epoch(0, start=25)
    assert list(sampler) == whole[25:]


@pytest.mark.parametrize(("block", "weights"), [(0, None), (3, [1.0, 1.0])])
def test_refuses_blocks_of_nothing_and_with_weights(block, weights):
    with pytest.raises(ValueError, match=f"expected block >= 1 without weights, got {block}"):
        EpochSampler(2, weights=weights, block=block)
