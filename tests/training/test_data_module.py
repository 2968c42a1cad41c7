import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.datasets import ClipDataset
from pyg_skeleton.training import SkeletonDataModule


def clips(count):
    return ClipDataset(
        [torch.full((1, 15, 4, 3), float(i)) for i in range(count)],
        [0] * count,
        [str(i) for i in range(count)],
        "shared15",
        ["any"],
    )


def numbers(loader):
    return [batch.sample.tolist() for batch in loader]


def flat(batches):
    return [number for batch in batches for number in batch]


def test_an_epoch_depends_on_the_seed_and_its_number():
    data = SkeletonDataModule(clips(12), batch_size=4, seed=1)
    loader = data.train_dataloader()
    first, second = numbers(loader), numbers(loader)
    assert sorted(flat(first)) == sorted(flat(second)) == list(range(12))
    assert first != second
    again = SkeletonDataModule(clips(12), batch_size=4, seed=1).train_dataloader()
    again.sampler.set_epoch(1)
    assert numbers(again) == second
    assert numbers(SkeletonDataModule(clips(12), batch_size=4).train_dataloader()) != first


def test_an_epoch_is_a_pass_over_the_samples():
    data = SkeletonDataModule(clips(23), batch_size=4)
    assert (data.steps_per_epoch(), data.steps_per_epoch(2)) == (5, 2)
    seen = flat(numbers(data.train_dataloader()))
    assert len(seen) == len(set(seen)) == 20


def test_an_epoch_may_have_more_steps_than_a_pass():
    data = SkeletonDataModule(clips(3), batch_size=4, steps_per_epoch=6)
    assert data.steps_per_epoch() == data.steps_per_epoch(2) == 6
    seen = flat(numbers(data.train_dataloader()))
    assert [seen.count(i) for i in range(3)] == [8, 8, 8]


def test_weights_of_windows():
    data = clips(6)
    data.window_weights = lambda: torch.tensor([0.0, 0, 0, 1, 0, 0])
    assert numbers(SkeletonDataModule(data, batch_size=3).train_dataloader()) == [[3] * 3] * 2


def test_poses_in_order_and_in_passes(bodies):
    val = bodies(seed=1)
    data = SkeletonDataModule(bodies(), val, 9)
    seen = torch.cat([batch.target.view(-1, 16, 3) for batch in data.train_dataloader()])
    assert len(seen) == len({tuple(pose.flatten().tolist()) for pose in seen}) == 45
    targets = torch.cat([batch.target for batch in data.val_dataloader()])
    assert torch.equal(targets, val.targets.flatten(0, 1))
    assert SkeletonDataModule(bodies(), batch_size=8).val_dataloader() == []


def test_calls_the_transform_of_poses(bodies):
    def shifted(data):
        data.x = data.x + 0.25
        return data

    data = SkeletonDataModule(bodies(), bodies(transform=shifted), 48)
    (batch,) = data.val_dataloader()
    assert isinstance(data.val_dataloader(), SkeletonLoader)
    assert torch.allclose(batch.x, bodies().keypoints.flatten(0, 1) + 0.25)


def pairs(loader):
    return [(s.sample.tolist(), t.sample.tolist()) for s, t in loader]


def test_the_target_sets_the_length_of_pairs():
    data = SkeletonDataModule(clips(13), batch_size=2, source=clips(5))
    loader = data.train_dataloader()
    assert len(loader) == data.steps_per_epoch() == 6
    first, second = pairs(loader), pairs(loader)
    assert len({i for _, t in first for i in t}) == 12
    assert first != second
    # Two batches are a round of the source, and no round repeats the last one's order.
    rounds = [[*first[i][0], *first[i + 1][0]] for i in (0, 2, 4)]
    assert all(len(set(r)) == 4 for r in rounds)
    assert len({tuple(r) for r in rounds}) == 3
    again = SkeletonDataModule(clips(13), batch_size=2, source=clips(5)).train_dataloader()
    again.epoch = 1
    assert pairs(again) == second


def test_all_samples_in_mixed_order():
    data = SkeletonDataModule(clips(7), clips(3), batch_size=4)
    batches = numbers(data.whole_dataloader())
    assert [len(b) for b in batches] == [4, 3]
    order = flat(batches)
    assert sorted(order) == list(range(7)) != order
    assert batches == numbers(data.whole_dataloader())
    assert numbers(data.val_dataloader()) == [[0, 1, 2]]


def test_refusals():
    with pytest.raises(ValueError, match="from 1 to 3, the number of samples of the train set, g"):
        SkeletonDataModule(clips(3), batch_size=4)
    with pytest.raises(ValueError, match="the number of samples of the source set, got 4"):
        SkeletonDataModule(clips(9), batch_size=4, source=clips(3))
    with pytest.raises(ValueError, match="steps_per_epoch >= 1, got 0"):
        SkeletonDataModule(clips(9), batch_size=4, steps_per_epoch=0)


def test_held_out_samples_of_other_classes_are_refused():
    train, other = clips(9), clips(4)
    other.classes = [f"not {name}" for name in other.classes]
    with pytest.raises(ValueError, match=r"label 0 is 'not .* in the training data"):
        SkeletonDataModule(train, other, batch_size=4)
    SkeletonDataModule(train, clips(4), batch_size=4, source=other)  # which are not compared
