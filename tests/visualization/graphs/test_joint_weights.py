import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex

from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.visualization import plot_joint_weights
from pyg_skeleton.visualization.graphs.joint_weights import REGIONS, _apart, joint_weights


@pytest.fixture
def chain():
    """A graph of three joints in a row and what two layers learned."""
    skeleton = Skeleton("chain", ["a", "b", "c"], [("b", "a"), ("c", "b")], "a")
    one = [[0.9, 0.1, 0.0], [0.2, 0.3, 0.5], [0.0, 0.4, 0.6]]
    two = [[0.5, 0.5, 0.0], [0.1, 0.1, 0.8], [0.0, 0.8, 0.2]]
    return skeleton, torch.tensor([one, two])


def test_statistics_by_hand(chain):
    _, weights = chain
    average, start = joint_weights(weights, 3, "self")
    np.testing.assert_allclose(average, [0.7, 0.2, 0.4], rtol=1e-6)
    np.testing.assert_allclose(start, [1 / 2, 1 / 3, 1 / 2])
    average, start = joint_weights(weights, 3, "given")
    expected = [(1.1 / 2 + 0.6 / 2) / 2, (0.8 / 3 + 1.4 / 3) / 2, (1.1 / 2 + 1.0 / 2) / 2]
    np.testing.assert_allclose(average, expected, rtol=1e-6)
    np.testing.assert_allclose(start, [5 / 12, 4 / 9, 5 / 12])


def test_bars_regions_and_ratios(chain, draws):
    skeleton, weights = chain
    figure = plot_joint_weights(weights, skeleton, limits=(0.3, 0.5), title="chain")
    bars, regions, ratios = figure.axes[:3]
    assert [bar.get_width() for bar in bars.patches] == pytest.approx([0.7, 0.2, 0.4])
    shades = [REGIONS[2], REGIONS[0], REGIONS[1]]
    assert [to_hex(bar.get_facecolor()).upper() for bar in bars.patches] == shades
    assert [line.get_xdata()[0] for line in bars.lines] == pytest.approx([1 / 2, 1 / 3, 1 / 2])
    assert [text.get_text() for text in regions.texts] == [".70", ".20", ".40"]
    assert [text.get_text() for text in ratios.texts] == ["1.40", ".60", ".80"]
    draws(figure)


@pytest.mark.parametrize("name", ["h36m16", "h36m17", "ntu25"])
@pytest.mark.parametrize("statistic", ["self", "given"])
def test_uniform_weights_are_all_start(name, statistic, draws):
    skeleton = Skeleton.get(name)
    edge = torch.eye(skeleton.num_joints)
    edge[tuple(skeleton.edge_index().flip(0))] = 1
    figure = plot_joint_weights([edge / edge.sum(1, keepdim=True)], skeleton, statistic)
    assert {text.get_text() for text in figure.axes[2].texts} == {"1.00"}
    draws(figure)


def test_circles_do_not_hide_each_other():
    points = np.random.default_rng(0).uniform(size=(25, 2))
    moved = _apart(points, 0.12)
    distance = np.linalg.norm(moved[:, None] - moved, axis=-1) + 10 * np.eye(25)
    assert distance.min() > 0.11
    np.testing.assert_array_equal(_apart(points, 1e-6), points)


def test_wrong_input(chain):
    skeleton, weights = chain
    with pytest.raises(ValueError, match="statistic must be 'self' or 'given', got 'received'"):
        plot_joint_weights(weights, skeleton, "received")
    for bad in (-weights, weights * (1 - torch.eye(3))):
        with pytest.raises(ValueError, match="'layer 1' must be positive from each joint to its"):
            plot_joint_weights(bad, skeleton)
    with pytest.raises(ValueError, match=r"must be \[3, 3\] .* got \[2, 2\]"):
        plot_joint_weights(weights[:, :2, :2], skeleton)
