import torch

from pyg_skeleton.nn.models import PoseGAT
from pyg_skeleton.skeleton import Skeleton

H36M = Skeleton.get("h36m16")


def test_pose_gat_sees_one_body_at_a_time():
    model = PoseGAT(H36M, hidden_channels=8, num_blocks=1).eval()
    x = torch.rand(3 * 16, 2)
    alone = torch.cat([model.forward_poses(part) for part in x.split(16)])
    torch.testing.assert_close(model.forward_poses(x), alone)
