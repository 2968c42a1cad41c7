import numpy as np
import pytest
import torch

from pyg_skeleton.data import SkeletonData, to_data
from pyg_skeleton.skeleton import Skeleton

NTU = Skeleton.get("ntu25")


def test_one_person():
    x = torch.randn(25, 10, 3)
    data = to_data(NTU, x, y=4, hops=3, target=torch.randn(25, 5, 3), subject=7)
    assert isinstance(data, SkeletonData)
    assert str(data) == (
        "SkeletonData(x=[25, 10, 3], edge_index=[2, 48], edge_index_hop2=[2, 54], "
        "edge_index_hop3=[2, 60], joint=[25], person=[25], y=[1], target=[25, 5, 3], "
        "skeleton='ntu25', subject=7)"
    )
    assert data.x is x
    assert torch.equal(data.edge_index, NTU.edge_index())
    assert torch.equal(data.edge_index_hop2, NTU.hop_edge_index(2))
    assert torch.equal(data.edge_index_hop3, NTU.hop_edge_index(3))
    assert data.joint.tolist() == list(range(25))
    assert data.person.tolist() == [0] * 25
    assert data.y.tolist() == [4]
    assert data.validate()
    assert "y" not in to_data(NTU, x)


def test_persons_are_blocks_of_nodes():
    x = torch.randn(2, 25, 10, 3)
    data = to_data(NTU, x, hops=2)
    assert torch.equal(data.x.view(2, 25, 10, 3), x)
    assert data.person.tolist() == [0] * 25 + [1] * 25
    assert data.joint.tolist() == 2 * list(range(25))
    for key, hop in [("edge_index", 1), ("edge_index_hop2", 2)]:
        edges = NTU.edge_index(hop)
        assert torch.equal(data[key], torch.cat([edges, edges + 25], dim=1))
    absent = to_data(NTU, x, person=[3, 1])
    assert absent.person.tolist() == [3] * 25 + [1] * 25
    assert absent.num_persons == 2


@pytest.mark.parametrize("mode", ["ring", "ball", "power"])
def test_modes(mode):
    data = to_data(NTU, torch.randn(25, 2, 3), hops=4, mode=mode)
    for k in range(1, 5):
        key = "edge_index" if k == 1 else f"edge_index_hop{k}"
        assert torch.equal(data[key], NTU.hop_edge_index(k, mode))


def test_other_body_graphs_and_poses():
    dual = NTU.dual()
    assert to_data(dual, torch.randn(24, 4, 3)).skeleton == "ntu25-dual"
    parts = NTU.part_graph()
    assert to_data(parts, torch.randn(parts.num_joints, 4, 3)).num_joints == parts.num_joints
    pose = to_data(NTU, torch.randn(25, 2), target=torch.randn(25, 3))
    assert pose.x.shape == (25, 2)
    assert pose.target.shape == (25, 3)
    assert pose.num_frames == 1


def test_structure_is_shared_between_clips():
    first, second = (to_data(NTU, torch.randn(2, 25, 4, 3), hops=2) for _ in range(2))
    for key in ("edge_index", "edge_index_hop2"):
        assert first[key] is second[key]
    again = to_data(Skeleton.from_dict(NTU.to_dict()), torch.randn(2, 25, 9, 3), hops=2)
    assert again.edge_index is first.edge_index


def test_arrays():
    x = np.random.default_rng(0).normal(size=(25, 4, 3))
    data = to_data(NTU, x, y=np.int64(3), target=x.astype(np.float32))
    assert data.x.dtype == data.target.dtype == torch.float
    assert data.y.dtype == torch.long
    expected = data.x.clone()
    x[:] = 0
    assert torch.equal(data.x, expected)
    assert to_data(NTU, np.zeros((25, 4, 2), dtype=np.int16)).x.dtype == torch.float
    assert to_data(NTU, torch.zeros(25, 4, 2, dtype=torch.double)).x.dtype == torch.double
    frozen = np.zeros((25, 4, 3), dtype=np.float32)
    frozen.flags.writeable = False
    assert to_data(NTU, frozen).x.shape == (25, 4, 3)
    assert to_data(NTU, np.zeros((25, 4, 3)).tolist()).x.shape == (25, 4, 3)


@pytest.mark.parametrize(
    ("y", "shape", "dtype"),
    [
        (2, [1], torch.long),
        (0.5, [1], torch.float),
        (torch.tensor(2), [1], torch.long),
        (torch.tensor([2]), [1], torch.long),
        (torch.rand(1, 60), [1, 60], torch.float),
    ],
)
def test_labels(y, shape, dtype):
    data = to_data(NTU, torch.zeros(25, 2, 3), y=y)
    assert list(data.y.shape) == shape
    assert data.y.dtype == dtype


