import math

import numpy as np
import pytest
import torch

from pyg_skeleton import Clip
from pyg_skeleton.io import Recording
from pyg_skeleton.skeleton import Skeleton

NTU = Skeleton.get("ntu25")


@pytest.fixture
def clip():
    """Two persons who move at a constant speed."""
    start, speed = torch.randn(2, 1, 25, 3), torch.randn(2, 1, 25, 3)
    joints = start + speed * torch.arange(31.0).view(1, -1, 1, 1) / 30
    confidence = torch.rand(2, 31, 25)
    return Clip(joints, NTU, 30, confidence, (7, 72057594037931101), "m", "y", name="wave")


def flat(frames=4, **fields):
    """One person in a picture of 640 x 480."""
    joints = 100 + 50 * torch.rand(1, frames, 17, 2)
    fields = {"unit": "px", "up": "-y", "image_size": (640, 480)} | fields
    return Clip(joints, "coco17", **fields)


def test_fields_and_defaults(clip):
    assert (clip.num_persons, clip.num_frames, len(clip)) == (2, 31, 31)
    assert bool(clip.visible.all())
    plain = Clip(np.zeros((2, 3, 25, 3)), "ntu25")
    assert plain.skeleton is NTU
    assert plain.persons == (0, 1)
    assert plain.joints.dtype == torch.float32
    assert (plain.frame_rate, plain.unit, plain.up, plain.confidence) == (None,) * 4


def test_repr(clip):
    text = repr(clip)
    assert text.startswith(
        "Clip('wave', skeleton='ntu25', persons=2, frames=31, channels=3, frame_rate=30, unit='m', "
        "up='y', confidence=0."
    )
    assert "missing" not in text
    joints = clip.joints.clone()
    joints[0] = math.nan
    assert repr(clip.replace(joints=joints)).endswith("missing=50.0%)")
    joints = clip.joints.clone()
    joints[0, 0, 0] = math.nan
    assert repr(clip.replace(joints=joints)).endswith("missing=0.1%)")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"joints": torch.zeros(31, 25, 3)}, r"expected joints \[M, T, 25, C\]"),
        ({"joints": torch.zeros(2, 31, 17, 3)}, r"got \[2, 31, 17, 3\]"),
        ({"joints": torch.full((2, 31, 25, 3), math.inf)}, r"got inf at \[0, 0, 0, 0\]"),
        ({"persons": (1, 1)}, r"each of 2, got \(1, 1\)"),
        ({"frame_rate": 0}, "frame_rate must be positive, got 0"),
        ({"frame_rate": math.nan}, "frame_rate must be positive, got nan"),
        ({"unit": "feet"}, "unit must be one of 'm', 'cm', .*, got 'feet'"),
        ({"up": "w"}, "up must be one of 'x', 'y', .*, got 'w'"),
        ({"confidence": torch.ones(2, 31)}, r"expected the confidence \[2, 31, 25\]"),
        ({"confidence": torch.full((2, 31, 25), 2.0)}, r"from 0 to 1, got 2 at \[0, 0, 0\]"),
    ],
)
def test_wrong_fields(clip, fields, message):
    with pytest.raises(ValueError, match=message):
        clip.replace(**fields)


def test_a_picture_has_no_third_axis():
    with pytest.raises(ValueError, match="up must be one of 'x', 'y', '-x', '-y', got 'z'"):
        flat(up="z")


def test_a_missing_joint_has_no_confidence(clip):
    joints = clip.joints.clone()
    joints[1, 2, 3, 0] = math.nan
    new = clip.replace(joints=joints)
    assert float(new.confidence[1, 2, 3]) == 0
    assert not bool(new.visible[1, 2, 3])
    assert int(new.visible.sum()) == 2 * 31 * 25 - 1


def test_slices(clip):
    part = clip[10:20]
    assert torch.equal(part.joints, clip.joints[:, 10:20])
    assert torch.equal(part.confidence, clip.confidence[:, 10:20])
    assert clip[::2].frame_rate == 15
    with pytest.raises(TypeError, match=r"such as clip\[10:50\], got 3"):
        clip[3]
    with pytest.raises(ValueError, match="expected some of the 31 frames"):
        clip[31:]


