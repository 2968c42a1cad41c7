import pytest
import torch
import torch_geometric.transforms as T

from pyg_skeleton.data import SkeletonLoader, to_data
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import JointOcclusion

H36M = Skeleton.get("h36m17")


def make(frames=None, **kwargs):
    shape = (17, 2) if frames is None else (17, frames, 2)
    return to_data(H36M, torch.rand(shape) + 1, target=torch.rand(17, 3), **kwargs)


@pytest.mark.parametrize("frames", [None, 9])
def test_joint_occlusion(frames):
    transform = JointOcclusion(0.3)
    assert str(transform) == "JointOcclusion(p=0.3)"
    data = make(frames)
    before = data.x.clone()
    torch.manual_seed(0)
    out = transform(data)
    assert torch.equal(data.x, before)
    assert "visible" not in data
    out.validate()
    assert out.target is data.target
    assert out.visible.shape == out.x.shape[:-1]
    assert out.visible.dtype == torch.bool
    assert torch.equal(out.x, before * out.visible.unsqueeze(-1))
    per_joint = out.visible.view(17, -1)
    assert torch.equal(per_joint.all(1), per_joint.any(1))
    assert 0 < int((~per_joint[:, 0]).sum()) < 17
    torch.manual_seed(0)
    assert torch.equal(transform(data).x, out.x)


def test_probability():
    torch.manual_seed(0)
    transform = JointOcclusion(0.2)
    hidden = torch.stack([~transform(make()).visible for _ in range(400)]).float()
    assert abs(float(hidden.mean()) - 0.2) < 0.02
    assert (hidden.mean(0) > 0.1).all()
    data = make()
    assert torch.equal(JointOcclusion(0.0)(data).x, data.x)
    assert JointOcclusion(0.0)(data).visible.all()
    assert not JointOcclusion(1.0)(data).x.any()


def test_joints_that_are_missing_already_stay_so():
    x = torch.ones(17, 3, 2)
    x[4, 1] = float("nan")
    data = to_data(H36M, x, missing="mask")
    out = JointOcclusion(0.0)(data)
    assert (~out.visible).nonzero().tolist() == [[4, 1]]
    assert not JointOcclusion(1.0)(data).visible.any()
    assert (~data.visible).nonzero().tolist() == [[4, 1]]


def test_batches_and_compositions():
    transform = T.Compose([JointOcclusion(0.5), JointOcclusion(0.5)])
    items = [transform(make()) for _ in range(8)]
    batch = next(iter(SkeletonLoader(items, batch_size=8)))
    assert torch.equal(batch.visible, torch.cat([item.visible for item in items]))
    assert batch.graph == items[0].graph
    torch.manual_seed(0)
    again = JointOcclusion(0.5)(batch)
    assert (again.visible <= batch.visible).all()
    assert (again.visible < batch.visible).any()


def test_errors():
    for p in (-0.1, 1.5, float("nan")):
        with pytest.raises(ValueError, match="p must be a probability, got"):
            JointOcclusion(p)
