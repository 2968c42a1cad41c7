import copy

import pytest
import torch

from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import (
    Stream,
    agcn_ntu,
    codt_chain,
    ctrgcn_ntu,
    ctrgcn_nw_ucla,
    infogcn_ntu,
    pyskl_ntu,
    stgcn_ntu,
)

CHAINS = {
    "ctrgcn train": (ctrgcn_ntu(True), 64),
    "ctrgcn test": (ctrgcn_ntu(False), 64),
    "ctrgcn 120": (ctrgcn_ntu(True, duplicate=True), 64),
    "infogcn": (infogcn_ntu(True), 64),
    "agcn": (agcn_ntu(), 300),
    "codt": (codt_chain("ntu25"), 50),
    "stgcn": (stgcn_ntu(), 300),
    "pyskl train": (pyskl_ntu(True), 100),
    "pyskl test": (pyskl_ntu(False, test_clip=3, num_clips=10), 100),
}


@pytest.mark.parametrize("name", CHAINS)
@pytest.mark.parametrize("there", [[[1] * 70], [[1] * 40 + [0] * 5, [0] * 5 + [1] * 40], [[1]]])
def test_every_chain(ntu_clip, name, there):
    chain, frames = CHAINS[name]
    data = ntu_clip(*there, dtype=torch.float)
    before = copy.deepcopy(data)
    out = chain(data)
    out.validate()
    persons = 2 if name == "ctrgcn 120" else len(there)
    assert out.x.shape == (25 * persons, frames, 3)
    assert out.x.dtype == torch.float
    assert out.x.isfinite().all()
    assert torch.equal(data.x, before.x)
    assert data.num_persons == len(there)


@pytest.mark.parametrize("stream", ["bone", "joint-motion", "bone-motion"])
@pytest.mark.parametrize("make", [ctrgcn_ntu, infogcn_ntu, lambda t, s="joint": agcn_ntu(s)])
def test_streams_come_last(ntu_clip, make, stream):
    data = ntu_clip([1] * 80)
    expected = Stream(stream, "ntu25")(make(False)(data)).x
    assert torch.equal(make(False, stream)(data).x, expected)


def test_streams_come_before_the_sampling_in_pyskl(ntu_clip):
    data = ntu_clip([1] * 300)
    motion = pyskl_ntu(False, "joint-motion")(data).x
    joint = pyskl_ntu(False)(data).x
    assert not torch.allclose(motion[:, :-1], joint.diff(dim=1))
    # The rotation leaves the length of the motion from a frame to the very next.
    lengths = torch.cat([data.x.diff(dim=1), torch.zeros(25, 1, 3)], dim=1).norm(dim=-1)
    assert torch.isin(motion.norm(dim=-1).round(decimals=6), lengths.round(decimals=6)).all()


def test_only_training_is_random(ntu_clip):
    data = ntu_clip([1] * 90)
    for make in (ctrgcn_ntu, infogcn_ntu, pyskl_ntu):
        assert torch.equal(make(False)(data).x, make(False)(data).x)
        assert not torch.equal(make(True)(data).x, make(True)(data).x)
    clip = Skeleton.get("kinect20").to_data(torch.rand(20, 90, 3))
    assert torch.equal(ctrgcn_nw_ucla(False)(clip).x, ctrgcn_nw_ucla(False)(clip).x)


def test_the_turn_in_training(ntu_clip):
    """At most 0.3 about each axis, about the origin; a clip of 64 frames is not cropped."""
    data = ntu_clip([1] * 64)
    straight = data.x - data.x[1, 0]
    for seed in range(5):
        torch.manual_seed(seed)
        out = ctrgcn_ntu(True)(data).x
        turn = torch.linalg.lstsq(straight.flatten(0, 1), out.flatten(0, 1)).solution.T
        torch.testing.assert_close(out, straight @ turn.T)
        torch.testing.assert_close(turn @ turn.T, torch.eye(3, dtype=torch.double))
        angle = torch.acos((turn.trace() - 1) / 2)
        assert 0 < float(angle) < 0.3 * 3**0.5 + 0.02


@pytest.mark.parametrize("name", ["ntu25", "kinect20", "smpl24", "body25", "h36m17", "cmu38"])
def test_codt(name):
    """Every frame has the base of its neck at the origin and its shoulders along x."""
    skeleton = Skeleton.get(name)
    x = torch.randn(2, skeleton.num_joints, 70, 3)
    x[1, :, 50:] = 0.0
    out = codt_chain(skeleton)(skeleton.to_data(x)).x.view(2, -1, 50, 3)
    bases = [joint for joint in ("spine_shoulder", "neck", "thorax") if joint in skeleton.joints]
    assert out[:, skeleton.joint_id(bases[0])].abs().max() < 1e-6
    sides = (skeleton.joint_id(f"{side}_shoulder") for side in ("right", "left"))
    axis = out[0, next(sides)] - out[0, next(sides)]
    assert (axis[:, 0] > 0).all()
    assert axis[:, 2].abs().max() < 1e-5
    # Who is not there stays away.
    assert (out[1, :, 36:] == 0).all()


def test_codt_resizes_before_it_turns():
    skeleton = Skeleton.get("shared15")
    x = torch.randn(15, 30, 3)
    centered = x - x[1:2]
    resized = torch.nn.functional.interpolate(centered.transpose(1, 2), 20, mode="linear")
    resized = resized.transpose(1, 2)
    out = codt_chain(skeleton, 20)(skeleton.to_data(x)).x
    axis = resized[2] - resized[5]
    length = axis[:, [0, 2]].norm(dim=1)
    cos, sin = axis[:, 0] / length, -axis[:, 2] / length
    u, v, w = resized.unbind(-1)
    torch.testing.assert_close(out, torch.stack([cos * u - sin * w, v, sin * u + cos * w], -1))


def test_codt_refusals():
    with pytest.raises(ValueError, match=r"'coco17' has none of spine_shoulder, neck and thorax"):
        codt_chain("coco17")