def test_select_persons(clip):
    other = clip.select_persons([72057594037931101])
    assert other.persons == (72057594037931101,)
    assert torch.equal(other.joints, clip.joints[1:])
    assert torch.equal(clip.select_persons((72057594037931101, 7)).joints, clip.joints.flip(0))
    with pytest.raises(ValueError, match=r"of the persons 7, 72057594037931101, got \[3\]"):
        clip.select_persons(3)


def test_resample_is_linear(clip):
    """Ten frames in a second have every third frame; a constant speed stays as it is."""
    slow = clip.resample(10)
    torch.testing.assert_close(slow.joints, clip.joints[:, ::3])
    torch.testing.assert_close(slow.confidence, clip.confidence[:, ::3])
    fast = clip.resample(50)
    assert (len(fast), fast.frame_rate) == (51, 50)
    speed = clip.joints[:, -1:] - clip.joints[:, :1]
    seconds = torch.arange(51.0).view(1, -1, 1, 1) / 50
    torch.testing.assert_close(fast.joints, clip.joints[:, :1] + speed * seconds)
    assert clip.resample(30) is clip
    assert len(clip[:1].resample(120)) == 1


@pytest.mark.parametrize("rate", [7.0, 12.5, 24.0, 29.97, 59.94, 100.0])
def test_resample_keeps_the_time(clip, rate):
    assert abs((len(clip.resample(rate)) - 1) / rate - 1) < 1 / rate


def test_resample_keeps_gaps(clip):
    joints = clip.joints.clone()
    joints[0, 4, 5] = math.nan
    double = clip.replace(joints=joints).resample(60)
    assert (~double.visible[0, :, 5]).nonzero().flatten().tolist() == [7, 8, 9]
    assert bool(double.visible[1].all())


def test_resample_needs_a_rate(clip):
    with pytest.raises(ValueError, match="the frame rate is not known, say it"):
        clip.replace(frame_rate=None).resample(30)
    with pytest.raises(ValueError, match="must be positive, got -1"):
        clip.resample(-1)


def test_to_unit(clip):
    inches = clip.to_unit("in")
    torch.testing.assert_close(inches.joints, clip.joints / 0.0254)
    torch.testing.assert_close(inches.to_unit("mm").joints, clip.joints * 1000)
    assert inches.unit == "in"
    picture = flat()
    shares = picture.to_unit("normalized")
    torch.testing.assert_close(shares.joints[..., 0], picture.joints[..., 0] / 640)
    torch.testing.assert_close(shares.joints[..., 1], picture.joints[..., 1] / 480)
    torch.testing.assert_close(shares.to_unit("px").joints, picture.joints)


@pytest.mark.parametrize(
    ("fields", "unit", "message"),
    [
        ({}, "m", "no way from 'px' to 'm' without a camera"),
        ({"unit": None}, "m", "the unit is not known, say it"),
        ({"image_size": None}, "normalized", "the size of the picture is not known, say it"),
        ({}, "yards", "unit must be one of 'm', .* got 'yards'"),
    ],
)
def test_units_without_a_way(fields, unit, message):
    with pytest.raises(ValueError, match=message):
        flat(**fields).to_unit(unit)


@pytest.mark.parametrize("up", ["x", "-x", "y", "-y", "z", "-z"])
@pytest.mark.parametrize("new", ["x", "-x", "y", "-y", "z", "-z"])
def test_to_up_turns_and_never_mirrors(clip, up, new):
    old = clip.replace(up=up)
    turned = old.to_up(new)
    height = "xyz".index(up[-1]), -1 if up[0] == "-" else 1
    to = "xyz".index(new[-1]), -1 if new[0] == "-" else 1
    torch.testing.assert_close(
        turned.joints[..., to[0]] * to[1], old.joints[..., height[0]] * height[1]
    )
    points, after = old.joints[0, 0, :3], turned.joints[0, 0, :3]
    torch.testing.assert_close(torch.linalg.det(after), torch.linalg.det(points))
    torch.testing.assert_close(after @ after.T, points @ points.T)
    assert turned.up == new


