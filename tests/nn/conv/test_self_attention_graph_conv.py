import torch

from pyg_skeleton.nn import SelfAttentionGraphConv
from pyg_skeleton.skeleton import Skeleton

KINECT = Skeleton.get("kinect20")


def test_self_attention_is_the_printed_equation(randomized, kinect_body, check):
    conv, x = randomized(SelfAttentionGraphConv(8, 16, KINECT)).double(), kinect_body
    h = conv.attention.norm(x)
    q, key = conv.attention.embed(h).view(20, 4, 2, 3, 1).permute(2, 3, 1, 0, 4)
    expected = conv.bias.sum(0)
    for k in range(3):
        attention = (q[k] @ key[k].transpose(1, 2)).softmax(dim=-1)  # [T, V, V]
        graph = conv.shared[k] * attention
        expected = expected + torch.einsum("tuv,vtc,dc->utd", graph, x, conv.weight[k])
    check(conv, x, expected)


def test_how_it_starts():
    assert SelfAttentionGraphConv(8, 16, KINECT).shared.eq(torch.eye(20)).all()
