from pyg_skeleton.nn import HighOrderConv
from pyg_skeleton.nn.models import HighOrderGCN
from pyg_skeleton.skeleton import Skeleton

H36M = Skeleton.get("h36m16")


def test_high_order_gcn_adds_hops_up_at_the_end():
    model = HighOrderGCN(H36M, hidden_channels=5, num_blocks=1)
    assert model.input.conv.out_channels == 20
    assert [c.in_channels for c in model.graph_convs()] == [20, 20]
    assert isinstance(model.output, HighOrderConv)
    assert model.output.out_channels == 3
    # Pairs that walks of 0 to 3 steps join, as the authors have them.
    assert model.output.template.sizes == [16, 30, 52, 68]
