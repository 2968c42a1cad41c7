import numpy as np
import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.datasets import ClipDataset, SyntheticMotion
from pyg_skeleton.transforms import JointNoise

PERSONS = [1, 2, 1, 1, 2, 1]


def make(transform=None, repeat=1, **kwargs):
    generator = torch.Generator().manual_seed(0)
    clips = [torch.randn(m, 25, 6, 3, generator=generator) for m in PERSONS]
    arguments = {
        "clips": clips,
        "labels": [0, 1, 2, 0, 1, 2],
        "names": list("abcdef"),
        "skeleton": "ntu25",
        "classes": ["x", "y", "z"],
        **kwargs,
    }
    return ClipDataset(**arguments, transform=transform, repeat=repeat)


def test_items():
    dataset = make(repeat=3)
    assert str(dataset) == "ClipDataset('ntu25', clips=6, items=18, classes=3)"
    assert (len(dataset), dataset.num_clips, dataset.num_classes) == (18, 6, 3)
    for i in (0, 1, 7, 17):
        data = dataset[i]
        data.validate()
        assert data.num_persons == PERSONS[i % 6]
        assert torch.equal(data.x, dataset._clips[i % 6].flatten(0, 1))
        assert data.y.tolist() == [i % 3]
        assert data.sample.tolist() == [i]
        expected = dataset.skeleton.to_data(dataset._clips[i % 6], y=i % 3)
        assert torch.equal(data.edge_index, expected.edge_index)
        assert torch.equal(data.person, expected.person)
    assert [d.shape for d in dataset.statistics] == [(25, 3), (25, 3)]
    batch = next(iter(SkeletonLoader(dataset, 6)))
    assert batch.sample.tolist() == [0, 1, 2, 3, 4, 5]
    assert batch.num_bodies == sum(PERSONS)


def epoch_of(dataset, **kwargs):
    """The x of each item, in whatever order it comes."""
    loader = SkeletonLoader(dataset, 4, **kwargs)
    items = {}
    for batch in loader:
        items.update({int(d.sample): d.x for d in batch.to_data_list()})
    return items


def same(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


def test_random_numbers_depend_on_seed_epoch_and_item_alone():
    dataset = make(JointNoise(0.1), repeat=2)
    first = epoch_of(dataset, shuffle=True, seed=5)
    torch.randn(3)  # the state of the global generator does not matter
    assert same(first, epoch_of(dataset, shuffle=True, seed=5))
    assert same(first, epoch_of(dataset, seed=5))  # neither does the order
    other = epoch_of(dataset, seed=6)
    assert not any(torch.equal(other[i], first[i]) for i in first)
    loader = SkeletonLoader(dataset, 12, seed=5)
    one, two = ({int(d.sample): d.x for b in loader for d in b.to_data_list()} for _ in range(2))
    assert same(one, first)
    assert not any(torch.equal(one[i], two[i]) for i in one)
    assert not any(torch.equal(one[i], one[i + 6]) for i in range(6))  # repeats differ


def test_random_numbers_do_not_depend_on_the_workers():
    dataset = make(JointNoise(0.1))
    assert same(epoch_of(dataset, seed=5), epoch_of(dataset, seed=5, num_workers=2))


def test_the_global_generator_stays():
    dataset = make(JointNoise(0.1))
    loader = SkeletonLoader(dataset, 2, seed=5)
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    list(loader)
    assert torch.equal(torch.rand(3), expected)


def test_without_a_seed_the_global_generator_decides():
    dataset = make(JointNoise(0.1))
    torch.manual_seed(0)
    first = dataset[0].x
    torch.manual_seed(0)
    assert torch.equal(dataset[0].x, first)
    assert not torch.equal(dataset[0].x, first)
    dataset.seed_items(1)
    assert torch.equal(dataset[0].x, dataset[0].x)
    dataset.seed_items(None)
    assert not torch.equal(dataset[0].x, dataset[0].x)


def test_a_part_of_it():
    dataset = make(repeat=2)
    part = dataset[[1, 8]]
    assert (len(part), part.num_clips, part.names) == (2, 2, ["b", "c"])
    assert part.labels.tolist() == [1, 2]
    assert [int(data.sample) for data in part] == [0, 1]
    assert torch.equal(part[1].x, dataset[2].x)
    again = part[1:]
    assert again.names == ["c"]
    assert torch.equal(again[0].x, dataset[2].x)
    assert sorted(dataset.shuffle().names) == sorted(2 * dataset.names)
    assert next(iter(SkeletonLoader(part, 2))).num_graphs == 2


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"clips": []}, "got 0 clips, 6 labels and 6 names"),
        ({"names": ["a"]}, "got 6 clips, 6 labels and 1 names"),
        ({"repeat": 0}, "repeat must be at least 1, got 0"),
        ({"labels": [0, 1, 3, 0, 0, 0]}, "clip 'c' has the label 3, expected one from 0 to 2"),
    ],
)
def test_errors(kwargs, message):
    with pytest.raises(ValueError, match=message):
        make(**kwargs)


@pytest.mark.parametrize(
    "idx",
    [
        torch.tensor([1, 4]),
        np.array([1, 4]),
        [1, 4],
        torch.tensor([False, True, False, False, True, False]),
        np.array([False, True, False, False, True, False]),
        slice(1, 5, 3),
    ],
)
def test_every_way_to_name_a_part_gives_the_same_clips(idx):
    dataset = make()
    part = dataset[idx]
    assert part.names == ["b", "e"]
    assert part.labels.tolist() == [1, 1]
    for row, which in enumerate((1, 4)):
        assert torch.equal(part[row].x, dataset[which].x)
    shuffled = dataset.shuffle()
    for row, name in enumerate(shuffled.names):
        assert torch.equal(shuffled[row].x, dataset["abcdef".index(name)].x)


def test_values_and_order_of_the_joints():
    body = [data.x.unsqueeze(0) for data in SyntheticMotion(clips_per_class=1)]
    labels, names = [0] * len(body), [str(i) for i in range(len(body))]
    ClipDataset(body, labels, names, "ntu25", ["a"])
    with pytest.warns(UserWarning, match="another order than that of 'ntu25'") as caught:
        ClipDataset([x.flip(1) for x in body], labels, names, "ntu25", ["a"])
    assert len(caught) == 1
    body[3][0, 1, 2, 0] = 1e20
    with pytest.raises(ValueError, match=r"clip '3': the number at \[0, 1, 2, 0\] is 1e\+20"):
        ClipDataset(body, labels, names, "ntu25", ["a"])
