import pytest
import torch

from pyg_skeleton.datasets import ClipDataset
from pyg_skeleton.training import RecognitionDataModule


@pytest.fixture
def data():
    clips = [torch.full((1, 20, 4, 3), float(i)) for i in range(10)]
    return ClipDataset(
        clips, [i % 2 for i in range(10)], [str(i) for i in range(10)], "kinect20", "ab"
    )


def samples(loader):
    return [batch.sample.tolist() for batch in loader]


def test_an_epoch_is_a_pass(data):
    module = RecognitionDataModule(data, batch_size=4, seed=1)
    assert module.steps_per_epoch() == len(module.train_dataloader()) == 2
    batches = samples(module.train_dataloader())
    assert [len(batch) for batch in batches] == [4, 4]
    assert len({sample for batch in batches for sample in batch}) == 8
    assert batches != [[0, 1, 2, 3], [4, 5, 6, 7]]


def test_depends_on_seed_and_epoch(data):
    one, two = (RecognitionDataModule(data, batch_size=4, seed=1).train_dataloader() for _ in "ab")
    assert samples(one) == samples(two)
    assert samples(one) != samples(RecognitionDataModule(data, batch_size=4).train_dataloader())
    two.sampler.set_epoch(5)
    assert samples(one) != samples(two)


def test_steps_of_several_processes(data):
    assert RecognitionDataModule(data, batch_size=2).steps_per_epoch(3) == 1


def test_held_out_clips_come_in_order(data):
    module = RecognitionDataModule(data, data, batch_size=4)
    assert samples(module.val_dataloader()) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert RecognitionDataModule(data, batch_size=4).val_dataloader() == []


@pytest.mark.parametrize("size", [0, 11])
def test_refuses_batches_larger_than_an_epoch(data, size):
    message = f"expected batch_size from 1 to the number of clips 10, got {size}"
    with pytest.raises(ValueError, match=message):
        RecognitionDataModule(data, batch_size=size)
