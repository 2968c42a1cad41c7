import torch

from pyg_skeleton.nn import CTRGConv
from pyg_skeleton.skeleton import Skeleton, partition_neighbors

KINECT = Skeleton.get("kinect20")


def test_ctrg_is_the_printed_equation(randomized, kinect_body, check):
    conv, x = randomized(CTRGConv(8, 16, KINECT)).double(), kinect_body
    mean = x.mean(1)
    psi_i, psi_j = conv.refinement.embed(mean).view(20, 2, 3, 1).permute(1, 2, 0, 3)
    expected = 0
    for k in range(3):
        difference = (psi_i[k].unsqueeze(1) - psi_j[k].unsqueeze(0)).tanh()  # [V, V, 1]
        q = difference @ conv.refinement.weight[k].t() + conv.refinement.bias[k]
        graph = conv.shared[k].unsqueeze(-1) + conv.alpha * q
        h = x @ conv.weight[k].t() + conv.bias[k]
        expected = expected + torch.einsum("uvc,vtc->utc", graph, h)
    check(conv, x, expected)
    torch.testing.assert_close(
        conv.refinement(x)[0, 2], q.permute(2, 0, 1)
    )  # what SkeletonGCL contrasts


def test_how_it_starts():
    shared = CTRGConv(8, 16, KINECT).shared
    torch.testing.assert_close(shared.data, partition_neighbors(KINECT, "directed").transpose(1, 2))
