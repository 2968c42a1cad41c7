import pytest
import torch

from pyg_skeleton.nn import DynamicHCSFConv
from pyg_skeleton.nn.conv.hop_graph import HopGraph
from pyg_skeleton.nn.sums.edge_template import EdgeTemplate
from pyg_skeleton.skeleton import Skeleton

LCN17 = Skeleton.get("h36m17-lcn")


def test_dynamic_graph_is_the_printed_equation():
    conv = DynamicHCSFConv(4, 8, LCN17, alpha=0.7, kernel_size=3).double()
    graph = conv.graph
    x = torch.randn(17, 5, 4, dtype=torch.float64)
    h = graph.embed(x)  # [17, 5, 2 * groups * 2]
    theta, phi = h.view(17, 5, 2, 2, 2).permute(2, 3, 0, 1, 4)
    edges = conv.template.edge_index
    expected = []
    for e, (j, i) in enumerate(edges.t().tolist()):
        g = int(e >= conv.template.sizes[0])
        product = (theta[g, i] * phi[g, j]).sum() / (5 * 2)
        expected.append(graph.base[e] + 0.7 * product.tanh())
    torch.testing.assert_close(graph(x)[0], torch.stack(expected))
    assert graph.base.eq(1).all()


@pytest.mark.parametrize(("init", "total"), [("ori", 2), ("dense", 4)])
def test_first_weights(init, total):
    template = EdgeTemplate([torch.tensor([[0, 1, 0, 1], [0, 0, 1, 1]])], 2)
    hop = torch.tensor([1.0, 0.0, 0.0, 1.0])
    graph = HopGraph(3, 4, template, hop, init, offset=False)
    assert graph.base.sum() == total
    assert graph(torch.zeros(4, 3)) is graph.base
    with pytest.raises(ValueError, match="'ori', 'dense', 'rand' or 'none', got 'eye'"):
        HopGraph(3, 4, template, hop, "eye")
    with pytest.raises(ValueError, match=r"a graph of edges .* or of features .*, got none"):
        HopGraph(3, 4, template, hop, "none", offset=False)
