import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.skeleton import Skeleton, list_skeletons
from pyg_skeleton.transforms import PartMask, codt_parts
from pyg_skeleton.transforms.part_mask import mask_joints


def batch_of(name, clips=40, frames=50):
    skeleton = Skeleton.get(name)
    data = [skeleton.to_data(torch.ones(2, skeleton.num_joints, frames, 3))] * clips
    return next(iter(SkeletonLoader(data, batch_size=clips)))


def gone_in(batch, transform):
    x = transform(batch).x
    gone = (x == 0).all(-1)
    assert torch.equal(gone, (x == 0).any(-1))
    return gone.view(-1, batch.num_joints, x.size(1))


def test_parts_are_hidden_together():
    batch = batch_of("ntu25")
    parts = codt_parts("ntu25")
    torch.manual_seed(0)
    gone = gone_in(batch, PartMask("ntu25", 0.3, parts))
    assert (batch.x == 1).all()
    parted = torch.stack([gone[:, list(joints)][:, 0] for joints in parts.values()])
    for part, joints in enumerate(parts.values()):
        assert torch.equal(
            gone[:, list(joints)], parted[part].unsqueeze(1).expand(-1, len(joints), -1)
        )
    # 80 persons by 50 frames by 5 parts, each on its own.
    assert parted.float().mean() == pytest.approx(0.3, abs=0.02)
    table = torch.corrcoef(parted.flatten(1).float())
    assert (table - torch.eye(5)).abs().max() < 0.06
    persons = parted.view(5, 40, 2, 50).float()
    assert abs(torch.corrcoef(persons.movedim(2, 0).flatten(1))[0, 1]) < 0.03
    following = torch.stack([persons[..., 1:].flatten(), persons[..., :-1].flatten()])
    assert abs(torch.corrcoef(following)[0, 1]) < 0.03


def test_overlapping_parts():
    """The oracle of the facts: the neck of openpose18 is in four parts, the feet are in none."""
    torch.manual_seed(0)
    gone = gone_in(batch_of("openpose18"), PartMask("openpose18", 0.3, codt_parts("openpose18")))
    shares = gone.float().mean((0, 2))
    assert shares[1] == pytest.approx(1 - 0.7**4, abs=0.02)
    assert shares[2] == pytest.approx(0.3, abs=0.03)
    shares = gone_in(batch_of("body25"), PartMask("body25", 0.3, codt_parts("body25")))
    shares = shares.float().mean((0, 2))
    assert (shares[19:] == 0).all()
    assert shares[[1, 8]].tolist() == pytest.approx([1 - 0.7**2] * 2, abs=0.03)


def test_mask_joints():
    member = torch.tensor([[1.0, 0.0], [1.0, 1.0], [0.0, 0.0]])
    hidden = torch.tensor([[[True, False, False], [False, True, False]]])
    expected = [[[True, False, False], [True, True, False], [False, False, False]]]
    assert mask_joints(hidden, member).tolist() == expected


def test_default_parts_names_and_extremes():
    skeleton = Skeleton.get("ntu25")
    batch = batch_of("ntu25", clips=2, frames=3)
    assert (PartMask(skeleton, 1.0)(batch).x == 0).all()
    assert (PartMask(skeleton, 0.0)(batch).x == 1).all()
    transform = PartMask("ntu25", 1.0, {"head": ["head", 2]})
    assert gone_in(batch, transform).any((0, 2)).nonzero().flatten().tolist() == [2, 3]
    assert str(PartMask("ntu25")) == "PartMask(skeleton='ntu25', probability=0.3, parts=None)"
    clip = skeleton.to_data(torch.ones(25, 4, 3))
    assert PartMask(skeleton, 1.0)(clip).x.sum() == 0


def test_codt_parts():
    assert codt_parts("ntu25")["trunk"] == (2, 3, 0, 1, 20)
    ntu = Skeleton.get("ntu25")
    for part, joints in codt_parts("ntu25").items():
        sides = {ntu.joints[j].split("_")[0] for j in joints}
        assert part == "trunk" or sides == {part.split("_")[0]}
    for name in sorted({*list_skeletons()}.difference({"hand21"})):
        skeleton = Skeleton.get(name)
        parts = codt_parts(skeleton)
        assert list(parts) == ["left_arm", "right_arm", "left_leg", "right_leg", "trunk"]
        covered = {j for joints in parts.values() for j in joints}
        missing = [skeleton.joints[j] for j in range(skeleton.num_joints) if j not in covered]
        assert not missing or name == "body25"
    kinect = Skeleton.get("kinect20")
    arm = [kinect.joints[j] for j in codt_parts(kinect)["left_arm"]]
    assert arm == ["left_shoulder", "left_elbow", "left_wrist", "left_hand"]
    # A body of that name that is another one has its own parts.
    other = Skeleton("ntu25", ["a", "b"], [("b", "a")], "a", {"left_thigh": ["a"], "torso": ["b"]})
    assert codt_parts(other) == {"left_leg": (0,), "trunk": (1,)}


def test_refusals():
    worm = Skeleton("worm", ["a", "b"], [("b", "a")], "a")
    with pytest.raises(ValueError, match=r"'worm' has none"):
        PartMask(worm)
    with pytest.raises(ValueError, match=r"'worm' has no arms or legs"):
        codt_parts(worm)
    with pytest.raises(ValueError, match=r"from 0 to 1, got 1.5"):
        PartMask("ntu25", 1.5)
    with pytest.raises(ValueError, match=r"part 'p' has joints \[25\], 'ntu25' has 25"):
        PartMask("ntu25", parts={"p": [25]})
    with pytest.raises(ValueError, match=r"no joint 'nose'"):
        PartMask("ntu25", parts={"p": ["nose"]})
    with pytest.raises(ValueError, match=r"for 25 joints, got 18 nodes"):
        PartMask("ntu25")(Skeleton.get("openpose18").to_data(torch.ones(18, 4, 3)))
