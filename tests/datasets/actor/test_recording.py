import pytest
import torch

from pyg_skeleton.datasets.actor.recording import synthetic_recording


def test_movements_pass_into_each_other():
    clip = synthetic_recording(("walking", "turning", "bowing"), seconds=2)
    assert clip.joints.shape == (1, 150, 25, 3)
    assert (clip.frame_rate, clip.unit, clip.up) == (25, "m", "y")
    step = clip.joints[0].diff(dim=0).norm(dim=-1)
    assert step.max() < 0.3  # 7 m/s
    bones = clip.skeleton.bone_vectors(clip.joints[0], dim=1).norm(dim=-1)
    assert bones.std(dim=0).max() < 0.05
    walking = synthetic_recording(("walking",), seconds=2)
    torch.testing.assert_close(walking.joints[0, :40], clip.joints[0, :40])


def test_layouts_and_arguments():
    clip = synthetic_recording(("bowing",), 1, "coco17")
    assert clip.joints.shape == (1, 25, 17, 3)
    with pytest.raises(ValueError, match="unknown movement 'flying', expected one of walking, "):
        synthetic_recording(("flying",))
    with pytest.raises(ValueError, match=r"expected seconds >= 1, got 0\.5"):
        synthetic_recording(seconds=0.5)
