import torch

from pyg_skeleton.cli.reports.players import clip_of
from pyg_skeleton.datasets import ClipDataset
from pyg_skeleton.skeleton import Skeleton

STICK = Skeleton("stick", ("a", "b"), [(1, 0)], 0)


def test_scores_of_keypoints_are_their_confidence():
    clips = ClipDataset([torch.rand(1, 2, 5, 3)], [0], ["x"], STICK, ["walk"])
    clips.planar = True
    clip = clip_of(clips, 0)
    assert clip.joints.shape == (1, 5, 2, 2)
    torch.testing.assert_close(clip.confidence, clips.clip(0)[..., 2].transpose(1, 2))


def test_positions_are_those_before_the_transform():
    joints = torch.rand(2, 2, 5, 3)
    clips = ClipDataset([joints], [0], ["w"], STICK, ["walk"], transform=lambda data: None)
    clips.frame_rate, clips.unit, clips.up = 30.0, "m", "y"
    clip = clip_of(clips, 0)
    assert torch.equal(clip.joints, joints.transpose(1, 2))
    assert (clip.name, clip.skeleton, clip.confidence) == ("w", STICK, None)
    assert (clip.frame_rate, clip.unit, clip.up) == (30.0, "m", "y")
