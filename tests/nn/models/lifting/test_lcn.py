import torch
import torch.nn.functional as F

from pyg_skeleton.nn.models import LCN
from pyg_skeleton.skeleton import Skeleton


def test_lcn_adds_the_keypoints_in_the_image_only():
    model = LCN(Skeleton.get("h36m17-lcn"), hidden_channels=4, num_blocks=1).eval()
    x = torch.rand(2 * 17, 2)
    relative = model.forward_poses(x)
    model.target_space = "pixel-depth"
    torch.testing.assert_close(model.forward_poses(x), relative + F.pad(x, (0, 1)))


def test_lcn_sees_as_far_as_its_hops():
    skeleton = Skeleton.get("h36m17-lcn")
    model = LCN(skeleton, hidden_channels=8, num_blocks=1, hops=1).double().eval()
    x = torch.rand(17, 2, dtype=torch.float64, requires_grad=True)
    wrist = skeleton.joints.index("left_wrist")
    model.forward_poses(x)[wrist].sum().backward()
    seen = x.grad.any(dim=1)
    assert torch.equal(seen, skeleton.distances[wrist] <= 4)  # four layers of one hop
