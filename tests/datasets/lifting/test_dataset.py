import copy
import dataclasses
import pickle

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from pyg_skeleton.camera import RootRelativeTarget, get_target_space, normalize_keypoints
from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.datasets import LiftingDataset
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.edges import are_copies

SPACES = ["root-relative", "pixel-depth"]
H36M = Skeleton.get("h36m17")


@pytest.fixture
def sequences(make_sequence):
    return [
        make_sequence(5, action="walking", subject="B", seed=0),
        make_sequence(3, action="sitting", subject="A", seed=1, width=640),
        make_sequence(1, action="walking", subject="A", seed=2),
    ]


def frames_of(dataset, sequences):
    """Sequence and frame of each item, the slow way."""
    return [
        (s, frame)
        for s in range(len(sequences))
        for frame in range(0, sequences[s].num_frames, dataset.stride)
    ]


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize(("num_frames", "stride"), [(1, 1), (1, 2), (5, 1), (3, 2)])
def test_items(sequences, space, num_frames, stride):
    dataset = LiftingDataset(sequences, "h36m17", num_frames, stride, space)
    places = frames_of(dataset, sequences)
    assert len(dataset) == len(places)
    for i, (s, frame) in enumerate(places):
        sequence = sequences[s]
        assert dataset.sequence_ids[i] == s
        assert dataset.frame_ids[i] == frame
        data = dataset[i]
        data.validate()
        camera = sequence.camera
        every = normalize_keypoints(sequence.keypoints, camera.width, camera.height)
        half, last = num_frames // 2, sequence.num_frames - 1
        window = [every[min(max(frame + k, 0), last)] for k in range(-half, half + 1)]
        expected = window[0] if num_frames == 1 else torch.stack(window, dim=1)
        assert torch.equal(data.x, expected)
        assert data.x.is_contiguous()
        pose = sequence.positions[frame, None]
        target = get_target_space(space).encode(pose, camera)[0]
        assert_close(data.target, target)
        assert torch.equal(dataset.targets[i], data.target)
        assert torch.equal(dataset.keypoints[i], every[frame])
        assert_close(dataset.positions[i], 1000 * (pose[0] - pose[0, 0]))
        assert dataset.root_depths[i] == pose[0, 0, 2]
        assert dataset.image_size[i].tolist() == [camera.width, 800]
        assert dataset.actions[int(data.y)] == sequence.action
        assert dataset.action_ids[i] == data.y
    assert torch.equal(dataset.inputs(torch.tensor([3, 1]))[1], dataset[1].x)


def test_what_it_knows(sequences):
    dataset = LiftingDataset(iter(sequences), H36M)
    assert dataset.actions == ("sitting", "walking")
    assert dataset.num_classes == 2
    assert dataset.subjects == ("A", "B")
    assert dataset.sequences == tuple(sequences)
    assert dataset.skeleton is H36M
    mean, std = dataset.statistics
    assert torch.equal(mean, torch.zeros(17, 2))
    assert torch.equal(std, torch.ones(17, 2))
    assert str(dataset) == (
        "LiftingDataset('h36m17', poses=9, sequences=3, actions=2, target_space='root-relative')"
    )
    assert dataset[-1].y.tolist() == [1]
    named = LiftingDataset(sequences, H36M, actions=["walking", "running", "sitting"])
    assert named.actions == ("walking", "running", "sitting")
    assert named.action_ids.tolist() == [0] * 5 + [2] * 3 + [0]


