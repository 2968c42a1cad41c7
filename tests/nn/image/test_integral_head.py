import torch

from pyg_skeleton.nn import IntegralHead, soft_argmax
from pyg_skeleton.testing import assert_all_parameters_get_gradients, assert_state_dict_round_trip


def test_as_in_the_paper():
    """A ResNet-50's last map of a 256 x 256 image gives heat maps of 64 x 64."""
    head = IntegralHead(2048, 16)
    x = torch.randn(1, 2048, 8, 8)
    assert head.heatmaps(x).shape == (1, 16, 64, 64)
    assert head(x).shape == (16, 2)
    weights = 2048 * 256 * 16 + 2 * 256 * 256 * 16 + 256 * 16
    assert sum(p.numel() for p in head.parameters()) == weights + 3 * 2 * 256 + 16


def test_joints_in_the_order_of_nodes():
    head = IntegralHead(6, 3, hidden_channels=4).eval()
    x = torch.randn(2, 6, 2, 3)
    maps = head.heatmaps(x)
    assert maps.shape == (2, 3, 16, 24)
    torch.testing.assert_close(head(x), soft_argmax(maps).reshape(6, 2))
    # Images have nothing to do with each other.
    torch.testing.assert_close(head(x[1:]), head(x)[3:])


def test_starts_in_the_middle():
    """Near uniform heat maps, whose mean place is half a cell from the middle."""
    out = IntegralHead(6, 3, hidden_channels=4)(torch.randn(2, 6, 2, 2))
    torch.testing.assert_close(out, torch.full((6, 2), -0.5 / 16), rtol=0, atol=1e-3)


def test_trains_and_saves():
    x = torch.randn(2, 6, 2, 3)
    assert_all_parameters_get_gradients(IntegralHead(6, 3, hidden_channels=4, num_layers=1), x)
    assert_state_dict_round_trip(lambda: IntegralHead(6, 3, hidden_channels=4), x)


def test_no_deconvolution():
    head = IntegralHead(6, 3, num_layers=0)
    assert head(torch.randn(2, 6, 4, 4)).shape == (6, 2)
    assert repr(head) == "IntegralHead(6, 3)"
    assert repr(IntegralHead(96, 16, 64)) == "IntegralHead(96, 16)"
