import pytest
import torch

from pyg_skeleton.data import to_data
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import SelectJoints

NTU = Skeleton.get("ntu25")
ARM = ["left_shoulder", "left_wrist", "left_elbow"]


def test_select_joints():
    transform = SelectJoints(NTU, ARM)
    ids = [NTU.joint_id(name) for name in ARM]
    assert str(transform) == f"SelectJoints(skeleton='ntu25', joints={ARM})"
    x = torch.randn(2, 25, 4, 3)
    data = to_data(NTU, x, y=2, hops=2, target=x, person=[1, 4])
    out = transform(data)
    assert torch.equal(out.x, x[:, ids].flatten(0, 1))
    assert torch.equal(out.target, out.x)
    assert out.skeleton == transform.graph.name == "ntu25-3"
    assert transform.graph.joints == tuple(ARM)
    # Shoulder 0, wrist 1, elbow 2.
    assert out.edge_index[:, :4].tolist() == [[2, 2, 0, 1], [0, 1, 2, 2]]
    assert out.edge_index_hop2[:, :2].tolist() == [[1, 0], [0, 1]]
    assert out.person.tolist() == [1, 1, 1, 4, 4, 4]
    assert out.joint.tolist() == [0, 1, 2, 0, 1, 2]
    assert out.graph == to_data(transform.graph, x[:, ids], hops=2).graph
    assert data.num_joints == 25


def test_all_joints_in_order_is_the_identity():
    data = to_data(NTU, torch.randn(25, 4, 3), hops=3, missing="mask")
    out = SelectJoints("ntu25", range(25))(data)
    for key in ("x", "edge_index", "edge_index_hop3", "joint", "visible"):
        assert torch.equal(out[key], data[key])
    assert torch.equal(out.edge_index, data.edge_index)


def test_missing_joints():
    x = torch.randn(25, 4, 3)
    x[NTU.joint_id("left_wrist"), 2] = float("nan")
    out = SelectJoints(NTU, ARM)(to_data(NTU, x, missing="mask"))
    assert (~out.visible).nonzero().tolist() == [[1, 2]]


def test_errors():
    with pytest.raises(ValueError, match="has no joint 'left_paw'"):
        SelectJoints(NTU, ["left_paw"])
    for joints in ([], [1, 1], [25], [-1]):
        with pytest.raises(ValueError, match="joints must be different ones of 25 joints"):
            SelectJoints(NTU, joints)
    with pytest.raises(ValueError, match="SelectJoints needs clips of 'ntu25'"):
        SelectJoints(NTU, [0])(to_data(Skeleton.get("openpose18"), torch.zeros(18, 2, 3)))
