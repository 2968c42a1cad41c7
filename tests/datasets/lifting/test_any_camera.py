import numpy as np
import pytest
import torch

from pyg_skeleton.camera import normalize_body
from pyg_skeleton.datasets import AnyCamera
from pyg_skeleton.io import write_exp_map
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.training import evaluate_lifting, lift


@pytest.fixture(scope="module")
def splits(tmp_path_factory):
    """A person who swings arms and legs and walks in a circle."""
    root, joints = tmp_path_factory.mktemp("cmu"), Skeleton.get("cmu38").num_joints
    for split in ("train", "test"):
        table = np.random.default_rng(len(split)).normal(0, 0.2, (81, 3 + 3 * joints))
        table[:, :3] = 0.0, 0.95 * 0.45 / 0.0254, 0.0
        table[:, 3:6] = np.linspace(0, 6, 81)[:, None] * [0, 1, 0]
        path = root / split / "walking" / "walking_1.txt"
        path.parent.mkdir(parents=True)
        write_exp_map(path, table)
    with pytest.warns(UserWarning, match="files are missing"):
        return {split: AnyCamera(root, split) for split in ("train", "test")}


def total(poses, skeleton):
    child, parent = torch.tensor(skeleton.bones).T
    return (poses[:, child] - poses[:, parent]).norm(dim=-1).sum(dim=1)


def test_test_poses_stay(splits):
    data = splits["test"]
    idx = torch.arange(len(data))
    first, again = data._fields(idx), data._fields(idx)
    assert torch.equal(first["x"], again["x"])
    torch.testing.assert_close(1000 * first["target"], data.positions)
    torch.testing.assert_close(normalize_body(first["x"]), first["x"])
    assert torch.equal(data.positions[:, 0], torch.zeros(len(data), 3))


def test_training_poses_are_others_each_time(splits):
    data = splits["train"]
    idx = torch.arange(len(data))
    first, again = data._fields(idx), data._fields(idx)
    assert (first["x"] - again["x"]).abs().mean() > 0.1
    # Nobody's height is in a picture.
    length = total(first["target"], data.skeleton)
    torch.testing.assert_close(length, torch.full_like(length, data._length))
    bones = [data.skeleton.joint_id(f"{side}_knee") for side in ("left", "right")]
    hips = [data.skeleton.joint_id(f"{side}_hip") for side in ("left", "right")]
    thighs = (first["target"][:, bones] - first["target"][:, hips]).norm(dim=-1)
    torch.testing.assert_close(thighs[:, 0], thighs[:, 1])  # limbs are equally long
    assert thighs[:, 0].std() > 0.01


def test_keypoints_are_those_of_the_pose(splits):
    """Without errors of a detector, a distant camera sees the pose from the front."""
    data = splits["train"]
    bones = data._vary(data._bones[data._center])

    def middle(*shape, generator=None):
        return torch.full(shape[0] if isinstance(shape[0], torch.Size) else shape, 0.5)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, "rand", middle)
        patch.setattr(torch, "randn", lambda shape, generator=None: torch.zeros(shape))
        x, poses = data._film(bones)
    flat = normalize_body(poses[..., :2])
    assert (x - flat).abs().mean() < 0.1
    assert torch.corrcoef(torch.stack([x.flatten(), flat.flatten()]))[0, 1] > 0.98


def test_subsets_keep_their_poses(splits):
    data = splits["train"]
    some = data[3:6]
    assert torch.equal(some._bones[some._center], data._bones[data._center[3:6]])
    assert torch.equal(some.keypoints, data.keypoints[3:6])


def test_a_network_of_another_normalization_is_refused(splits, little_sem_gcn):
    data, model = splits["test"], little_sem_gcn(skeleton="h36m17")
    with pytest.raises(ValueError, match="input_space='image', as the network was trained, got 'b"):
        lift(model, data)
    model.input_space = "body"
    assert evaluate_lifting(lift(model, data), data)["metrics"]