@pytest.mark.parametrize("space", SPACES)
def test_to_millimeters(sequences, space):
    dataset = LiftingDataset(sequences, "h36m17", target_space=space)
    out = dataset.to_millimeters(dataset.targets)
    assert_close(out, dataset.positions, rtol=0, atol=2e-3)
    idx = torch.tensor([8, 0, 6, 6, 2])
    some = dataset.to_millimeters(dataset.targets[idx], idx)
    assert torch.equal(some, dataset.to_millimetres(dataset.targets[idx], idx))
    assert_close(some, dataset.positions[idx], rtol=0, atol=2e-3)
    exact = dataset.to_millimeters(dataset.targets.double())
    assert exact.dtype == torch.double
    with pytest.raises(ValueError, match=r"pred must be \[9, 17, 3\], got \[5, 17, 3\]"):
        dataset.to_millimeters(dataset.targets[idx])
    with pytest.raises(ValueError, match=r"pred must be \[5, 17, 3\], got \[5, 16, 3\]"):
        dataset.to_millimeters(dataset.targets[idx, 1:], idx)


def test_pixels_and_depth_come_with_undistorted_joints(make_sequence):
    sequence = make_sequence(4)
    lens = {"radial": [-0.2, 0.25, 0.0], "tangential": [0.001, -0.002]}
    camera = dataclasses.replace(sequence.camera, **lens)
    keypoints = camera.project(sequence.positions)
    assert (keypoints - sequence.keypoints).abs().max() > 0.3
    sequence = dataclasses.replace(sequence, camera=camera, keypoints=keypoints)
    plain, pixels = (LiftingDataset([sequence], H36M, target_space=space) for space in SPACES)
    assert torch.equal(plain.keypoints, normalize_keypoints(keypoints, 1000, 800))
    assert_close(pixels.keypoints, pixels.targets[..., :2], rtol=0, atol=1e-5)
    keypoints[1, 2] = float("nan")
    sequence = dataclasses.replace(sequence, keypoints=keypoints)
    hidden = LiftingDataset([sequence], H36M, target_space="pixel-depth")
    assert (~hidden[1].visible).nonzero().tolist() == [[2]]


def test_a_bad_prediction_in_pixels_and_depth_is_an_error_in_millimeters(sequences):
    dataset = LiftingDataset(sequences, "h36m17", target_space="pixel-depth")
    off = dataset.targets.clone()
    off[:, 4, 0] += 2 / 1000  # one pixel to the right, in most cameras
    error = (dataset.to_millimeters(off) - dataset.positions).norm(dim=-1)
    assert (error[:5, 4] > 3.5).all()
    assert (error[:5, 4] < 6.5).all()
    assert error[:, [0, 1, 2, 3, 5]].max() < 0.01


@pytest.mark.parametrize("num_frames", [1, 3])
def test_batches_are_those_of_single_items(sequences, num_frames):
    dataset = LiftingDataset(sequences, "h36m17", num_frames)
    for ids in ([0, 4, 8], [5]):
        for one, many in zip([dataset[i] for i in ids], dataset.__getitems__(ids), strict=True):
            assert one.to_dict().keys() == many.to_dict().keys()
            for key, value in one.to_dict().items():
                same = torch.equal(value, many[key]) if key != "skeleton" else value == many[key]
                assert same, key
    batch = next(iter(SkeletonLoader(dataset, batch_size=9)))
    assert torch.equal(batch.x, torch.cat([data.x for data in dataset]))
    assert torch.equal(batch.target, dataset.targets.flatten(0, 1))
    assert batch.y.tolist() == dataset.action_ids.tolist()
    assert batch.graph == H36M


def test_changing_an_item_leaves_the_data_set_alone(sequences):
    dataset = LiftingDataset(sequences, "h36m17")
    before = dataset.targets.clone(), dataset.keypoints
    data = dataset[2]
    data.x.zero_()
    data.target.zero_()
    data.x = torch.ones(17, 2)
    assert torch.equal(dataset.targets, before[0])
    assert torch.equal(dataset.keypoints, before[1])
    assert torch.equal(dataset[2].x, before[1][2])


def test_transform(sequences):
    def double(data):
        data.x = 2 * data.x
        return data

    plain, dataset = (LiftingDataset(sequences, H36M, transform=t) for t in (None, double))
    assert torch.equal(dataset[3].x, 2 * plain[3].x)
    batch = next(iter(SkeletonLoader(dataset, batch_size=9)))
    assert torch.equal(batch.x, 2 * plain.keypoints.flatten(0, 1))


