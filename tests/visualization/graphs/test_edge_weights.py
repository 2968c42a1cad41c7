import numpy as np
import pytest
import torch

from pyg_skeleton.nn import SemGConv
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.visualization import plot_edge_weights
from pyg_skeleton.visualization.graphs.edge_weights import short_name


@pytest.fixture
def skeleton():
    return Skeleton.get("h36m17")


@pytest.fixture
def learned(skeleton):
    """Row-wise softmax over each joint and its neighbors."""
    edge = torch.eye(17, dtype=torch.bool)
    edge[tuple(skeleton.edge_index().flip(0))] = True
    logits = torch.randn(3, 17, 17, generator=torch.Generator().manual_seed(0))
    return logits.masked_fill(~edge, -torch.inf).softmax(-1)


def images(figure):
    return [ax.images[0] for ax in figure.axes if ax.images]


def test_a_heat_map_for_each_layer(learned, skeleton, draws):
    figure = plot_edge_weights(learned, skeleton, title="all")
    maps = images(figure)
    assert [image.axes.get_title() for image in maps] == ["layer 1", "layer 2", "layer 3"]
    for image, weight in zip(maps, learned.numpy(), strict=True):
        shown = image.get_array()
        np.testing.assert_allclose(shown[weight > 0].filled(), weight[weight > 0])
        assert np.ma.getmaskarray(shown)[weight == 0].all()  # no edge is no weight
        assert image.get_clim() == (0, pytest.approx(learned.max().item()))
    first, other = (ax.yaxis.get_ticklabels() for ax in figure.axes[:2])
    assert first[5].get_text() == "L knee"
    assert not other
    draws(figure)


def test_relative_to_the_degree(learned, skeleton, draws):
    figure = plot_edge_weights({"a": learned[0]}, skeleton, relative=True)
    (image,) = images(figure)
    degree = {0: 4, 3: 2, 5: 3, 8: 5}  # pelvis, ankle, knee, thorax, themselves included
    for joint, count in degree.items():
        expected = np.log2(count * learned[0, joint, joint].item())
        assert image.get_array()[joint, joint] == pytest.approx(expected, rel=1e-5)
    low, high = image.get_clim()
    assert low == -high
    draws(figure)


def test_nothing_is_learned_at_the_start(skeleton, draws):
    for channelwise in (False, True):
        conv = SemGConv(2, 4, skeleton, channelwise=channelwise)
        figure = plot_edge_weights([conv.adjacency()], skeleton, relative=True)
        (image,) = images(figure)
        assert np.ma.abs(image.get_array()).max() < 1e-5
        assert image.get_array().count() == 17 + 2 * 16
        assert image.get_clim()[1] >= 0.01  # rounding errors are not painted
    draws(figure)


def test_weights_of_both_signs_and_channels(skeleton, draws):
    weight = torch.randn(4, 17, 17)
    (image,) = images(plot_edge_weights([weight], skeleton))
    np.testing.assert_allclose(image.get_array(), weight.mean(0), rtol=1e-5, atol=1e-7)
    most = weight.mean(0).abs().max().item()
    assert image.get_clim() == (pytest.approx(-most), pytest.approx(most))


@pytest.mark.parametrize("layers", [1, 5, 8])
def test_any_number_of_layers(layers, learned, skeleton, draws):
    figure = plot_edge_weights(learned[:1].expand(layers, -1, -1), skeleton)
    assert len(images(figure)) == layers
    for image in images(figure)[-min(layers, 3) :]:
        assert image.axes.xaxis.get_ticklabels()[0].get_text() == "pelvis"  # in the last row
    draws(figure)


def test_short_names():
    names = ["left_hand_tip", "right_hip", "head_top", "pelvis", "left", "rightmost_joint"]
    short = ["L hand tip", "R hip", "head top", "pelvis", "left", "rightmost joint"]
    assert [short_name(name) for name in names] == short


def test_wrong_input(learned, skeleton):
    with pytest.raises(ValueError, match="weights must hold at least one layer"):
        plot_edge_weights([], skeleton)
    with pytest.raises(ValueError, match=r"'layer 2' must be \[17, 17\] .* got \[16, 16\]"):
        plot_edge_weights([learned[0], learned[0, :16, :16]], skeleton)
    with pytest.raises(ValueError, match="weights 'a' must be finite"):
        plot_edge_weights({"a": learned[0].log()}, skeleton)
    with pytest.raises(ValueError, match="must not be negative to be relative to 1/degree"):
        plot_edge_weights([-learned[0]], skeleton, relative=True)
