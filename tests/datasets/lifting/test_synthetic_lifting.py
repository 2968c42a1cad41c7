import pytest
import torch
from torch.testing import assert_close

from pyg_skeleton.datasets import SyntheticLifting, SyntheticMotion

SMALL = {"clips_per_class": 2, "clip_length": 12, "classes": ["walking", "waving", "sitting_down"]}


def small(split="train", **kwargs):
    return SyntheticLifting(split, **{**SMALL, **kwargs})


def test_clips_in_front_of_cameras():
    dataset = small(num_cameras=3)
    clips = SyntheticMotion("h36m17", "train", 12, 0, 2, classes=SMALL["classes"], noise=0.0)
    assert len(dataset) == 6 * 3 * 12
    assert dataset.actions == tuple(SMALL["classes"])
    assert dataset.skeleton.name == "h36m17"
    assert dataset.split == "train"
    for number, sequence in enumerate(dataset.sequences):
        clip = clips[number // 3]
        world = sequence.camera.camera_to_world(sequence.positions)
        assert_close(world.transpose(0, 1), clip.x, rtol=0, atol=1e-5)
        assert dataset.actions.index(sequence.action) == int(clip.y)
        assert sequence.subject == str(clips.subject(number // 3))
        assert sequence.fps == 25
    assert len({(s.take, s.camera.name) for s in dataset.sequences}) == 18


def test_everybody_is_upright_in_the_image_and_seen_from_all_sides():
    dataset = small()
    assert dataset.keypoints.abs().max() < 0.97
    joint = dataset.skeleton.joint_id
    x = dataset.keypoints
    assert (x[:, joint("head_top"), 1] < x[:, joint("left_knee"), 1]).all()
    across = dataset.positions[:, joint("left_hip")] - dataset.positions[:, joint("right_hip")]
    facing = torch.atan2(across[:, 2], across[:, 0])
    assert torch.histc(facing, 6, -torch.pi, torch.pi).min() > 0


def test_splits_are_by_person():
    who = {split: set(small(split).subjects) for split in ("train", "val", "test")}
    assert not who["train"] & who["test"]
    assert not who["train"] & who["val"]
    train, test = (small(split).sequences[0].camera for split in ("train", "test"))
    assert not torch.equal(train.translation, test.translation)


def test_arguments_and_layouts():
    assert torch.equal(small().targets, small().targets)
    assert torch.equal(small(stride=4).targets, small().targets[::4])
    assert not torch.equal(small(seed=1).targets, small().targets)
    data = small(num_frames=9, target_space="pixel-depth", noise=2.0, jumps=0.1)[3]
    assert data.x.shape == (17, 9, 2)
    for layout in ("h36m16", "h36m17-lcn", "coco17"):
        dataset = small(skeleton=layout)
        assert dataset[0].target.shape == (dataset.skeleton.num_joints, 3)
    with pytest.raises(ValueError, match="unknown class 'flying'"):
        small(classes=["flying"])
    with pytest.raises(ValueError, match="unknown split 'dev'"):
        small("dev")
    called = small(transform=lambda data: data.x)[0]
    assert called.shape == (17, 2)