def test_missing_keypoints(make_sequence):
    sequence = make_sequence(4)
    sequence.keypoints[2, 5, 1] = float("nan")
    dataset = LiftingDataset([sequence, make_sequence(2, seed=1)], "h36m17", num_frames=3)
    assert all("visible" in data for data in dataset)
    data = dataset[1]
    assert (~data.visible).nonzero().tolist() == [[5, 2]]
    assert not data.x[5, 2].any()
    assert data.x.isfinite().all()
    assert dataset[5].visible.all()
    assert not dataset.keypoints[2, 5].any()
    batch = next(iter(SkeletonLoader(dataset, batch_size=6)))
    assert batch.visible.shape == (6 * 17, 3)
    # The caller's numbers are still those of the detector.
    assert sequence.keypoints[2, 5, 1].isnan()


@pytest.mark.parametrize("space", SPACES)
def test_some_of_the_poses(sequences, space):
    dataset = LiftingDataset(sequences, "h36m17", 3, target_space=space)
    idx = [7, 2, 0]
    for some in (dataset[idx], dataset[torch.tensor(idx)], dataset[5:][[2]], dataset.shuffle()[:3]):
        assert type(some) is LiftingDataset
        for name in ("positions", "targets", "action_ids", "frame_ids", "root_depths"):
            assert len(getattr(some, name)) == len(some)
        for data, target in zip(some, some.targets, strict=True):
            assert torch.equal(data.target, target)
        assert_close(some.to_millimeters(some.targets), some.positions, rtol=0, atol=2e-3)
    for ids in (idx, torch.tensor(idx), np.array(idx)):
        assert torch.equal(dataset[ids].positions, dataset.positions[idx])
    mask = torch.arange(9) % 4 == 3
    for some in (dataset[mask], dataset[mask.numpy()]):
        assert torch.equal(some.positions, dataset.positions[[3, 7]])
    shuffled, order = dataset.shuffle(return_perm=True)
    assert torch.equal(shuffled.positions, dataset.positions[order])
    assert torch.equal(dataset[idx][1].x, dataset[2].x)
    assert len(dataset) == 9


def test_copies(sequences):
    dataset = LiftingDataset(sequences, "h36m17")
    for twin in (copy.copy(dataset), pickle.loads(pickle.dumps(dataset))):
        assert torch.equal(twin[4].x, dataset[4].x)
        batch = next(iter(SkeletonLoader(twin, batch_size=9)))
        assert are_copies(batch.edge_index, H36M, batch.num_graphs)


def test_another_root(make_sequence):
    skeleton = Skeleton.get("mpi-inf-3dhp17")
    dataset = LiftingDataset([make_sequence(3)], skeleton)
    assert skeleton.root == 14
    assert not dataset.positions[:, 14].any()
    assert dataset.positions[:, 0].any()
    poses = dataset.sequences[0].positions
    assert torch.equal(dataset.targets, RootRelativeTarget(14).encode(poses))


def test_errors(sequences, make_sequence):
    with pytest.raises(ValueError, match="there are no sequences"):
        LiftingDataset([], "h36m17")
    with pytest.raises(ValueError, match="has 17 joints, expected the 16 of 'h36m16'"):
        LiftingDataset(sequences, "h36m16")
    for number in (0, 2, -1):
        with pytest.raises(ValueError, match=f"num_frames must be odd, got {number}"):
            LiftingDataset(sequences, "h36m17", num_frames=number)
    with pytest.raises(ValueError, match="stride must be at least 1, got 0"):
        LiftingDataset(sequences, "h36m17", stride=0)
    with pytest.raises(ValueError, match="unknown target space 'mm'"):
        LiftingDataset(sequences, "h36m17", target_space="mm")
    with pytest.raises(ValueError, match="unknown action 'sitting', expected one of walking, eat"):
        LiftingDataset(sequences, "h36m17", actions=["walking", "eating"])
