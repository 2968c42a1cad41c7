import pytest
import torch

from pyg_skeleton.nn import MixHopConv
from pyg_skeleton.skeleton import Skeleton

H36M = Skeleton.get("h36m16")


LCN17 = Skeleton.get("h36m17-lcn")


def test_mix_hop_is_the_printed_equation():
    conv = MixHopConv(4, 7, LCN17, hops=(1, 2, 3)).double()
    assert conv.widths == (3, 2, 2)
    x = torch.randn(17, 4, dtype=torch.float64)
    parts = [
        (LCN17.distances <= k).double() @ x @ w[0]
        for k, w in zip((1, 2, 3), conv.weights, strict=True)
    ]
    torch.testing.assert_close(conv(x), torch.cat(parts, dim=1))
    mean = MixHopConv(4, 7, LCN17, hops=(1, 2), fusion="mean").double()
    parts = [
        (LCN17.distances <= k).double() @ x @ w[0]
        for k, w in zip((1, 2), mean.weights, strict=True)
    ]
    torch.testing.assert_close(mean(x), sum(parts) / 2)


def test_wrong_arguments_raise():
    with pytest.raises(ValueError, match="expected 1 to 2 hops"):
        MixHopConv(4, 2, H36M)
    with pytest.raises(ValueError, match="'concat' or 'mean', got 'add'"):
        MixHopConv(4, 6, H36M, fusion="add")
