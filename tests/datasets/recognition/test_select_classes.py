import pytest
import torch

from pyg_skeleton.datasets import ClipDataset, select_classes
from pyg_skeleton.skeleton import Skeleton

BODY = Skeleton.get("shared15")


def make_clips(labels, repeat=1):
    clips = [torch.full((1, 15, 3, 3), float(i)) for i in range(len(labels))]
    names = [f"clip{i}" for i in range(len(labels))]
    return ClipDataset(clips, labels, names, BODY, ["a", "b", "c", "d"], repeat=repeat)


def test_select_classes():
    dataset = make_clips([0, 1, 2, 0, 2, 1])
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
    out = select_classes(make_clips([0, 1], repeat=3), ["b"])
    assert [out[i].y.item() for i in range(len(out))] == [0, 0, 0]


def test_refusals():
    dataset = make_clips([0, 1, 2])
    with pytest.raises(ValueError, match=r"no class 'x', expected some of a, b, c, d"):
        select_classes(dataset, ["a", "x"])
    with pytest.raises(ValueError, match=r"each once, got \['a', 'a'\]"):
        select_classes(dataset, ["a", "a"])
    with pytest.raises(ValueError, match=r"each once, got \[\]"):
        select_classes(dataset, [])
    with pytest.raises(ValueError, match=r"no clip of d"):
        select_classes(dataset, ["d"])
