from random import Random

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pyg_skeleton.skeleton import BodyGraph, JointConverter, Skeleton, list_skeletons
from pyg_skeleton.skeleton.converter import RULES


def convert(source: str, target: str) -> JointConverter:
    return Skeleton.get(target).converter_from(Skeleton.get(source))


@pytest.mark.parametrize("name", list_skeletons())
def test_to_itself(name: str) -> None:
    converter = convert(name, name)
    x = torch.randn(Skeleton.get(name).num_joints, 2)
    assert torch.equal(converter(x), x)
    assert converter.gather.tolist() == list(range(len(x)))
    assert converter.copied == Skeleton.get(name).joints


# fmt: off
ORDERS = [
    ("mpii16", "h36m16", [6, 2, 1, 0, 3, 4, 5, 7, 8, 9, 13, 14, 15, 12, 11, 10]),
    ("mpi-inf-3dhp17", "h36m17",
     [14, 8, 9, 10, 11, 12, 13, 15, 1, 16, 0, 5, 6, 7, 2, 3, 4]),
    ("ntu25", "shared15", [3, 20, 8, 9, 10, 4, 5, 6, 0, 16, 17, 18, 12, 13, 14]),
    ("vibe49", "shared15", list(range(15))),
    ("body25", "shared15", list(range(15))),
    ("vibe49", "body25", list(range(25))),
    ("h36m32", "h36m17", [0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 15, 17, 18, 19, 25, 26, 27]),
    ("h36m32", "h36m21",
     [0, 1, 2, 3, 4, 6, 7, 8, 9, 11, 12, 13, 14, 16, 17, 18, 19, 24, 25, 26, 27]),
    ("h36m32", "h36m20",
     [1, 2, 3, 4, 6, 7, 8, 9, 11, 12, 13, 14, 16, 17, 18, 19, 24, 25, 26, 27]),
    ("h36m17", "h36m16", [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16]),
    ("cmu38", "cmu26",
     [2, 3, 4, 5, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 21, 22, 23, 24, 25, 27, 30, 31, 32, 33, 34,
      36]),
    ("ntu25", "kinect20",
     [0, 1, 20, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]),
    ("coco17", "openpose18", [0, -1, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3]),
]
# fmt: on


@pytest.mark.parametrize(("source", "target", "gather"), ORDERS)
def test_known_orders(source: str, target: str, gather: list[int]) -> None:
    converter = convert(source, target)
    assert converter.gather.tolist() == gather
    assert converter.missing == ()
    x = torch.randn(Skeleton.get(source).num_joints, 3)
    known = torch.tensor(gather) >= 0
    assert torch.equal(converter(x)[known], x[torch.tensor(gather)[known]])


def test_derived_joints() -> None:
    converter = convert("coco17", "h36m17")
    assert converter.derived == {
        "pelvis": "mean(left_hip, right_hip)",
        "spine": "mean(left_hip, right_hip, left_shoulder, right_shoulder)",
        "thorax": "mean(left_shoulder, right_shoulder)",
        "head": "mean(left_ear, right_ear)",
    }
    assert converter.missing == ("head_top",)
    assert len(converter.copied) == 12
    x = torch.randn(17, 4, 2, dtype=torch.double)
    out = converter(x, fill=-1.0)
    torch.testing.assert_close(out[0], (x[11] + x[12]) / 2)
    torch.testing.assert_close(out[7], (x[11] + x[12] + x[5] + x[6]) / 4)
    torch.testing.assert_close(out[8], (x[5] + x[6]) / 2)
    assert bool((out[10] == -1).all())
    assert torch.equal(out[11], x[5])


def test_report() -> None:
    converter = convert("shared15", "kinect20")
    assert converter.report() == (
        "shared15 -> kinect20\n"
        "  copied (14): pelvis, spine_shoulder, left_shoulder, left_elbow, left_wrist, "
        "right_shoulder, right_elbow, right_wrist, left_hip, left_knee, left_ankle, right_hip, "
        "right_knee, right_ankle\n"
        "  derived (2): spine = mean(pelvis, spine_shoulder), head = nose\n"
        "  missing (4): left_hand, right_hand, left_foot, right_foot"
    )
    assert repr(converter) == (
        "JointConverter('shared15' -> 'kinect20', copied=14, derived=2, missing=4)"
    )
    assert "missing (0): none" in convert("ntu25", "shared15").report()


def test_unequal_shares() -> None:
    source = BodyGraph("three", ["left_hip", "right_hip", "neck"], [])
    converter = JointConverter(source, BodyGraph("one", ["spine"], []))
    assert converter.derived == {"spine": "0.25 left_hip + 0.25 right_hip + 0.5 neck"}
    out = converter(torch.tensor([[0.0], [4.0], [10.0]]))
    assert out.tolist() == [[6.0]]


