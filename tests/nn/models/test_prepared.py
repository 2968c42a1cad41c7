"""Preparations as part of exported networks say what the transforms say."""

import pytest
import torch

from pyg_skeleton.nn.models import LiftingModel, SemGCN
from pyg_skeleton.nn.models.prepared import PreparedClip, PreparedPoses, as_function
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import (
    Center,
    CropResize,
    FirstSeenOrigin,
    FrameDraw,
    MinMaxNormalize,
    PadFrames,
    RandomRotation,
    SelectPersons,
    Stream,
)
from pyg_skeleton.transforms.chains import any_layout, ctrgcn_ntu, ctrgcn_nw_ucla

STEPS = [
    FirstSeenOrigin(),
    *(Center(3, frame=frame) for frame in ("each", "first", "last")),
    Center(0, frame="first", person=1),
    CropResize(16, 0.95),
    CropResize(64, 1.0),
    CropResize(16, 0.8, skip_zeros=True),
    MinMaxNormalize(),
    FrameDraw(52, random=False),
    FrameDraw(1, random=False),
    *(Stream(stream, "ntu25") for stream in ("joint", "bone", "joint-motion", "bone-motion")),
    Stream("bone", "ntu25", order=3, root="spine", keep_rootless=True),
    SelectPersons(2),
]


@pytest.fixture
def clip():
    """A clip with frames without a person, and a constant coordinate."""
    x = torch.randn(2, 37, 25, 3)
    x[0, :3] = x[1, 20:25] = 0
    return x


@pytest.mark.parametrize("step", STEPS, ids=repr)
def test_each_step(step, clip):
    for frames in (37, 31, 6):
        x = clip[:, :frames]
        expected = step(Skeleton.get("ntu25").to_data(x.transpose(1, 2))).x
        ours = as_function(step)(x).transpose(1, 2).flatten(0, 1)
        torch.testing.assert_close(ours, expected)


@pytest.mark.parametrize(
    "chain",
    [
        ctrgcn_ntu(False, "bone"),
        any_layout(Skeleton.get("ntu25"), False, num_persons=2),
        ctrgcn_nw_ucla(False),
    ],
    ids=["ntu", "any", "nw_ucla"],
)
def test_chains(make, chain, clip):
    model = make("ctr_gcn")
    model.preparation = chain
    data = chain(model.skeleton.to_data(clip.transpose(1, 2)))
    with torch.no_grad():
        torch.testing.assert_close(PreparedClip(model)(clip), model(data), rtol=1e-4, atol=1e-5)


def test_steps_that_draw_or_look_are_refused(make):
    for step in (PadFrames(30), RandomRotation(17), CropResize(8, (0.5, 1.0)), FrameDraw(8)):
        with pytest.raises(TypeError, match="cannot be part of an exported network"):
            as_function(step)
    model = make("ctr_gcn")
    model.preparation = ctrgcn_ntu(True)
    with pytest.raises(TypeError, match=r"CropResize\(.* draws a part"):
        PreparedClip(model)
    assert PreparedClip(model, prepare=False).steps == []


@pytest.mark.parametrize("space", ["image", "body"])
def test_poses(make, space):
    model = make("sem_gcn")
    assert isinstance(model, LiftingModel)
    model.input_space = space
    keypoints = 400 * torch.rand(5, 16, 2)
    with torch.no_grad():
        poses = PreparedPoses(model)(keypoints, torch.tensor([640.0, 480.0]))
    expected = model.predict(keypoints.numpy(), image_size=(640, 480)).poses
    torch.testing.assert_close(poses, torch.from_numpy(expected), rtol=1e-4, atol=1e-2)


def test_poses_of_other_networks_are_refused():
    for options, space in (({"in_channels": 5}, "root-relative"), ({}, "pixel-depth")):
        model = SemGCN("h36m16", num_blocks=1, **options)
        model.target_space = space
        with pytest.raises(TypeError, match="expected a network from keypoints to 'root-relative'"):
            PreparedPoses(model)
