import copy

import pytest
import torch
from torch_geometric.transforms import BaseTransform, Compose

from pyg_skeleton.training import TASKS, create_motion_data
from pyg_skeleton.transforms import Standardize


def epoch_of(data, number):
    loader = data.train_dataloader()
    loader.sampler.set_epoch(number)
    return [(batch.x, batch.target, batch.y) for batch in loader]


def same(one, two):
    pairs = [
        torch.equal(a, b)
        for first, second in zip(one, two, strict=True)
        for a, b in zip(first, second, strict=True)
    ]
    return all(pairs)


def test_an_epoch_depends_on_seed_and_number_alone(tiny):
    def module(seed):
        return create_motion_data(tiny.Swinging(), batch_size=4, steps_per_epoch=5, seed=seed)

    data = module(seed=1)
    epochs = [epoch_of(data, number) for number in (0, 1, 2)]
    assert all(len(epoch) == 5 for epoch in epochs)
    assert all(x.shape == (4 * 5, 8, 3) for x, _, _ in epochs[0])
    assert same(epoch_of(module(seed=1), 2), epochs[2])
    assert same(epoch_of(data, 0), epochs[0])
    assert not same(epochs[0], epochs[1])
    assert not same(epoch_of(module(seed=2), 0), epochs[0])


def test_epochs_follow_each_other_by_themselves(tiny):
    data = create_motion_data(tiny.Swinging(), batch_size=4, steps_per_epoch=3)
    loader = data.train_dataloader()
    first, second = ([(b.x, b.target, b.y) for b in loader] for _ in range(2))
    assert same(first, epoch_of(data, 0))
    assert same(second, epoch_of(data, 1))


def test_draws_each_clip_about_as_often(tiny):
    data = create_motion_data(tiny.Swinging(12), batch_size=4, steps_per_epoch=6)
    seen = torch.cat([x.view(4, -1) for x, _, _ in epoch_of(data, 0)])
    assert torch.unique(seen, dim=0, return_counts=True)[1].tolist() == [2] * 12


def test_draws_by_the_weights_of_the_data_set(tiny):
    class Weighted(tiny.Swinging):
        def window_weights(self):
            return torch.tensor([0.0, 1.0, 0.0] * 4)

    data = create_motion_data(Weighted(12), batch_size=4, steps_per_epoch=6)
    labels = torch.cat([y for _, _, y in epoch_of(data, 0)])
    assert labels.tolist() == [1] * 24


def test_standardizes_clips_and_targets(tiny):
    train, val = tiny.Swinging(), tiny.Swinging(5)
    data = create_motion_data(train, val, batch_size=12, steps_per_epoch=1)
    x, target, _ = epoch_of(data, 0)[0]
    frames = torch.cat([x, target], dim=1).view(12, 5, 12, 3)
    torch.testing.assert_close(frames.mean((0, 2)), torch.zeros(5, 3), atol=1e-5, rtol=0)
    torch.testing.assert_close(frames.std((0, 2)), torch.ones(5, 3), atol=1e-4, rtol=0)
    mean, std = (v.repeat(5, 1)[:, None] for v in train.statistics)
    batch = next(iter(data.val_dataloader()))
    raw = torch.cat([val[i].x for i in range(5)])
    torch.testing.assert_close(batch.x, (raw - mean) / std)


def test_val_clips_come_in_order_and_all(tiny):
    data = create_motion_data(tiny.Swinging(), tiny.Swinging(5), batch_size=4)
    batches = [batch.y.tolist() for batch in data.val_dataloader()]
    assert batches == [[0, 1, 2, 0], [1]]
    assert create_motion_data(tiny.Swinging()).val_dataloader() == []


def test_leaves_the_data_sets_as_they_are(tiny):
    train, val = tiny.Swinging(), tiny.Swinging(5)
    create_motion_data(train, val)
    assert train.transform is None
    assert val.transform is None


class Double(BaseTransform):
    def forward(self, data):
        data = copy.copy(data)
        data.x, data.target = 2 * data.x, 2 * data.target
        return data


def test_standardizes_after_the_transform_of_the_data_set(tiny):
    train, plain = tiny.Swinging(), tiny.Swinging()
    train.transform = Double()
    mean, std = train.statistics
    train.statistics = (2 * mean, 2 * std)
    ours = create_motion_data(train, batch_size=4, steps_per_epoch=1)
    theirs = create_motion_data(plain, batch_size=4, steps_per_epoch=1)
    for one, two in zip(epoch_of(ours, 0)[0], epoch_of(theirs, 0)[0], strict=True):
        torch.testing.assert_close(one, two)


@pytest.mark.parametrize("wrap", [lambda step: step, lambda step: Compose([step])])
def test_standardizes_once(tiny, wrap):
    train, plain = tiny.Swinging(), tiny.Swinging()
    train.transform = wrap(Standardize(*train.statistics))
    ours = create_motion_data(train, batch_size=4, steps_per_epoch=1)
    theirs = create_motion_data(plain, batch_size=4, steps_per_epoch=1)
    assert same(epoch_of(ours, 0), epoch_of(theirs, 0))


def test_statistics_of_a_constant_joint_are_refused(tiny):
    train = tiny.Swinging()
    train.statistics[1][2, 1] = 0.0
    with pytest.raises(
        ValueError, match=r"^statistics of Swinging\(12\): .*got 0\.0 for channel 1 of joint 2"
    ):
        create_motion_data(train)


def test_data_without_statistics_are_refused(tiny):
    train = tiny.Swinging()
    del train.statistics
    with pytest.raises(ValueError, match=r"^Swinging\(12\) has no statistics; .*Standardize\.fit"):
        create_motion_data(train)
    fitted = Standardize.fit(train)
    train.statistics = (fitted.mean, fitted.std)
    assert create_motion_data(train, batch_size=4).train.transform.transforms[-1].mean.shape == (
        5,
        3,
    )


@pytest.mark.parametrize(
    ("data", "model", "preset", "recipe"),
    [
        ("h36m", "sym_gnn", "h36m", "h36m"),
        ("cmu", "sym_gnn", "cmu", "cmu"),
        ("embedded", "sym_gnn", "tiny", "tiny"),
        ("clips", "sym_gnn", "tiny", "tiny"),
    ],
)
def test_defaults_fit_the_data(data, model, preset, recipe):
    task = TASKS["motion"]
    assert task.plan(data, model) == (preset, task.recipes[recipe])
