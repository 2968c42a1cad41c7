import pytest
import torch

from pyg_skeleton.data import to_data
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import ConvertSkeleton

NTU = Skeleton.get("ntu25")
SMALL = Skeleton(
    "small",
    ["pelvis", "middle", "left_hip"],
    [("middle", "pelvis"), ("left_hip", "pelvis")],
    "pelvis",
)


def test_to_itself():
    transform = ConvertSkeleton("ntu25", "ntu25")
    assert str(transform) == "ConvertSkeleton(source='ntu25', target='ntu25', missing='error')"
    data = to_data(NTU, torch.randn(25, 4, 3), hops=2)
    out = transform(data)
    assert torch.equal(out.x, data.x)
    assert out.graph == data.graph
    assert "visible" not in out


def test_convert():
    source = Skeleton(
        "hips",
        ["left_hip", "right_hip", "middle"],
        [("right_hip", "left_hip"), ("middle", "left_hip")],
        "left_hip",
    )
    transform = ConvertSkeleton(source, SMALL)
    x = torch.randn(2, 3, 4, 3)
    x[1, 1, 2] = float("nan")
    data = to_data(source, x, hops=2, target=torch.randn(2, 3, 5, 3), missing="mask", mode="ball")
    out = transform(data)
    joints = data.x.view(2, 3, 4, 3)
    pelvis = (joints[:, 0] + joints[:, 1]) / 2
    pelvis[1, 2] = 0
    torch.testing.assert_close(
        out.x.view(2, 3, 4, 3), torch.stack([pelvis, joints[:, 2], joints[:, 0]], dim=1)
    )
    # The pelvis of the second person lacks a hip in the third frame.
    assert (~out.visible).nonzero().tolist() == [[3, 2]]
    assert out.target.shape == (6, 5, 3)
    assert out.target_visible.all()
    assert out.graph == to_data(SMALL, joints, hops=2, mode="ball").graph
    assert out.skeleton == "small"
    assert data.skeleton == "hips"


def test_joints_that_the_source_lacks():
    source = Skeleton("one", ["left_hip", "middle"], [("middle", "left_hip")], "left_hip")
    with pytest.raises(ValueError, match="'one' lacks joints of 'small': pelvis; pass missing='m"):
        ConvertSkeleton(source, SMALL)
    transform = ConvertSkeleton(source, SMALL, missing="mask")
    out = transform(to_data(source, torch.randn(2, 4, 3), target=torch.randn(2, 1, 3)))
    assert out.visible.tolist() == [[False] * 4, [True] * 4, [True] * 4]
    assert out.target_visible.tolist() == [[False], [True], [True]]
    assert not out.x[0].any()
    with pytest.raises(ValueError, match="missing must be 'error' or 'mask', got 'drop'"):
        ConvertSkeleton(source, SMALL, missing="drop")


def test_wrong_clip():
    transform = ConvertSkeleton("ntu25", "ntu25")
    with pytest.raises(ValueError, match="ConvertSkeleton needs clips of 'ntu25'"):
        transform(to_data(SMALL, torch.zeros(3, 2, 3)))
