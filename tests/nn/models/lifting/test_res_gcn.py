import torch
import torch.nn.functional as F

from pyg_skeleton.nn.models import ResGCN
from pyg_skeleton.skeleton import Skeleton

H36M = Skeleton.get("h36m16")


def test_res_gcn_is_the_printed_equation():
    model = ResGCN(H36M, hidden_channels=6, num_blocks=2).double().eval()
    adjacency = torch.eye(16, dtype=torch.float64) + (H36M.distances == 1)
    scale = adjacency.sum(1).rsqrt()
    adjacency = scale[:, None] * adjacency * scale

    def conv(layer, x):
        return adjacency @ x @ layer.weight[0].t() + layer.bias

    def unit(layer, x):
        return F.relu(conv(layer.conv, x) / (1 + 1e-5) ** 0.5)

    x = torch.rand(16, 2, dtype=torch.float64)
    h = unit(model.input, x)
    for first, second in model.blocks:
        h = h + unit(second, unit(first, h))
    torch.testing.assert_close(model.forward_poses(x), conv(model.output, h))
