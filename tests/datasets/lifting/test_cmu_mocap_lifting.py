import warnings
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from pyg_skeleton.datasets import CMUMocap, CMUMocapLifting
from pyg_skeleton.io import read_exp_map, write_exp_map
from pyg_skeleton.skeleton import Skeleton

UNIT = 0.0254 / 0.45
FILE = Skeleton.get("cmu38")


def recording(rows, seed=0):
    """A person who stands straight, walks to x = 2, z = 4, and turns left by a quarter."""
    table = np.zeros((rows, 117))
    table[:, 1] = 0.95 / UNIT
    # The first row is a T-pose somewhere else.
    table[0, 0] = 100.0
    steps = np.linspace(0, 1, rows - 1)
    table[1:, 0], table[1:, 2] = 2 * steps / UNIT, 4 * steps / UNIT
    # In the files a vector r is the turn by -r.
    table[1:, 4] = -np.pi / 2 * steps
    table[1:, 3 + 3 * FILE.joint_id("left_elbow")] = seed
    return table


@contextmanager
def quiet():
    """Without the warning that files are missing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.fixture
def make_root(tmp_path):
    def make(names, rows=41):
        for seed, name in enumerate(names):
            path = tmp_path / f"{name.rsplit('_', 1)[0]}" / f"{name.split('/')[-1]}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_exp_map(path, recording(rows, seed))
        return tmp_path

    return make


TRAIN = [f"train/{action}_{n}" for action in CMUMocap.actions for n in range(1, 6)]
TEST = [f"test/{action}_1" for action in CMUMocap.actions]


def world(dataset, number=0):
    sequence = dataset.sequences[number]
    return sequence.camera.camera_to_world(sequence.positions)


def test_the_whole_corpus(make_root):
    root = make_root(TRAIN + TEST)
    train, test = (CMUMocapLifting(root, split) for split in ("train", "test"))
    assert len(train) == 40 * 4 * 10
    assert len(test) == 8 * 4 * 10
    assert train.actions == test.actions == CMUMocap.actions
    assert train.sequences[5].take == "walking_2"
    assert train.sequences[5].action == "walking"
    assert train.sequences[5].camera.name == "1"
    assert train.sequences[5].fps == 30
    assert test.sequences[-1].take == "basketball_signal_1"
    assert {s.subject for s in test.sequences} == {"test"}
    assert str(test) == (
        "CMUMocapLifting('h36m17', poses=320, sequences=32, actions=8, "
        "target_space='root-relative')"
    )


@pytest.fixture
def walking(make_root):
    root = make_root(["test/walking_1"])

    def load(**kwargs):
        with quiet():
            return CMUMocapLifting(root, "test", **kwargs)

    return load


def test_the_root_moves_and_turns(walking):
    dataset = walking(subsample=1)
    joint = dataset.skeleton.joint_id
    for number in range(4):
        x = world(dataset, number)
        assert x.shape == (40, 17, 3)
        # The T-pose, 100 units away, is left out.
        path = torch.linspace(0, 1, 40)[:, None] * torch.tensor([2.0, 0.0, 4.0])
        assert_close(x[:, 0], path + torch.tensor([0.0, 0.95, 0.0]), rtol=0, atol=1e-4)
    hips = x[:, joint("left_hip")] - x[:, joint("right_hip")]
    hips = hips / hips.norm(dim=-1, keepdim=True)
    # First the person faces z, with the left side at x; in the end they face x.
    assert_close(hips[0], torch.tensor([1.0, 0.0, 0.0]), rtol=0, atol=1e-4)
    assert_close(hips[-1], torch.tensor([0.0, 0.0, -1.0]), rtol=0, atol=1e-4)


def test_the_feet_stand_on_the_floor(walking):
    dataset = walking()
    x = world(dataset)
    joint = dataset.skeleton.joint_id
    # How far down hip, knee, ankle and foot go without any rotation.
    legs, ankle = 0.102 + 0.402 + 0.385 + 0.033, 0.102 + 0.402 + 0.385
    size = (0.95 - 0.03) / legs
    height = x[:, joint("left_ankle"), 1]
    assert_close(height, torch.full((10,), 0.95 - size * ankle), rtol=0, atol=1e-4)
    assert (x[:, joint("head_top"), 1] > 1.5).all()
    bones = dataset.skeleton.bone_vectors(dataset.positions, 1).norm(dim=-1)
    assert_close(bones, bones[:1].expand_as(bones), rtol=0, atol=1e-2)


def test_rows_and_poses(walking):
    every = world(walking(subsample=1))
    assert_close(world(walking(subsample=4)), every[::4], rtol=0, atol=1e-4)
    assert walking(subsample=3).sequences[0].fps == 40
    assert len(walking(subsample=1, stride=8, num_cameras=2)) == 2 * 5
    data = walking(num_frames=9, noise=3.0, jumps=0.05, target_space="pixel-depth")[0]
    assert data.x.shape == (17, 9, 2)
    assert int(data.y) == 0


def test_seeds(walking):
    one, same, other = (walking(seed=seed, noise=1.0) for seed in (0, 0, 1))
    assert torch.equal(one.keypoints, same.keypoints)
    assert torch.equal(one.targets, same.targets)
    assert not torch.equal(one.targets, other.targets)


def test_layouts(walking):
    full, fewer, lcn = (walking(skeleton=name) for name in ("h36m17", "h36m16", "h36m17-lcn"))
    keep = [full.skeleton.joint_id(name) for name in fewer.skeleton.joints]
    assert torch.equal(fewer.positions, full.positions[:, keep])
    assert lcn.skeleton.name == "h36m17-lcn"
    assert torch.equal(lcn.keypoints, full.keypoints)
    at = dict(zip(full.skeleton.joints, world(full)[0], strict=True))
    shoulders = (at["left_shoulder"] + at["right_shoulder"]) / 2
    assert (at["thorax"] - shoulders).norm() < 0.08
    order = ["left_knee", "pelvis", "spine", "thorax", "head", "head_top"]
    heights = torch.stack([at[name][1] for name in order])
    assert (heights.diff() > 0.08).all()
    extra = Skeleton("extra", ["pelvis", "tail"], [("tail", "pelvis")], "pelvis")
    with pytest.raises(ValueError, match="'cmu38' lacks joints of 'extra': tail"):
        walking(skeleton=extra)


def test_files(make_root, tmp_path):
    with pytest.raises(FileNotFoundError, match="is not a directory with the files"):
        CMUMocapLifting(tmp_path / "nowhere")
    root = make_root(["train/walking_1", "train/soccer_2"])
    with (
        pytest.raises(FileNotFoundError, match=r"has no test file, looked for test/walking/w"),
        quiet(),
    ):
        CMUMocapLifting(root, "test")
    with pytest.warns(UserWarning, match="CMUMocapLifting: 38 of 40 train files are missing in"):
        CMUMocapLifting(root)
    make_root(TRAIN + TEST)
    (root / "test/soccer/soccer_1.txt").write_bytes(
        (root / "train/soccer/soccer_3.txt").read_bytes()
    )
    message = r"train/soccer/soccer_3\.txt = test/soccer/soccer_1\.txt; the training data contain"
    with pytest.warns(UserWarning, match=message):
        CMUMocapLifting(root)
    path = root / "train/walking/walking_2.txt"
    path.write_text(path.read_text().replace("0.0", "nan", 1))
    with (
        pytest.raises(ValueError, match=r"walking_2\.txt:1: column 1 is not a finite number"),
        quiet(),
    ):
        CMUMocapLifting(root)


def test_errors(make_root):
    root = make_root(["train/walking_1"])
    with pytest.raises(ValueError, match="unknown split 'val', expected one of train, test"):
        CMUMocapLifting(root, "val")
    with pytest.raises(ValueError, match="subsample must be at least 1, got 0"):
        CMUMocapLifting(root, subsample=0)
    with (
        pytest.raises(ValueError, match="num_frames must be odd, got 4"),
        quiet(),
    ):
        CMUMocapLifting(root, num_frames=4)


@pytest.fixture(scope="module")
def real(shared_dir):
    with quiet():
        return CMUMocapLifting(shared_dir / "data/cmu_mocap", "test", subsample=8)


def test_real_people_are_upright_and_in_the_image(real):
    joint = real.skeleton.joint_id
    assert real.keypoints.abs().max() <= 0.96
    for number in range(0, len(real.sequences), 4):
        x = world(real, number)
        height = x[:, joint("head_top"), 1]
        assert 1.4 < height.median() < 1.9, real.sequences[number]
        # The lower ankle is close to the floor but for jumps, and never below.
        ankle = x[:, [joint("left_ankle"), joint("right_ankle")], 1].min(1).values
        assert 0.03 < ankle.quantile(0.25) < 0.16, real.sequences[number]
        assert ankle.min() > 0


def test_real_walking_goes_where_it_faces(real):
    joint = real.skeleton.joint_id
    number = next(i for i, s in enumerate(real.sequences) if s.take == "walking_1")
    x = world(real, number)
    path = x[-1, 0] - x[0, 0]
    across = (x[:, joint("left_hip")] - x[:, joint("right_hip")]).mean(0)
    forward = torch.linalg.cross(across, torch.tensor([0.0, 1.0, 0.0]))
    assert path.norm() > 3
    assert torch.nn.functional.cosine_similarity(path, forward, dim=0) > 0.95
    speed = path.norm() / (len(x) / real.sequences[number].fps)
    assert 0.9 < speed < 1.8  # meters a second
    # A stance foot does not slide: in each step some ankle is almost still.
    feet = x[:, [joint("left_ankle"), joint("right_ankle")]][:, :, [0, 2]]
    slowest = (feet.diff(dim=0).norm(dim=-1) * real.sequences[number].fps).min(1).values
    assert slowest.median() < 0.5


def test_real_people_fall_as_on_earth(shared_dir):
    table = read_exp_map(shared_dir / "data/cmu_mocap/train/jumping/jumping_5.txt")[1:, 1]
    top = table.argmax()
    fall = np.polyfit(np.arange(-12, 13) / 120, UNIT * table[top - 12 : top + 13], 2)[0]
    assert -2 * fall == pytest.approx(9.81, rel=0.1)