def test_to_up_in_a_picture():
    clip = flat()
    turned = clip.to_up("y")
    torch.testing.assert_close(turned.joints[..., 1], 480 - clip.joints[..., 1])
    assert torch.equal(turned.joints[..., 0], clip.joints[..., 0])
    torch.testing.assert_close(turned.to_up("-y").joints, clip.joints)
    shares = clip.to_unit("normalized").to_up("y").joints[..., 1]
    torch.testing.assert_close(shares, 1 - clip.joints[..., 1] / 480)
    with pytest.raises(ValueError, match="a picture does not turn from '-y' to 'x'"):
        clip.to_up("x")
    with pytest.raises(ValueError, match="the axis upwards is not known"):
        flat(up=None).to_up("y")


def test_to_layout(clip):
    lifted = clip.to_layout("h36m17")
    ids = [NTU.joint_id(name) for name in ("pelvis", "spine_shoulder")]
    assert torch.equal(lifted.joints[:, :, 0], clip.joints[:, :, ids[0]])
    assert torch.equal(lifted.joints[:, :, 8], clip.joints[:, :, ids[1]])
    assert "derived (1): thorax = spine_shoulder" in lifted.report
    assert "missing (1): head_top" in lifted.report
    assert bool(lifted.joints[:, :, lifted.skeleton.joint_id("head_top")].isnan().all())
    assert float(lifted.confidence[:, :, lifted.skeleton.joint_id("head_top")].max()) == 0
    assert clip.to_layout(NTU) is clip


def test_a_mean_of_joints_has_their_mean_confidence():
    clip = flat(confidence=torch.rand(1, 4, 17))
    body = clip.to_layout("body25")
    ends = [clip.skeleton.joint_id(f"{side}_hip") for side in ("left", "right")]
    pelvis = body.skeleton.joint_id("pelvis")
    torch.testing.assert_close(body.joints[:, :, pelvis], clip.joints[:, :, ends].mean(2))
    torch.testing.assert_close(body.confidence[:, :, pelvis], clip.confidence[:, :, ends].mean(2))


def test_a_layout_without_any_joint(clip):
    dog = Skeleton("dog", ["tail", "snout"], [("tail", "snout")], "snout")
    with pytest.raises(ValueError, match="'ntu25' has none of the joints of 'dog'"):
        clip.to_layout(dog)


def test_fill_gaps(clip):
    joints = clip.joints.clone()
    joints[0, 4:7, 5] = math.nan
    joints[0, 10:20, 6] = math.nan
    joints[1, :3] = math.nan
    joints[1, 28:, 2] = math.nan
    gappy = clip.replace(joints=joints)
    filled = gappy.fill_gaps()
    torch.testing.assert_close(filled.joints[0], clip.joints[0])  # of a constant speed
    assert torch.equal(filled.visible[1], gappy.visible[1])  # neither before nor after
    ends = clip.confidence[0, [3, 7], 5]
    torch.testing.assert_close(filled.confidence[0, 5, 5], ends.mean())
    short = gappy.fill_gaps(max_frames=3)
    assert bool(short.visible[0, :, 5].all())
    assert torch.equal(short.visible[0, :, 6], gappy.visible[0, :, 6])
    assert torch.equal(gappy.joints.isnan(), joints.isnan())


def test_to_data(clip):
    data = clip.to_data(y=3, hops=2)
    assert torch.equal(data.x, NTU.to_data(clip.joints.transpose(1, 2)).x)
    assert data.y.tolist() == [3]
    assert data.num_hops == 2
    assert "visible" not in data
    assert torch.equal(data.confidence[25:], clip.confidence[1].T)
    assert flat().to_data().image_size.tolist() == [[640, 480]]
    joints = clip.joints.clone()
    joints[1, 2, 3] = math.nan
    data = clip.replace(joints=joints).to_data()
    assert (~data.visible).nonzero().tolist() == [[28, 2]]
    assert data.x[28, 2].tolist() == [0, 0, 0]


def test_from_recording():
    joints = np.zeros((1, 2, 17, 2), np.float32)
    recording = Recording(joints, "coco17", 25.0, unit="px", up="-y", name="walk")
    clip = Clip.from_recording(recording, frame_rate=50)
    assert (clip.skeleton.name, clip.frame_rate, clip.unit, clip.name) == (
        "coco17",
        50,
        "px",
        "walk",
    )
    with pytest.raises(ValueError, match="does not name its 17 joints, pass layout="):
        Clip.from_recording(Recording(joints))