def test_missing_joints_are_refused_by_name():
    x = torch.randn(2, 25, 4, 3)
    x[1, NTU.joint_id("left_wrist"), 2, 0] = float("nan")
    with pytest.raises(ValueError, match=r"x holds NaN: joint 'left_wrist' \(6\) of person 1 "):
        to_data(NTU, x)
    with pytest.raises(ValueError, match=r"joint 'left_wrist' \(6\) of person 0 in frame 2; pass"):
        to_data(NTU, x[1])
    x[1, :, 3] = float("nan")
    with pytest.raises(ValueError, match=r"target holds NaN: .* in frame 3 and 25 more; pass"):
        to_data(NTU, torch.zeros(2, 25, 4, 3), target=x)
    with pytest.raises(ValueError, match=r"person 0 in frame 0 and 24 more"):
        to_data(NTU, x[1, :, 3])


@pytest.mark.parametrize("missing", ["error", "mask"])
@pytest.mark.parametrize("number", [1e20, -3e38])
def test_large_numbers_are_no_coordinates(number, missing):
    x = torch.zeros(25, 4, 3)
    x[3, 2, 1] = number
    with pytest.raises(ValueError, match=r"x holds a coordinate above 1e\+09: "):
        to_data(NTU, x, missing=missing)
    x[3, 2, 1] = 1e9
    assert to_data(NTU, x).x is x


def test_a_class_is_not_negative():
    with pytest.raises(ValueError, match=r"y must be a class from 0, got -1"):
        to_data(NTU, torch.zeros(25, 4, 3), y=-1)
    assert to_data(NTU, torch.zeros(25, 4, 3), y=-1.0).y.tolist() == [-1.0]


def test_missing_joints_are_marked():
    x = torch.randn(2, 25, 4, 3)
    x[1, 6, 2, 0] = float("nan")
    before = x.clone()
    target = torch.full((2, 25, 2, 3), float("nan"))
    data = to_data(NTU, x, target=target, missing="mask")
    assert data.visible.shape == (50, 4)
    assert data.visible.dtype == torch.bool
    assert not data.visible[31, 2]
    assert int(data.visible.sum()) == 199
    assert data.x[31, 2].tolist() == [0, 0, 0]
    assert torch.equal(data.x[data.visible], x.flatten(0, 1)[data.visible])
    assert data.target_visible.shape == (50, 2)
    assert not data.target_visible.any()
    assert not data.target.any()
    torch.testing.assert_close(x, before, equal_nan=True)

    whole = to_data(NTU, torch.randn(25, 4, 3), missing="mask")
    assert whole.visible.all()
    assert to_data(NTU, torch.randn(25, 3), missing="mask").visible.shape == (25,)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (
            torch.zeros(24, 4, 3),
            r"x must have the 25 joints of 'ntu25' in dimension 0 ",
        ),
        (torch.zeros(2, 4, 25, 3), r"in dimension 1 .*got \[2, 4, 25, 3\]"),
        (torch.zeros(0, 25, 4, 3), r"x holds no person: \[0, 25, 4, 3\]"),
        (torch.zeros(25, 0, 3), r"x is empty: \[25, 0, 3\]"),
        (torch.zeros(25), r"x must be \[V, T, C\] or \[M, V, T, C\], got \[25\]"),
        (torch.full((25, 4, 3), float("inf")), "x holds an infinite value: joint 'pelvis'"),
    ],
)
def test_bad_arrays(x, message):
    for missing in ("error", "mask"):
        with pytest.raises(ValueError, match=message):
            to_data(NTU, x, missing=missing)


def test_bad_arguments():
    x = torch.zeros(2, 25, 4, 3)
    with pytest.raises(ValueError, match="missing must be 'error' or 'mask', got 'drop'"):
        to_data(NTU, x, missing="drop")
    with pytest.raises(ValueError, match="hops must be at least 1, got 0"):
        to_data(NTU, x, hops=0)
    with pytest.raises(ValueError, match=r"each of 2 persons once, got \[1\]"):
        to_data(NTU, x, person=[1])
    with pytest.raises(ValueError, match=r"each of 2 persons once, got \[1, 1\]"):
        to_data(NTU, x, person=[1, 1])
    with pytest.raises(ValueError, match=r"the 2 persons of x, got \[25, 4, 3\]"):
        to_data(NTU, x, target=x[0])
    with pytest.raises(ValueError, match="field 'frame_index'"):
        to_data(NTU, x, frame_index=3)
    with pytest.raises(TypeError, match="x must hold numbers, got dtype"):
        to_data(NTU, np.array([["a"]]))
