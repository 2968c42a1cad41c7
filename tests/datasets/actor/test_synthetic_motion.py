import pickle

import pytest
import torch
from torch_geometric.loader import DataLoader

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.actor.synthetic_motion import SyntheticMotion
from pyg_skeleton.skeleton import Skeleton, list_skeletons


def small(**changes):
    given = {"clips_per_class": 2, "num_observed": 10, "num_future": 5, "num_subjects": 6}
    return SyntheticMotion(**(given | changes))


def all_clips(dataset):
    return torch.stack([dataset.clip(i) for i in range(len(dataset))])


def test_items_keep_the_contract():
    dataset = small()
    assert len(dataset) == 24
    assert str(dataset) == "SyntheticMotion('ntu25', 'train', clips=24, classes=12)"
    assert dataset.num_classes == len(dataset.classes) == 12
    assert (dataset.num_observed, dataset.num_future, dataset.fps) == (10, 5, 25.0)
    assert dataset.skeleton == Skeleton.get("ntu25")
    data = dataset[13]
    assert isinstance(data, SkeletonData)
    assert data.x.shape == (25, 10, 3)
    assert data.target.shape == (25, 5, 3)
    assert data.x.dtype == data.target.dtype == torch.float32
    assert data.y.tolist() == [1]
    assert data.skeleton == "ntu25"
    data.validate()
    torch.testing.assert_close(torch.cat([data.x, data.target], 1), dataset.clip(13)[0])
    labels = [data.y.item() for data in dataset]
    assert labels == list(range(12)) * 2


def test_clips_do_not_depend_on_the_order_of_access():
    kwargs = {"clips_per_class": 25, "num_future": 2, "num_observed": 4}
    forward, backward = small(**kwargs), small(**kwargs)
    order = range(0, len(forward), 37)
    one = {i: forward[i] for i in order}
    other = {i: backward[i] for i in reversed(order)}
    for i in order:
        assert torch.equal(one[i].x, other[i].x)
        assert torch.equal(one[i].target, other[i].target)
    # Neither does changing what was handed out change the data set.
    one[37].x.zero_()
    assert torch.equal(forward[37].x, other[37].x)
    assert torch.equal(pickle.loads(pickle.dumps(forward))[37].x, other[37].x)


def test_arguments_make_other_clips():
    base = all_clips(small())
    assert torch.equal(base, all_clips(small()))
    for change in (
        {"seed": 1},
        {"split": "val"},
        {"split": "test"},
        {"style": "weary"},
        {"style": "energetic"},
        {"noise": 0.02},
    ):
        assert not torch.equal(base, all_clips(small(**change)))


def test_splits_share_nobody():
    people = [set(small(split=split).subjects) for split in ("train", "val", "test")]
    assert sum(map(len, people)) == 6
    assert len(set.union(*people)) == 6
    dataset = small(split="train")
    assert {dataset.subject(i) for i in range(24)} <= people[0]


def test_noise_is_of_the_size_that_was_asked_for():
    clean = all_clips(small(noise=0.0))
    for style, factor in (("default", 1), ("shaky", 3)):
        difference = all_clips(small(noise=0.02, style=style)) - clean
        assert difference.std() == pytest.approx(0.02 * factor, rel=0.03)
        assert abs(difference.mean()) < 0.002


def test_people_keep_their_bones_and_stand_on_the_floor():
    dataset = small(noise=0.0, skeleton="smpl24", num_observed=50)
    clips = all_clips(dataset)[:, 0]
    for child, parent in (("left_knee", "left_hip"), ("right_wrist", "right_elbow")):
        a, b = dataset.skeleton.joint_id(child), dataset.skeleton.joint_id(parent)
        length = (clips[:, a] - clips[:, b]).norm(dim=-1)
        assert length.std(1).max() < 1e-4
        assert 0.15 < length.min() < length.max() < 0.6
    lowest = clips[..., 1].amin(1)
    grounded = torch.tensor(
        [dataset.classes[i % 12] not in ("jumping", "running") for i in range(24)]
    )
    assert lowest[grounded].min() > -0.02
    assert lowest[grounded].max() < 0.15
    assert (clips.diff(dim=2).norm(dim=-1) * 25).max() < 15  # m/s
    # They start near the origin.
    assert clips[:, :, 0, [0, 2]].mean(1).norm(dim=-1).max() < 0.8


@pytest.mark.parametrize("name", list_skeletons())
def test_every_layout(name):
    dataset = small(skeleton=name, clips_per_class=1, num_observed=6, num_future=2)
    clips = all_clips(dataset)
    assert clips.shape == (12, 1, dataset.skeleton.num_joints, 8, 3)
    assert torch.isfinite(clips).all()
    assert (clips.std(3).amax((1, 2, 3)) > 0).all()


def test_layouts_see_the_same_people():
    ntu, coco = small(noise=0.0), small(noise=0.0, skeleton="coco17")
    convert = [ntu.skeleton.joint_id(f"left_{j}") for j in ("elbow", "wrist", "knee")]
    same = [coco.skeleton.joint_id(f"left_{j}") for j in ("elbow", "wrist", "knee")]
    torch.testing.assert_close(ntu.clip(3)[:, convert], coco.clip(3)[:, same])


