"""What users give, what is done with it, and what is said about that."""

import re
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from pyg_skeleton.data import Clip
from pyg_skeleton.nn.models.inputs import (
    as_list,
    body_size,
    check_answer,
    check_order,
    check_size,
    convert,
    fill_unseen,
    is_several,
    joints_of,
    pose_table,
    prepare,
    read_clip,
    resample,
    select_persons,
    tell,
    trim,
    warn_if_untrained,
)
from pyg_skeleton.skeleton import BodyGraph, Skeleton
from pyg_skeleton.skeleton.rest_pose import rest_pose
from pyg_skeleton.transforms import Chain, SelectPersons

COCO, NTU, KINECT = (Skeleton.get(name) for name in ("coco17", "ntu25", "kinect20"))


def network(skeleton=COCO, **known):
    """What these functions read of a network."""
    values = {"frame_rate": None, "unit": None, "up": None, "body_size": None, "preparation": None}
    out = SimpleNamespace(skeleton=skeleton, in_channels=3, dtype=torch.float32)
    out.__dict__.update(values | known)
    return out


def people(skeleton=COCO, persons=1, frames=6):
    return rest_pose(skeleton) + 0.01 * torch.randn(persons, frames, skeleton.num_joints, 3)


def test_padding_is_cut():
    clip = torch.randn(3, 6, 17, 3)
    clip[1] = 0  # nobody
    clip[:, 4:] = 0  # after the end
    x = trim(read_clip(clip, COCO))
    assert torch.equal(x.joints, clip[[0, 2], :4])
    assert x.persons == (0, 2)
    with pytest.raises(ValueError, match="expected joints, all are zero or missing"):
        trim(Clip(torch.full((1, 2, 17, 3), torch.nan), COCO))


def test_a_pause_within_an_array_stays_and_within_a_clip_is_filled():
    clip = people(frames=5)
    clip[:, 2] = 0
    given = trim(read_clip(clip, COCO))
    assert torch.equal(joints_of(given, network()), clip)
    filled = joints_of(given, network(), fill=True)
    torch.testing.assert_close(filled[:, 2], (clip[:, 1] + clip[:, 3]) / 2)


def test_missing_joints_are_put_between_frames():
    x = people(persons=2, frames=5)
    x[0, 1, 3] = x[0, 4, 3] = torch.nan
    x[1, :2] = torch.nan  # comes later
    got = joints_of(Clip(x, COCO), network())
    torch.testing.assert_close(got[0, 1, 3], (x[0, 0, 3] + x[0, 2, 3]) / 2)
    assert torch.equal(got[0, 4, 3], x[0, 3, 3])
    assert not got[1, :2].any()
    x[0, :, 3] = torch.nan
    with pytest.raises(ValueError, match=r"not seen in any of 5 frames: left_ear"):
        joints_of(Clip(x, COCO), network())


def test_joints_in_pictures_have_a_score():
    x = 100 * torch.rand(1, 4, 17, 2)
    x[0, 1, 2] = torch.nan
    for confidence in (None, torch.full((1, 4, 17), 0.5)):
        clip = Clip(x, COCO, confidence=confidence, unit="px", image_size=(640, 480))
        got = joints_of(clip, network(unit="px"))
        assert torch.equal(got[0, 0, 0, :2], x[0, 0, 0])
        assert got[0, 0, 0, 2] == (1 if confidence is None else 0.5)
        assert got[0, 1, 2].tolist() == [0, 0, 0]


def test_a_picture_as_networks_of_kinetics_see_it():
    x = torch.tensor([320.0, 120.0]).expand(1, 3, 17, 2).contiguous()
    clip = Clip(x, COCO, unit="px", up="-y", image_size=(640, 480))
    model = network(unit="normalized", up="y")
    with pytest.warns(UserWarning, match=r"from 'px' to 'normalized'|from '-y' upwards to 'y'"):
        got = joints_of(convert(clip, model), model)
    torch.testing.assert_close(got[0, 0, 0], torch.tensor([0.0, 0.25, 1.0]))
    with pytest.raises(ValueError, match=r"are in 'px', expected image_size=\(width, height\)"):
        convert(clip.replace(image_size=None), model)
    with pytest.raises(ValueError, match=r"are in 'px', expected image_size=\(width, height\)"):
        prepare(x[0].numpy(), network(unit="px"))


