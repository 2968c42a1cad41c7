"""A layer that infers graphs can infer one from each frame."""

import pytest
import torch

from pyg_skeleton.nn import AdaptiveGraphConv, CTRGConv


@pytest.mark.parametrize("kind", [AdaptiveGraphConv, CTRGConv])
def test_graphs_of_frames(skeleton, kind):
    conv = kind(8, 12, skeleton, mask_edges=True).double()
    for parameter in conv.parameters():
        torch.nn.init.normal_(parameter, 0, 0.5)
    x = torch.randn(18, 5, 8, dtype=torch.double)
    edges = skeleton.edge_index()[:, 2:]
    edges = torch.cat([edges, edges + 9], dim=1)
    weight = torch.rand(edges.size(1), dtype=torch.double)
    given = ((), (edges,), (edges, weight))
    expected = [torch.cat([conv(x[:, t : t + 1], *g) for t in range(5)], dim=1) for g in given]
    of_clip = conv(x)
    conv.frame_graphs = True
    for arguments, frames in zip(given, expected, strict=True):
        torch.testing.assert_close(conv(x, *arguments), frames)
    assert not torch.allclose(of_clip, expected[0])
    static = x.view(2, 9, 5, 8).transpose(0, 1)
    out = conv(static).transpose(0, 1).flatten(0, 1)
    torch.testing.assert_close(out, expected[0])
