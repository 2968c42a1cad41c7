import pytest
import torch

from pyg_skeleton.datasets import ClipDataset
from pyg_skeleton.training import CoDTDataModule


def clips(count):
    return ClipDataset(
        [torch.full((1, 15, 4, 3), float(i)) for i in range(count)],
        [0] * count,
        [str(i) for i in range(count)],
        "shared15",
        ["any"],
    )


def numbers(loader):
    return [(s.sample.tolist(), t.sample.tolist()) for s, t in loader]


def test_the_target_decides_and_the_source_goes_round():
    data = CoDTDataModule(clips(5), clips(13), batch_size=2)
    loader = data.train_dataloader()
    assert len(loader) == data.steps_per_epoch == 6
    first, second = numbers(loader), numbers(loader)
    targets = [i for _, t in first for i in t]
    assert len(set(targets)) == 12
    assert first != second
    # Two batches are a round of the source, and no round repeats the last one's order.
    rounds = [[*first[i][0], *first[i + 1][0]] for i in (0, 2, 4)]
    assert all(len(set(r)) == 4 for r in rounds)
    assert len({tuple(r) for r in rounds}) == 3
    # What an epoch holds depends on its number alone.
    again = CoDTDataModule(clips(5), clips(13), batch_size=2).train_dataloader()
    again.epoch = 1
    assert numbers(again) == second


def test_all_target_clips_in_mixed_order():
    data = CoDTDataModule(clips(4), clips(7), clips(3), batch_size=4)
    batches = [b.sample.tolist() for b in data.target_dataloader()]
    assert [len(b) for b in batches] == [4, 3]
    order = [i for b in batches for i in b]
    assert sorted(order) == list(range(7)) != order
    assert batches == [b.sample.tolist() for b in data.target_dataloader()]
    assert sum(b.num_graphs for b in data.val_dataloader()) == 3
    assert CoDTDataModule(clips(4), clips(7), batch_size=4).val_dataloader() == []


def test_too_few_clips_are_refused():
    with pytest.raises(ValueError, match="from 1 to 3, the number of clips of the target, got 4"):
        CoDTDataModule(clips(9), clips(3), batch_size=4)
