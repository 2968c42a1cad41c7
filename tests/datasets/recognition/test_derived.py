import pytest
import torch

from pyg_skeleton.datasets import ClipDataset, prepare_clips, select_classes
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import ConvertSkeleton, JointOcclusion, codt_chain

BODY = Skeleton.get("ntu25")


def make_clips(transform, repeat=1):
    clips = [torch.randn(persons, 25, 20 + persons, 3) for persons in (1, 2, 1)]
    return ClipDataset(clips, [0, 1, 1], list("abc"), BODY, ["x", "y"], transform, repeat)


def test_prepare_clips():
    dataset = make_clips(codt_chain(BODY, 10), repeat=2)
    out = prepare_clips(dataset)
    assert out.transform is None
    assert (out.names, out.classes, out.num_clips) == (dataset.names, dataset.classes, 3)
    assert len(out) == len(dataset) == 6
    for idx in range(6):
        expected, data = dataset[idx], out[idx]
        assert data.keys() == expected.keys()
        assert all(torch.equal(data[key], expected[key]) for key in ("x", "y", "sample", "person"))
    # The same objects again and again, but not the items' own.
    out[0].x = torch.zeros(25, 10, 3)
    assert out[0].x.any()


def test_refusals():
    with pytest.raises(ValueError, match=r"expected whole clips of 'ntu25', got"):
        prepare_clips(make_clips(ConvertSkeleton("ntu25", "shared15")))
    with pytest.raises(ValueError, match=r"expected whole clips of 'ntu25', got"):
        prepare_clips(make_clips(JointOcclusion(0.1)))


def few_clips(labels, repeat=1):
    clips = [torch.full((1, 15, 3, 3), float(i)) for i in range(len(labels))]
    names = [f"clip{i}" for i in range(len(labels))]
    return ClipDataset(clips, labels, names, "shared15", ["a", "b", "c", "d"], repeat=repeat)


def test_select_classes():
    dataset = few_clips([0, 1, 2, 0, 2, 1])
    out = select_classes(dataset, ["c", "a"])
    assert out.classes == ["c", "a"]
    assert out.labels.tolist() == [1, 0, 1, 0]
    assert out.names == ["clip0", "clip2", "clip3", "clip4"]
    items = [out[i] for i in range(len(out))]
    assert [item.y.item() for item in items] == [1, 0, 1, 0]
    assert [item.x[0, 0, 0].item() for item in items] == [0, 2, 3, 4]
    assert dataset.classes == ["a", "b", "c", "d"]
    assert dataset.labels.tolist() == [0, 1, 2, 0, 2, 1]


def test_repeated_clips_stay_repeated():
    out = select_classes(few_clips([0, 1], repeat=3), ["b"])
    assert [out[i].y.item() for i in range(len(out))] == [0, 0, 0]


def test_classes_that_cannot_be_selected():
    dataset = few_clips([0, 1, 2])
    with pytest.raises(ValueError, match=r"no class 'x', expected some of a, b, c, d"):
        select_classes(dataset, ["a", "x"])
    with pytest.raises(ValueError, match=r"each once, got \['a', 'a'\]"):
        select_classes(dataset, ["a", "a"])
    with pytest.raises(ValueError, match=r"each once, got \[\]"):
        select_classes(dataset, [])
    with pytest.raises(ValueError, match=r"no clip of d"):
        select_classes(dataset, ["d"])