def test_any_dimension_arrays_and_gradients() -> None:
    converter = convert("coco17", "openpose18")
    x = torch.randn(2, 17, 5, 3)
    out = converter(x, dim=1)
    assert out.shape == (2, 18, 5, 3)
    for dim, order in ((0, (1, 0, 2, 3)), (-1, (0, 2, 3, 1)), (2, (0, 2, 1, 3))):
        moved = converter(x.permute(order), dim=dim)
        assert torch.equal(moved, out.permute(order))
        array = converter(x.permute(order).numpy(), dim=dim)
        assert isinstance(array, np.ndarray)
        assert array.dtype == np.float32
        np.testing.assert_allclose(array, moved.numpy())

    x = torch.randn(17, 3, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(converter, x)


def test_missing_joints_are_an_error_or_filled() -> None:
    converter = convert("openpose18", "kinect20")
    x = np.ones((18, 3))
    match = (
        "'openpose18' lacks joints of 'kinect20': left_hand, right_hand, left_foot, right_foot; "
        "pass fill="
    )
    with pytest.raises(ValueError, match=match):
        converter(x)
    filled = converter(x, fill=float("nan"))
    hands = [Skeleton.get("kinect20").joint_id(name) for name in converter.missing]
    assert np.isnan(filled[hands]).all()
    assert np.isnan(filled).sum() == 12
    assert torch.equal(converter(torch.ones(18, 3), fill=0).sum(0), torch.full((3,), 16.0))


def test_a_missing_input_does_not_spread() -> None:
    x = torch.randn(17, 3)
    x[9] = float("nan")  # left wrist
    out = convert("coco17", "openpose18")(x)
    assert torch.nonzero(out.isnan().any(-1)).flatten().tolist() == [7]


def test_whole_numbers_can_be_copied_but_not_averaged() -> None:
    x = np.arange(25)
    assert convert("ntu25", "kinect20")(x)[2] == 20
    assert convert("h36m16", "h36m17")(torch.arange(16), fill=-1)[9] == -1
    with pytest.raises(TypeError, match="need floating-point numbers, got int64"):
        convert("coco17", "openpose18")(np.arange(17))
    with pytest.raises(TypeError, match=r"need floating-point numbers, got torch.int64"):
        convert("ntu25", "smpl24")(torch.arange(25), fill=0.5)


def test_the_output_is_a_copy() -> None:
    x = np.zeros((25, 3))
    convert("ntu25", "ntu25")(x)[:] = 1
    assert x.max() == 0


def test_wrong_size() -> None:
    with pytest.raises(ValueError, match=r"25 joints \('ntu25'\) along dimension 0, got 20"):
        convert("ntu25", "kinect20")(torch.zeros(20, 3))


def test_rules() -> None:
    source, target = Skeleton.get("ntu25"), Skeleton.get("h36m17")
    assert target.converter_from(source).missing == ("head_top",)
    converter = target.converter_from(source, {"head_top": [["nose_tip"], ["head"]]})
    assert converter.missing == ()
    assert converter.derived["head_top"] == "head"
    assert converter.derived["thorax"] == "spine_shoulder"
    # The user's alternatives come first, the built-in ones are kept, and an empty list ends them.
    changed = target.converter_from(source, {"thorax": [["neck"]], "head_top": []})
    assert changed.derived["thorax"] == "neck"
    assert target.converter_from(source, {"thorax": [["no"]]}).derived["thorax"] == "spine_shoulder"
    assert "thorax" in target.converter_from(source, {"thorax": []}).missing
    plain = target.converter_from(source, derive=False)
    assert plain.derived == {}
    assert plain.missing == ("thorax", "head_top")
    with pytest.raises(TypeError, match="expected the rule of 'head_top' as lists"):
        target.converter_from(source, {"head_top": ["head"]})


def test_the_rules_use_names_that_exist() -> None:
    known = {joint for name in list_skeletons() for joint in Skeleton.get(name).joints}
    assert set(RULES) <= known
    for alternatives in RULES.values():
        for members in alternatives:
            assert set(members) <= known


LAYOUTS = st.sampled_from(list_skeletons())


@given(LAYOUTS, LAYOUTS, st.randoms(use_true_random=False), st.integers(0, 99))
def test_any_two_layouts(source: str, target: str, random: Random, seed: int) -> None:
    """Joints are told by name, not by place; moved and scaled bodies give moved and scaled ones;
    and each joint lies between those that it is made of.
    """
    converter, first = convert(source, target), Skeleton.get(source)
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(first.num_joints, 3, dtype=torch.double, generator=generator)
    out = converter(x, fill=0.0)
    assert out.shape == (Skeleton.get(target).num_joints, 3)
    groups = len(converter.copied) + len(converter.derived) + len(converter.missing)
    assert groups == len(out)

    order = random.sample(range(first.num_joints), first.num_joints)
    mixed = BodyGraph("mixed", [first.joints[i] for i in order], [])
    again = JointConverter(mixed, Skeleton.get(target))
    torch.testing.assert_close(again(x[order], fill=0.0), out)

    there = [name not in converter.missing for name in converter.target.joints]
    moved = converter(3 * x - 2, fill=0.0)
    torch.testing.assert_close(moved[there], 3 * out[there] - 2)
    assert bool((out >= x.amin(0) - 1e-9)[there].all())
    assert bool((out <= x.amax(0) + 1e-9)[there].all())
