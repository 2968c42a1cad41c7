from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pyg_skeleton.camera import normalize_keypoints
from pyg_skeleton.nn.models import LiftingModel
from pyg_skeleton.nn.models.lifting.model import check_normalized, mirror_poses
from pyg_skeleton.skeleton import Skeleton

H36M16, H36M17 = Skeleton.get("h36m16"), Skeleton.get("h36m17")


class Echo(LiftingModel):
    """Predicts the 2-D pose of the middle frame, at depth zero."""

    def __init__(self, skeleton, in_channels=2, num_frames=1, depth=0.0):
        super().__init__(skeleton, in_channels, num_frames)
        self.bias = torch.nn.Parameter(torch.tensor([0.0, 0.0, depth]))
        self.dropout = torch.nn.Dropout(0.5)
        self.sizes = []

    def forward_poses(self, x):
        self.sizes.append(len(x) // self.skeleton.num_joints)
        x = x if self.num_frames == 1 else x[:, self.num_frames // 2]
        return self.dropout(torch.cat([x[:, :2], torch.zeros_like(x[:, :1])], dim=1)) + self.bias


@pytest.fixture
def pixels():
    return np.random.default_rng(0).uniform(10, 400, (7, 17, 2))


def relative(pixels, width=640, height=480, root=0):
    x = normalize_keypoints(torch.from_numpy(pixels), width, height).float().numpy()
    return 1000 * (x - x[:, [root]])


def test_predicts_millimeters_around_the_root(pixels):
    out = Echo(H36M17).predict(pixels, (640, 480)).poses
    assert out.shape == (7, 17, 3)
    assert np.allclose(out[..., :2], relative(pixels), atol=1e-3)
    assert (out[..., 2] == 0).all()
    assert (out[:, 0] == 0).all()
    one = Echo(H36M17).predict(pixels[2], (640, 480)).poses
    assert one.shape == (17, 3)
    assert np.array_equal(one, out[2])


def test_predicts_in_evaluation_mode_and_leaves_the_mode_alone(pixels):
    model = Echo(H36M17).train()
    assert np.array_equal(
        model.predict(pixels, (640, 480)).poses, model.predict(pixels, (640, 480)).poses
    )
    assert model.training


def test_converts_by_name(pixels):
    coco = Skeleton.get("coco17")
    by_name = Echo(H36M16).predict(pixels, (640, 480), joints="coco17").poses
    assert np.array_equal(by_name, Echo(H36M16).predict(pixels, (640, 480), joints=coco).poses)
    wrist = relative(pixels)[:, coco.joint_id("left_wrist"), :2]
    hips = [coco.joint_id("left_hip"), coco.joint_id("right_hip")]
    pelvis = relative(pixels)[:, hips, :2].mean(1)
    got = by_name[:, H36M16.joint_id("left_wrist"), :2]
    assert np.allclose(got, wrist - pelvis, atol=1e-3)


def test_joints_that_were_not_seen_are_interpolated(pixels):
    expected = pixels.copy()
    expected[3, 5] = (pixels[2, 5] + pixels[4, 5]) / 2
    whole = Echo(H36M17).predict(expected, (640, 480)).poses
    for unseen in (0.0, np.nan):
        given = pixels.copy()
        given[3, 5] = unseen
        assert np.allclose(Echo(H36M17).predict(given, (640, 480)).poses, whole, atol=1e-3)
    for scores in (np.ones((7, 17)), np.full((7, 17), True)):
        scores[3, 5] = 0
        got = Echo(H36M17).predict(pixels, (640, 480), confidence=scores).poses
        assert np.allclose(got, whole, atol=1e-3)
    scores[:, 5] = 0
    with pytest.raises(ValueError, match="not seen in any of 7 frames: left_knee"):
        Echo(H36M17).predict(pixels, (640, 480), confidence=scores)


def test_windows_repeat_the_ends_of_a_video(pixels):
    class First(Echo):
        def forward_poses(self, x):
            return torch.cat([x[:, 0], torch.zeros_like(x[:, 0, :1])], dim=1)

    model = First(H36M17, num_frames=5)
    frames = pixels[[0, 0, 0, 1, 2, 3, 4]]
    assert np.allclose(
        model.predict(pixels, (640, 480)).poses[..., :2], relative(frames), atol=1e-3
    )
    assert model.predict(pixels[0], (640, 480)).poses.shape == (17, 3)


def test_flip_averages_with_the_mirrored_pose():
    class Lopsided(Echo):
        def forward_poses(self, x):
            V = self.skeleton.num_joints
            out = super().forward_poses(x).view(-1, V, 3)
            out = out + torch.arange(V * 3.0).view(V, 3) / 100
            return out.flatten(0, 1)

    x = torch.rand(5, 17, 2)
    model = Lopsided(H36M17)
    got, plain = model.lift(x, flip=True), model.lift(x)
    assert not torch.allclose(got, plain)
    mirrored = x[:, H36M17.mirror_index] * torch.tensor([-1, 1])
    other = model.lift(mirrored)[:, H36M17.mirror_index] * torch.tensor([-1, 1, 1])
    assert torch.allclose(got, (plain + other) / 2)
    # Whoever averages cannot tell left from right.
    again = model.lift(mirrored, flip=True)[:, H36M17.mirror_index] * torch.tensor([-1, 1, 1])
    assert torch.allclose(got, again, atol=1e-6)


def test_lifts_in_batches():
    x, model = torch.rand(10, 17, 2), Echo(H36M17)
    assert torch.equal(model.lift(x, batch_size=4)[..., :2], x)
    assert model.sizes == [4, 4, 2]


@given(st.sampled_from(["h36m16", "h36m17-lcn", "coco17", "ntu25"]), st.integers(0, 3))
def test_mirroring_twice_changes_nothing(name, dims):
    skeleton = Skeleton.get(name)
    x = torch.rand(2, skeleton.num_joints, *[3] * dims, 2)
    once = mirror_poses(x, skeleton)
    assert not torch.equal(once, x)
    assert torch.equal(mirror_poses(once, skeleton), x)
    left, right = skeleton.mirror[0]
    assert torch.equal(once[:, left, ..., 0], -x[:, right, ..., 0])
    assert torch.equal(once[:, left, ..., 1], x[:, right, ..., 1])


def test_checkpoints_know_what_a_network_was_trained_for(tmp_path):
    model = Echo(H36M16, depth=3.0)
    model.target_space, model.bone_length, model.classes = "pixel-depth", 4070.5, ["walking"]
    model.save(tmp_path / "echo.pt")
    for kind in (Echo, LiftingModel):
        again = kind.load(tmp_path / "echo.pt")
        assert isinstance(again, Echo)
        assert again.bias[2] == 3
        assert (again.target_space, again.bone_length) == ("pixel-depth", 4070.5)
        assert again.classes == ["walking"]


# What it refuses ##################################################################################


def batch(x, name="h36m17"):
    return Skeleton.get(name).to_data(x)


def test_refuses_another_number_of_joints():
    with pytest.raises(ValueError, match="built for skeleton 'h36m16', the data are 'h36m17'"):
        Echo(H36M16)(batch(torch.zeros(17, 2)))
    data = batch(torch.zeros(17, 2))
    del data.skeleton
    with pytest.raises(ValueError, match=r"whole bodies of 16 joints \(h36m16\), got 17 nodes"):
        Echo(H36M16)(data)


@pytest.mark.parametrize(
    ("options", "shape", "message"),
    [
        ({}, (17, 3), r"x of shape \[B \* V, 2\], got \[17, 3\]"),
        ({}, (17, 9, 2), r"x of shape \[B \* V, 2\], got \[17, 9, 2\]"),
        ({"num_frames": 9}, (17, 2), r"x of shape \[B \* V, 9, 2\], got \[17, 2\]"),
        ({"num_frames": 9}, (17, 5, 2), r"x of shape \[B \* V, 9, 2\], got \[17, 5, 2\]"),
    ],
)
def test_refuses_another_input(options, shape, message):
    with pytest.raises(ValueError, match=message):
        Echo(H36M17, **options)(batch(torch.zeros(shape)))


def test_refuses_pixels():
    pixels = torch.rand(17, 2) * 1000
    with pytest.raises(ValueError, match=r"normalized to \[-1, 1\] by the image's width, got "):
        Echo(H36M17)(batch(pixels))
    with pytest.raises(ValueError, match="pixels need normalize_keypoints"):
        check_normalized(pixels)
    outlier = torch.zeros(17, 2)
    outlier[3] = 20.0  # a detection gone wrong
    Echo(H36M17)(batch(outlier))


def test_does_not_look_at_numbers_while_it_is_exported():
    class Checked(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = Echo(H36M17)

        def forward(self, x):
            self.model.check_bodies(SimpleNamespace(x=x))
            return x + 1

    program = torch.export.export(Checked(), (torch.zeros(17, 2),), strict=False)
    assert torch.equal(program.module()(torch.zeros(17, 2)), torch.ones(17, 2))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"in_channels": 1}, "in_channels >= 2, got 1"),
        ({"num_frames": 4}, "odd num_frames, got 4"),
        ({"num_frames": -1}, "odd num_frames, got -1"),
    ],
)
def test_refuses_impossible_inputs(arguments, message):
    with pytest.raises(ValueError, match=message):
        Echo(H36M17, **arguments)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"keypoints": np.full((17, 3), 99.0)}, r"\(T, 17, 2\) or \(17, 2\).*got \(17, 3\)"),
        ({"keypoints": np.full((2, 16, 2), 99.0)}, r"in the order of 'h36m17' \(another order"),
        ({"keypoints": np.zeros((0, 17, 2))}, r"got \(0, 17, 2\)"),
        ({"keypoints": np.full((17, 2), np.inf)}, "finite keypoints, got an infinite one"),
        ({"keypoints": np.full((17, 2), 0.5)}, "in pixels, got values up to 0.5: .* normalized"),
        ({"image_size": (64, 48)}, r"an image of 64 x 48 pixels, got x up to [\d.]+ and y up to"),
        ({"image_size": (640, 0)}, r"image_size=\(width, height\) in pixels, got \(640, 0\)"),
        ({"image_size": 640}, r"image_size=\(width, height\) in pixels, got 640"),
        ({"joints": "coco18"}, "unknown skeleton 'coco18'; did you mean 'coco17'"),
        ({"joints": "openpose18"}, r"\(18, 2\) in the order of 'openpose18'"),
        ({"joints": "kinect20"}, r"\(20, 2\) in the order of 'kinect20'"),
        ({"confidence": np.ones(17)}, r"confidence of shape \(7, 17\), got \(17,\)"),
    ],
)
def test_predict_explains_what_is_wrong(pixels, changes, message):
    arguments = {"keypoints": pixels, "image_size": (640, 480)} | changes
    with pytest.raises(ValueError, match=message):
        Echo(H36M17).predict(**arguments)


def test_predict_needs_a_network_for_keypoints_alone(pixels):
    model = Echo(H36M17)
    model.target_space = "pixel-depth"
    with pytest.raises(ValueError, match="'pixel-depth' space, which needs a camera"):
        model.predict(pixels, (640, 480))
    with pytest.raises(ValueError, match="reads 66 channels per joint"):
        Echo(H36M17, in_channels=66).predict(pixels, (640, 480))
    with pytest.raises(ValueError, match="image features cannot be mirrored"):
        Echo(H36M17, in_channels=66).lift(torch.zeros(1, 17, 66), flip=True)


def test_predict_does_not_change_what_it_is_given(pixels):
    before = pixels.copy()
    before[0, 0] = pixels[0, 0] = np.nan
    with pytest.raises(ValueError, match="not seen in the pose: pelvis"):
        Echo(H36M17).predict(pixels[0], (640, 480))
    Echo(H36M17).predict(pixels, (640, 480))
    assert np.array_equal(before, pixels, equal_nan=True)