def test_layout_without_a_known_joint_still_moves_by_class():
    worm = Skeleton("worm", list("abcde"), [(i + 1, i) for i in range(4)], root=0)
    dataset = small(skeleton=worm, noise=0.0, num_observed=40)
    clips = all_clips(dataset)
    local = clips - clips[:, :, :1]
    assert (local.std(3).amax((1, 2, 3)) > 0.005).all()


def test_more_persons():
    one, two = small(noise=0.0), small(noise=0.0, num_persons=2)
    data = two[5]
    assert data.x.shape == (50, 10, 3)
    assert data.target.shape == (50, 5, 3)
    assert data.person.tolist() == [0] * 25 + [1] * 25
    assert data.joint.tolist() == list(range(25)) * 2
    # The first person is the one who is there alone, moved aside.
    shift = two.clip(5)[0] - one.clip(5)[0]
    torch.testing.assert_close(shift, shift[:1, :1].expand_as(shift), atol=1e-5, rtol=0)
    assert two.subject(5) != two.subject(5, person=1)


def test_statistics_are_those_of_the_training_split():
    train, test = small(), small(split="test")
    mean, std = train.statistics
    frames = all_clips(train).double()
    torch.testing.assert_close(mean, frames.mean((0, 1, 3)).float())
    torch.testing.assert_close(std, frames.transpose(2, 3).flatten(0, 2).std(0).float())
    assert torch.equal(test.statistics[0], mean)
    assert torch.equal(test.statistics[1], std)


def test_without_future_there_is_no_target():
    data = small(num_future=0)[0]
    assert data.x.shape == (25, 10, 3)
    assert "target" not in data


def test_transform_subset_and_batch():
    def halve(data):
        data.x = data.x / 2
        return data

    plain, halved = small(), small(transform=halve)
    assert torch.equal(halved[3].x, plain[3].x / 2)
    assert torch.equal(halved[3].x, plain[3].x / 2)
    subset = plain[4:8]
    assert len(subset) == 4
    assert torch.equal(subset[0].x, plain[4].x)
    assert subset._blocks is plain._blocks
    batch = next(iter(DataLoader(plain, batch_size=4)))
    assert batch.x.shape == (100, 10, 3)
    assert batch.y.tolist() == [0, 1, 2, 3]


def test_classes_in_the_order_that_was_asked_for():
    dataset = small(classes=["waving", "walking"])
    assert dataset.classes == ["waving", "walking"]
    assert len(dataset) == 4
    travel = all_clips(dataset)[:, 0].mean(1).diff(dim=1)[..., [0, 2]].sum(1).norm(dim=-1)
    assert (travel[1::2] > 0.15).all()  # meters in 0.6 s
    assert (travel[::2] < 0.1).all()


def test_learnable_but_not_trivial():
    """A linear model beats standing still by far; the nearest class mean is no solution."""
    kwargs = {"clips_per_class": 20, "num_observed": 20, "num_future": 10, "num_subjects": 10}
    train, test = all_clips(small(**kwargs))[:, 0], all_clips(small(split="test", **kwargs))[:, 0]

    def sides(clips):
        last = clips[:, :, 19:20]
        past = (clips[:, :, 12:20] - clips[:, :1, 19:20]).flatten(1)
        return torch.cat([past, torch.ones(len(past), 1)], 1), (clips[:, :, 20:] - last).flatten(1)

    (past, future), (seen, truth) = sides(train), sides(test)
    ridge = past.T @ past + 1.0 * torch.eye(past.size(1))
    guess = seen @ torch.linalg.solve(ridge, past.T @ future)

    def error(guess):
        return (guess - truth).view(-1, 3).norm(dim=-1).mean()

    assert error(guess) < 0.8 * error(torch.zeros_like(truth))
    assert error(guess) > 0.02  # more than the noise

    labels = torch.arange(len(train)) % 12
    means = torch.stack([past[labels == c].mean(0) for c in range(12)])
    hits = (torch.cdist(seen, means).argmin(1) == labels).float().mean()
    assert 2 / 12 < hits < 0.8


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"split": "dev"}, "unknown split 'dev', expected one of train, val, test"),
        ({"classes": ["walking", "flying"]}, "unknown class 'flying', expected one of walking, r"),
        ({"classes": ["walking", "walking"]}, "each once"),
        ({"classes": []}, "each once"),
        ({"style": "funky"}, "unknown style 'funky', expected one of default, "),
        ({"num_observed": 0}, "num_observed must be at least 1, got 0"),
        ({"num_future": -1}, "num_future must be at least 0, got -1"),
        ({"clips_per_class": 0}, "clips_per_class must be at least 1"),
        ({"num_subjects": 2}, "num_subjects must be at least 3, got 2"),
        ({"num_persons": 0}, "num_persons must be at least 1"),
        ({"seed": -1}, "seed must be at least 0"),
        ({"noise": float("nan")}, "noise must be a number of meters"),
        ({"noise": -0.1}, "noise must be a number of meters"),
        ({"skeleton": "ntu26"}, "ntu26"),
    ],
)
def test_wrong_arguments(wrong, match):
    with pytest.raises(ValueError, match=match):
        small(**wrong)
