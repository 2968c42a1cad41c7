import torch

from pyg_skeleton.datasets import SyntheticMotion
from pyg_skeleton.datasets.recognition.synthetic_clips import SyntheticClips

FEW = {"classes": ["walking", "waving"], "clips_per_class": 2}


def test_the_clips_are_those_of_the_embedded_people():
    clips = SyntheticClips("val", "shared15", num_frames=30, **FEW)
    motion = SyntheticMotion("shared15", "val", 30, num_future=0, **FEW)
    assert (len(clips), clips.num_classes, clips.classes) == (4, 2, ["walking", "waving"])
    assert clips.labels.tolist() == [0, 1, 0, 1]
    assert (clips.frame_rate, clips.unit, clips.up) == (25, "m", "y")
    for row in range(4):
        torch.testing.assert_close(clips.clip(row), motion.clip(row))
    data = clips[3]
    assert data.x.shape == (15, 30, 3)
    assert (data.y.tolist(), data.sample.tolist()) == ([1], [3])


def test_splits_have_other_people():
    splits = {name: SyntheticClips(name, "shared15", **FEW) for name in ("train", "val", "test")}
    first = [clips[0].x for clips in splits.values()]
    assert not torch.equal(first[0], first[1])
    assert not torch.equal(first[1], first[2])
    again = SyntheticClips("train", "shared15", **FEW)
    assert torch.equal(again[0].x, first[0])


def test_open():
    clips = SyntheticClips.open(None, "test", layout="kinect20", clips_per_class=1)
    assert (clips.split, clips.skeleton.name, len(clips)) == ("test", "kinect20", clips.num_classes)
    out = clips.preparation(train=True, stream="bone", num_frames=16)(clips[0])
    assert out.x.shape == (20, 16, 3)


def test_the_embedded_people_face_the_same_way():
    """Whatever the direction of the camera; turns of the body stay."""
    data = SyntheticClips("test", "shared15", classes=["turning"], clips_per_class=2, align=True)
    chain = data.preparation(num_frames=32)
    x, turn = data[0].x, torch.tensor([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]])
    out = chain(data.skeleton.to_data(x)).x
    turned = chain(data.skeleton.to_data(x @ turn)).x
    torch.testing.assert_close(turned, out, rtol=0, atol=1e-5)
    ids = [data.skeleton.joint_id(f"{side}_shoulder") for side in ("left", "right")]
    left, right = out[ids]
    assert (right - left)[0, 2].abs() < 1e-5
    assert (right - left)[:, 2].abs().max() > 0.1
    assert SyntheticClips.open(None, "test", align=True, clips_per_class=1).align
