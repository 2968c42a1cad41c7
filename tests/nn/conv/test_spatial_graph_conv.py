import torch

from pyg_skeleton.nn import SpatialGraphConv
from pyg_skeleton.skeleton import Skeleton, partition_neighbors

KINECT = Skeleton.get("kinect20")


def test_spatial_is_the_printed_equation(randomized, kinect_body, check):
    conv, x = randomized(SpatialGraphConv(8, 16, KINECT)).double(), kinect_body
    expected = 0
    exact = partition_neighbors(KINECT).double().reciprocal().round().reciprocal()
    for k, a in enumerate(exact * conv.importance):
        h = x @ conv.weight[k].t() + conv.bias[k]
        expected = expected + torch.einsum("wv,vtc->wtc", a, h)
    check(conv, x, expected)
