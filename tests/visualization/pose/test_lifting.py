import numpy as np
import pytest
import torch

from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.rest_pose import rest_pose
from pyg_skeleton.visualization import plot_lifting


@pytest.fixture
def lifting():
    """Three poses in camera coordinates (y down) in millimeters, and what the camera sees."""
    skeleton = Skeleton.get("h36m17")
    pose = rest_pose(skeleton, spread=20) * torch.tensor([1000.0, -1000.0, -1000.0])
    target = pose + torch.tensor([0.0, 300.0, 4000.0])
    target = torch.stack([target, target * 0.8, target + 50])
    return skeleton, 500 + 1000 * target[..., :2] / target[..., 2:], target


def segments(ax):
    """The bones drawn, with and without the floor and the truth behind."""
    floor, *bodies = (collection for collection in ax.collections)
    return floor.get_segments(), [body.get_segments() for body in bodies]


def test_a_row_for_each_pose_and_a_panel_for_each_model(lifting, draws):
    skeleton, keypoints, target = lifting
    models = {"SemGCN": target + 30 * torch.randn(3, 17, 3), "LCN": target.numpy()}
    figure = plot_lifting(keypoints, models, target, skeleton, titles=["a", "b_c", "d"])
    axes = np.array(figure.axes).reshape(3, 4)
    assert [ax.get_title() for ax in axes[0]] == ["input (2-D)", "truth", "SemGCN", "LCN"]
    assert [ax.get_ylabel() for ax in axes[:, 0]] == ["a", "b c", "d"]
    for row in axes:
        assert len({(ax.get_xlim(), ax.get_ylim()) for ax in row[1:]}) == 1  # one scale
        assert all(ax.get_aspect() == 1 for ax in row)
        assert row[0].yaxis_inverted()
        assert [len(segments(ax)[1]) for ax in row[1:]] == [1, 2, 2]  # the truth behind
    draws(figure)


def test_errors_are_relative_to_the_root(lifting, draws):
    skeleton, keypoints, target = lifting
    off = target.clone()
    off[:, 3] += torch.tensor([0.0, 30.0, 40.0])  # one of 17 joints is 50 mm off
    figure = plot_lifting(keypoints, {"a": target + 777, "b": off}, target, skeleton)
    texts = [[text.get_text() for text in ax.texts] for ax in figure.axes[:4]]
    assert texts == [[], [], ["0.0 mm"], ["2.9 mm"]]
    truth, moved = (segments(ax)[1][-1] for ax in figure.axes[1:3])
    np.testing.assert_allclose(truth, moved, atol=1e-3)
    draws(figure)


def test_one_pose_seen_from_the_camera(lifting, draws):
    skeleton, keypoints, target = lifting
    figure = plot_lifting(
        keypoints[0], target[0], target[0], skeleton, azimuth=0, elevation=0, unit="m"
    )
    image, truth, prediction = figure.axes
    assert prediction.get_title() == "prediction"
    assert prediction.texts[0].get_text() == "0.0 m"
    pose = target[0] - target[0, skeleton.root]
    for (child, parent), bone in zip(skeleton.bones, segments(truth)[1][0], strict=True):
        expected = pose[[parent, child]][:, :2] * torch.tensor([1.0, -1.0])
        np.testing.assert_allclose(bone, expected, atol=1e-3)
    colors = [c.get_edgecolor()[0].tolist() for c in prediction.collections[1:]]
    assert colors[0] != colors[1]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["left", "right", "truth"]
    assert legend.get_title().get_text() == "floor grid 200 m"
    assert len(image.collections[0].get_segments()) == 16
    draws(figure)


def test_missing_joints_are_left_out(lifting, draws):
    skeleton, keypoints, target = lifting
    keypoints[0, 3] = torch.nan
    prediction = target.clone()
    prediction[1, 16] = torch.nan
    figure = plot_lifting(keypoints, prediction, target, skeleton)
    assert len(figure.axes[0].collections[0].get_segments()) == 15
    assert len(segments(figure.axes[5])[1][1]) == 15
    draws(figure)


def test_wrong_input(lifting):
    skeleton, keypoints, target = lifting
    for bad, message in (
        ((keypoints[:2], target, target), "got {'keypoints': 2, 'truth': 3, 'prediction': 3}"),
        ((keypoints, target[..., :2], target), r"'prediction' must be \[N, 17, 3\], got"),
        ((target, target, target), r"keypoints must be \[N, 17, 2\], got \[3, 17, 3\]"),
        ((keypoints, {}, target), "at least one model"),
        ((keypoints, target[:, :16], target), "'prediction' must be"),
        ((keypoints, target, target * torch.nan), "target has a pose without a finite root"),
    ):
        with pytest.raises(ValueError, match=message):
            plot_lifting(*bad, skeleton)
    with pytest.raises(ValueError, match="and 2 titles"):
        plot_lifting(keypoints, target, target, skeleton, titles=["a", "b"])
