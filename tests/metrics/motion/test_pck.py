import pytest
import torch

from pyg_skeleton.metrics import PCK


def poses(errors):
    """One clip of one frame per list, whose joints are off by the given lengths."""
    target = torch.zeros(1, len(errors), len(errors[0]), 3)
    target[..., 0] = torch.arange(len(errors[0]))  # the body is as long as it has bones
    prediction = target.clone()
    prediction[..., 1] = torch.tensor(errors)
    return prediction, target


def test_counts_joints_strictly_within_alpha_times_scale():
    metric = PCK(scale=2.0, alpha=0.25, num_frames=2)
    metric.update(*poses([[0.0, 0.4, 0.5, 0.6], [0.49, -0.49, 3.0, 0.0]]))
    assert metric.compute().tolist() == [0.5, 0.75]


def test_accumulates():
    metric = PCK(scale=1.0, alpha=0.5, num_frames=1)
    for errors in ([0.0, 1.0], [0.0, 0.0], [1.0, 1.0]):
        metric.update(*poses([errors]))
    assert metric.compute().item() == 0.5
    metric.reset()
    metric.update(*poses([[0.0, 0.0]]))
    assert metric.compute().item() == 1.0


def test_scales():
    errors = [[0.0, 0.11, 0.14, 0.16]]  # four joints in a row of length 3
    for scale, torso, correct in [("bbox", None, 3), ("torso", (3, 1), 1), (2.5, None, 2)]:
        metric = PCK(scale, num_frames=1, torso=torso)
        metric.update(*poses(errors))
        assert metric.compute().item() == correct / 4


def test_bbox_is_that_of_each_target_pose():
    prediction, target = poses([[0.12, 0.0, 0.0, 0.0]] * 2)
    target[:, 1] /= 2
    prediction[:, 1, :, 0] /= 2
    metric = PCK("bbox", num_frames=2)
    metric.update(prediction, target)
    assert metric.compute().tolist() == [1.0, 0.75]


def test_mask():
    prediction, target = poses([[0.0, 9.0, 0.0, 9.0]])
    target[0, 0, 1] = 100.0  # nor does a missing joint stretch the box
    metric = PCK("bbox", num_frames=1)
    metric.update(prediction, target, mask=torch.tensor([[[True, False, True, True]]]))
    assert metric.compute().item() == pytest.approx(2 / 3)


@pytest.mark.parametrize("scale", [0.0, -1.0, "head", None])
def test_unknown_scale(scale):
    with pytest.raises(ValueError, match="scale must be a positive number, 'torso' or 'bbox', got"):
        PCK(scale)


@pytest.mark.parametrize(("scale", "torso"), [("torso", None), (1.0, (0, 1))])
def test_torso_needs_its_joints(scale, torso):
    with pytest.raises(ValueError, match="torso joints go with scale='torso'"):
        PCK(scale, torso=torso)


def test_wrong_number_of_frames():
    with pytest.raises(ValueError, match="expected poses of 10 frames, got 1"):
        PCK(1.0).update(*poses([[0.0]]))