@pytest.mark.parametrize(
    ("clip", "message"),
    [
        (torch.randn(5, 16, 3), "expected frames of shape (T, 17, 3) or (M, T, 17, 3)"),
        (torch.randn(5, 17, 2), "got (5, 17, 2)"),
        (torch.full((5, 17, 3), torch.inf), "expected finite joints, got inf at [0, 0, 0]"),
        (np.full((5, 17, 3), 1e20), "expected finite joints, got 1e+20 at [0, 0, 0]"),
        ("clip.npy", "expected an array, SkeletonData or Clip, got str"),
        (NTU.to_data(torch.rand(25, 3)), "expected x of shape [M * 25, T, C], got [25, 3]"),
    ],
)
def test_refusals(clip, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        read_clip(clip, COCO, channels=3)


def test_lists():
    array = np.zeros((2, 17, 3))
    assert as_list(array) == [array]
    assert as_list([array, array]) == [array, array]
    assert len(as_list(array.tolist())) == 1  # nested lists are an array
    assert is_several((array,))
    with pytest.raises(ValueError, match="at least one clip, got an empty list"):
        as_list([])


# What differs from the training data ##############################################################


def told(function, *args):
    """The lines that a function says, and what it returns."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        out = function(*args)
    return [str(w.message) for w in caught], out


def test_another_layout_is_told_with_what_is_derived():
    model = network(KINECT)
    clip = Clip(people(NTU), NTU)
    lines, out = told(convert, clip, model)
    assert lines == ["joints of 'ntu25' taken as those of 'kinect20' by name"]
    assert torch.equal(out.joints, KINECT.converter_from(NTU)(clip.joints, dim=2))
    assert told(convert, clip, model)[0] == []  # once
    lines, _ = told(convert, Clip(people(COCO), COCO), network(Skeleton.get("shared15")))
    assert "; " in lines[0]
    assert "pelvis = mean(left_hip, right_hip)" in lines[0]
    with pytest.raises(ValueError, match=r"clips of 'coco17' lack joints of 'kinect20': .*hand"):
        convert(Clip(people(COCO), COCO), model)


def test_another_unit_and_axis():
    model = network(unit="m", up="y")
    clip = Clip(1000 * people(), COCO, unit="mm", up="z")
    lines, out = told(convert, clip, model)
    assert lines == [
        "joints converted from 'mm' to 'm', as in training",
        "joints turned from 'z' upwards to 'y', as in training",
    ]
    expected = clip.to_unit("m").to_up("y").joints
    assert torch.equal(out.joints, expected)
    with pytest.raises(ValueError, match="no way from 'px' to 'm' without a camera"):
        convert(Clip(people()[..., :2], COCO, unit="px", image_size=(9, 9)), model)
    with pytest.raises(ValueError, match="expected axis-angle vectors, got positions in 'mm'"):
        convert(clip, network(unit="rad"))


def test_another_frame_rate():
    model = network(frame_rate=25.0)
    clip = Clip(people(frames=20), COCO, 50.0)
    lines, out = told(convert, clip, model)
    assert lines == ["frames resampled from 50 to 25 per second, as in training"]
    assert torch.equal(out.joints, clip.joints[:, ::2])
    assert resample(clip.replace(frame_rate=25.2), model) is not None
    for same in (25.2, None):  # nearly the same, not known
        given = clip.replace(frame_rate=same)
        assert resample(given, model) is given
    absent = clip.joints.clone()
    absent[0, 3:] = 0  # who is not there moves nowhere
    _, out = told(resample, clip.replace(joints=absent), network(frame_rate=100.0))
    assert out.joints[0, 5:].isnan().all()


def test_any_graph_has_joints():
    dual = NTU.dual()
    model = network(dual)
    x = torch.randn(2, 6, dual.num_joints, 3)
    data = prepare(x.numpy(), model)
    assert torch.equal(data.x, x.transpose(1, 2).flatten(0, 1))
    assert data.skeleton == dual.name
    with pytest.raises(ValueError, match=rf"expected frames of shape \(T, {dual.num_joints}, 3\)"):
        prepare(x[:, :, 1:].numpy(), model)
    hand = BodyGraph("hand", ("left_hand", "head"), [(0, 1)])
    lines, out = told(convert, Clip(people(NTU), NTU), network(hand))
    assert lines == ["joints of 'ntu25' taken as those of 'hand' by name"]
    assert (out.skeleton.joints, out.joints.shape) == (hand.joints, (1, 6, 2, 3))


def test_more_persons_than_a_network_takes():
    x = people(persons=3, frames=8)
    x[0] = x[0, :1]  # furniture
    lines, out = told(select_persons, Clip(x, COCO), network(), 2)
    assert lines == ["of 3 persons, only the 2 who move most are taken"]
    assert out.persons == (1, 2)
    confidence = torch.tensor([0.9, 0.2, 0.8]).view(3, 1, 1).expand(3, 8, 17)
    lines, out = told(select_persons, Clip(x, COCO, confidence=confidence), network(), 2)
    assert lines == ["of 3 persons, only the 2 whom the detector is most sure of are taken"]
    assert out.persons == (0, 2)
    chain = network(preparation=Chain([SelectPersons(2)]))
    assert select_persons(Clip(x, COCO), chain, 2).num_persons == 3  # by the preparation
    assert select_persons(Clip(x, COCO), network(), None).num_persons == 3


def test_data_are_taken_as_they_are():
    clip = people(frames=5)
    clip[:, 3:] = 0
    data = COCO.to_data(clip.transpose(1, 2), y=1)
    data.image_size = torch.tensor([[640, 480]])
    out = prepare(data, network())
    assert torch.equal(out.x, data.x)
    assert out is not data
    assert out.image_size.tolist() == [[640, 480]]
    for known in ({"unit": "mm"}, {"frame_rate": 50.0}):
        model = network(unit="m", frame_rate=25.0)
        lines, changed = told(lambda known=known, model=model: prepare(data, model, **known))
        assert len(lines) == 1
        assert not torch.equal(changed.x, data.x)
    short = COCO.to_data(clip[:, :1].transpose(1, 2))
    with pytest.raises(ValueError, match="a clip of 2 frames or more, got 1"):
        prepare(short, network())


# Guards ###########################################################################################


def test_millimeters_given_as_meters():
    clip = torch.rand(1, 4, 17, 3)
    size = body_size(clip)
    check_size(clip, size)
    check_size(1000 * clip, None)
    with pytest.raises(ValueError, match=r"millimeters instead of meters\? unit=... names them"):
        check_size(1000 * clip, size)


@pytest.mark.parametrize("layout", ["ntu25", "kinect20", "smpl24"])
def test_joints_in_another_order(layout):
    skeleton = Skeleton.get(layout)
    clip, model = people(skeleton, persons=2, frames=12), network(skeleton)
    assert told(check_order, clip, model)[0] == []
    order = torch.randperm(skeleton.num_joints)
    lines, _ = told(check_order, clip[:, :, order], model)
    assert len(lines) == 1
    assert f"in another order than that of {layout!r}" in lines[0]
    assert told(check_order, clip[:, :, order], model)[0] == []  # once


def test_answers_that_are_not_finite():
    model = torch.nn.Linear(2, 2)
    check_answer((torch.zeros(2), None), model)
    with pytest.raises(ValueError, match=r"this Linear in float32 is not finite$"):
        check_answer(torch.tensor([torch.nan]), model)
    with pytest.raises(ValueError, match=r"in float16 is not finite; try model.float\(\)"):
        check_answer((torch.tensor([torch.inf]),), model.half())


def test_a_line_is_told_once():
    model = network()
    with pytest.warns(UserWarning, match="mind"):
        tell(model, "mind")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tell(model, "mind")


def test_random_weights_are_warned_about_once():
    model = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.BatchNorm1d(3))
    with pytest.warns(UserWarning, match="Sequential has random weights"):
        warn_if_untrained(model)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_if_untrained(model)
        trained = torch.nn.BatchNorm1d(3)
        trained(torch.randn(8, 3))
        warn_if_untrained(trained)


def test_poses_as_a_table():
    one, two = np.zeros((4, 17, 3)), np.ones((2, 3, 17, 3))
    table = pose_table([one, two], COCO.joints)
    assert list(table) == ["clip", "person", "frame", "joint", "x", "y", "z"]
    assert table.groupby(["clip", "person"]).size().tolist() == [68, 51, 51]
    assert pose_table(one[0], COCO.joints)["joint"].tolist() == list(COCO.joints)


def test_fill_unseen_does_not_change_what_it_is_given():
    x = people(frames=3)[0].numpy()
    x[1, 0] = np.nan
    before = x.copy()
    assert np.isfinite(fill_unseen(x, COCO.joints)).all()
    assert np.array_equal(x, before, equal_nan=True)
