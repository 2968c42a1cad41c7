import pytest
import torch

from pyg_skeleton.nn import DynamicHCSFConv, HCSFConv
from pyg_skeleton.skeleton import Skeleton

H36M = Skeleton.get("h36m16")


LCN17 = Skeleton.get("h36m17-lcn")


def test_dynamic_without_a_say_is_static():
    conv = DynamicHCSFConv(4, 8, LCN17)  # alpha starts at zero
    static = HCSFConv(4, 8, LCN17)
    static.load_state_dict({k: v for k, v in conv.state_dict().items() if "graph" not in k})
    x = torch.randn(2 * 17, 5, 4)
    torch.testing.assert_close(conv(x), static(x))
    free = DynamicHCSFConv(4, 8, LCN17, support="free", offset=False)
    assert free.template.sizes == [289, 289]
    assert int(free.graph.base.sum()) == sum(static.template.sizes)
    dense = DynamicHCSFConv(4, 8, LCN17, support="free", offset=False, init="dense")
    assert int(dense.graph.base.sum()) == 2 * 289
    only = DynamicHCSFConv(4, 8, LCN17, init="none", alpha=1.0, learn_alpha=False)
    assert only.graph.base is None
    assert not any(name.endswith("alpha") for name, _ in only.named_parameters())


def test_wrong_arguments_raise():
    with pytest.raises(ValueError, match="got 'one'"):
        DynamicHCSFConv(4, 6, H36M, init="one")
    with pytest.raises(ValueError, match="got none"):
        DynamicHCSFConv(4, 6, H36M, init="none", offset=False)
    with pytest.raises(ValueError, match="'masked' or 'free', got 'all'"):
        DynamicHCSFConv(4, 6, H36M, support="all")
