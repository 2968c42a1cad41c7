import pickle

import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.datasets import ShuffledSupervision, SyntheticMotion


@pytest.fixture(scope="module")
def clips():
    return SyntheticMotion(
        num_observed=4,
        num_future=2,
        clips_per_class=5,
        num_subjects=3,
        classes=["walking", "waving"],
    )


def changed(noisy, clips, key):
    return [not torch.equal(noisy[i][key], clips[i][key]) for i in range(len(clips))]


def test_shuffles_nothing_by_default(clips):
    noisy = ShuffledSupervision(clips)
    assert len(noisy) == len(clips) == 10
    for key in ("x", "y", "target"):
        assert not any(changed(noisy, clips, key))


@pytest.mark.parametrize(("share", "count"), [(0.2, 2), (0.5, 5), (1.0, 10)])
def test_shuffles_targets_of_a_share(clips, share, count):
    noisy = ShuffledSupervision(clips, targets=share)
    assert sum(changed(noisy, clips, "target")) == count
    assert not any(changed(noisy, clips, "x"))
    assert not any(changed(noisy, clips, "y"))


def test_shuffled_targets_swap_among_themselves(clips):
    noisy = ShuffledSupervision(clips, targets=0.5)
    before = sorted(float(clip.target.double().sum()) for clip in clips)
    assert sorted(float(clip.target.double().sum()) for clip in noisy) == before


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_shuffles_labels(clips, share):
    noisy = ShuffledSupervision(clips, labels=share, seed=1)
    assert any(changed(noisy, clips, "y"))
    assert not any(changed(noisy, clips, "target"))
    labels = [int(clip.y) for clip in noisy]
    assert sorted(labels) == sorted(int(clip.y) for clip in clips)


def test_always_the_same_way(clips):
    def labels(seed):
        noisy = ShuffledSupervision(clips, labels=1.0, targets=1.0, seed=seed)
        return [(int(clip.y), float(clip.target.sum())) for clip in noisy]

    assert labels(0) == labels(0)
    assert labels(0) != labels(1)


def test_leaves_the_clips_themselves_alone(clips):
    before = [(int(clip.y), clip.target.clone()) for clip in clips]
    noisy = ShuffledSupervision(clips, labels=1.0, targets=1.0)
    list(noisy)
    assert all(int(clip.y) == y for clip, (y, _) in zip(clips, before, strict=True))
    assert all(torch.equal(c.target, t) for c, (_, t) in zip(clips, before, strict=True))


def test_all_else_is_the_data_sets_own(clips):
    noisy = ShuffledSupervision(clips, labels=1.0)
    assert noisy.skeleton == clips.skeleton
    assert noisy.classes == clips.classes
    assert noisy.num_classes == 2
    assert noisy.statistics is clips.statistics
    assert not hasattr(noisy, "window_weights")
    with pytest.raises(AttributeError, match="no attribute 'height'"):
        noisy.height  # noqa: B018
    assert repr(noisy) == f"ShuffledSupervision({clips}, labels=1.0, targets=0.0)"


def test_part_of_a_data_set(clips):
    part = clips[3:7]
    noisy = ShuffledSupervision(part, labels=0.5, targets=0.5)
    assert len(noisy) == 4
    for i in range(4):
        assert torch.equal(noisy[i].x, clips[3 + i].x)
    targets = [float(clip.target.double().sum()) for clip in noisy]
    assert sorted(targets) == sorted(float(clip.target.double().sum()) for clip in part)
    again = noisy[1:3]
    assert torch.equal(again[0].x, clips[4].x)


def test_transform_of_the_data_set_comes_last_and_once(clips):
    calls = []

    def transform(data):
        calls.append(data.y.item())
        return data

    data = SyntheticMotion(
        num_observed=4, num_future=2, clips_per_class=2, num_subjects=3, classes=["walking"],
        transform=transform,
    )  # fmt: skip
    noisy = ShuffledSupervision(data, targets=1.0)
    noisy[0]
    assert len(calls) == 1


def test_batches_as_usual_and_in_a_worker(clips):
    noisy = ShuffledSupervision(clips, targets=0.5)
    there = pickle.loads(pickle.dumps(noisy))
    for one, two in zip(SkeletonLoader(noisy, 4), SkeletonLoader(there, 4), strict=True):
        assert torch.equal(one.target, two.target)
        assert one.num_graphs == two.num_graphs


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
@pytest.mark.parametrize("name", ["labels", "targets"])
def test_refuses_what_is_no_share(clips, name, share):
    with pytest.raises(ValueError, match=f"{name} must be a share between 0 and 1, got {share}"):
        ShuffledSupervision(clips, **{name: share})
