import pytest
import torch
from torch_geometric.explain import Explanation

from pyg_skeleton.skeleton import BodyGraph, Skeleton
from pyg_skeleton.skeleton.edges import union_edges
from pyg_skeleton.visualization import explainer_to_skeleton
from pyg_skeleton.visualization.graphs.explanation import edge_shares, joint_shares


def explanation(skeleton, bodies=2, **masks):
    return Explanation(edge_index=union_edges(skeleton, bodies), **masks)


def test_masks_are_averaged_over_features_directions_and_bodies(skeleton):
    nodes = torch.zeros(50, 4)
    nodes[3], nodes[28] = -1.0, 3.0  # joint 3 of both bodies
    nodes[5, 0] = 4.0
    edges = union_edges(skeleton, 2)
    mask = torch.zeros(edges.size(1))
    a, b = skeleton.edges[7]
    mask[((edges[0] == a) & (edges[1] == b)).nonzero()] = 1.0
    mask[((edges[0] == b + 25) & (edges[1] == a + 25)).nonzero()] = -1.0
    c, d = skeleton.edges[2]
    mask[((edges[0] == c) & (edges[1] == d)).nonzero()] = 0.5
    given = explanation(skeleton, node_mask=nodes, edge_mask=mask)
    joints = joint_shares(given, 25)
    assert joints[[3, 5, 0]].tolist() == [1.0, 0.25, 0.0]
    shares = edge_shares(given, skeleton)
    assert shares[[7, 2, 0]].tolist() == [1.0, 0.25, 0.0]


def test_drawing(skeleton, draws):
    nodes, edges = torch.arange(25.0).view(25, 1), torch.arange(48.0)
    figure = explainer_to_skeleton(
        explanation(skeleton, 1, node_mask=nodes, edge_mask=edges), "ntu25"
    )
    draws(figure)
    ax = figure.axes[0]
    widths = [line.get_linewidth() for line in ax.lines]
    assert max(widths) == 8.0
    shares = edge_shares(explanation(skeleton, 1, edge_mask=edges), skeleton)
    assert widths == pytest.approx((1 + 7 * shares).tolist())
    assert ax.collections[0].get_sizes().argmax() == 24
    assert [text.get_text() for text in ax.texts] == [
        skeleton.joints[joint].replace("_", " ") for joint in (24, 23, 22)
    ]


def test_edge_mask_alone_names_no_joint(skeleton, draws):
    figure = explainer_to_skeleton(
        explanation(skeleton, edge_mask=torch.ones(96)), skeleton, title="x"
    )
    draws(figure)
    assert not figure.axes[0].texts


def test_any_graph(draws):
    hands = BodyGraph("hands", list("abcd"), [("a", "b"), ("c", "d")])
    given = explanation(hands, 1, edge_mask=torch.rand(4))
    draws(explainer_to_skeleton(given, hands, positions=torch.rand(4, 2)))
    with pytest.raises(ValueError, match="a drawing without positions needs a skeleton"):
        explainer_to_skeleton(given, hands)


def test_one_line_for_what_does_not_fit(skeleton):
    with pytest.raises(ValueError, match="with node_mask or edge_mask"):
        explainer_to_skeleton(explanation(skeleton), skeleton)
    with pytest.raises(ValueError, match="node_mask of bodies of 17, got 50 nodes"):
        explainer_to_skeleton(explanation(skeleton, node_mask=torch.ones(50, 1)), "h36m17")
    with pytest.raises(ValueError, match=r"edge \d+ -> \d+ of the explanation is none of 'coco17'"):
        explainer_to_skeleton(
            explanation(skeleton, edge_mask=torch.ones(96)), Skeleton.get("coco17")
        )
    with pytest.raises(ValueError, match="masks of finite numbers"):
        explainer_to_skeleton(
            explanation(skeleton, edge_mask=torch.full((96,), torch.nan)), skeleton
        )
