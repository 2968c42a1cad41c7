import pytest
import torch

from pyg_skeleton.nn import AdaptiveGraphConv
from pyg_skeleton.skeleton import Skeleton, partition_neighbors

KINECT = Skeleton.get("kinect20")


@pytest.mark.parametrize("attention", ["softmax", "tanh"])
def test_adaptive_is_the_printed_equation(attention, randomized, kinect_body, check):
    conv, x = AdaptiveGraphConv(8, 16, KINECT, attention=attention), kinect_body
    conv = randomized(conv).double()
    theta, phi = conv.similarity.embed(x).view(20, 4, 2, 3, 4).permute(2, 3, 0, 1, 4)
    expected = conv.bias.sum(0)
    for k, a in enumerate(partition_neighbors(KINECT, "directed").double()):
        product = torch.einsum("wtc,vtc->wv", phi[k], theta[k]) / (4 * 4)
        if conv.alpha is None:
            graph = a + conv.learned[k] + product.softmax(dim=1)
        else:
            graph = conv.learned[k] + conv.alpha * product.tanh()
        expected = expected + torch.einsum("wv,vtc,dc->wtd", graph, x, conv.weight[k])
    check(conv, x, expected)


def test_how_it_starts():
    conv = AdaptiveGraphConv(8, 16, KINECT, attention="tanh")
    assert float(conv.alpha.detach()) == 0
    assert torch.equal(conv.learned.data, partition_neighbors(KINECT, "directed"))
    with pytest.raises(ValueError, match="'softmax' or 'tanh', got 'relu'"):
        AdaptiveGraphConv(8, 16, KINECT, attention="relu")
