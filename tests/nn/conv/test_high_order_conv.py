import pytest
import torch

from pyg_skeleton.nn import HighOrderConv
from pyg_skeleton.skeleton import Skeleton

H36M = Skeleton.get("h36m16")


def test_high_order_is_the_printed_equation():
    conv = HighOrderConv(4, 5, H36M).double()
    torch.nn.init.normal_(conv.edge_weight)
    assert conv.template.sizes == [16, 30, 52, 68]
    x = torch.randn(16, 4, dtype=torch.float64)
    parts = []
    for k in range(4):
        source, target = conv.template.relation(conv.template.edge_index, k)
        m = torch.full((16, 16), -torch.inf, dtype=torch.float64)
        m[target, source] = conv.template.relation(conv.edge_weight, k)
        parts.append(m.softmax(1) @ x @ conv.weights[k][0])
    torch.testing.assert_close(conv(x), torch.cat(parts, dim=1) + conv.bias)


def test_wrong_arguments_raise():
    with pytest.raises(ValueError, match="'concat' or 'add', got 'mean'"):
        HighOrderConv(4, 6, H36M, fusion="mean")
