import torch

from pyg_skeleton.nn import SmallResNet


def test_maps():
    maps = SmallResNet()(torch.randn(2, 3, 64, 96))
    sizes = [(16, 32, 48), (32, 16, 24), (48, 8, 12), (64, 4, 6), (96, 2, 3)]
    assert [tuple(x.shape) for x in maps] == [(2, *size) for size in sizes]


def test_every_parameter_learns():
    network = SmallResNet((4, 6, 8))
    sum(x.square().sum() for x in network(torch.randn(2, 3, 16, 16))).backward()
    assert all(p.grad is not None and float(p.grad.abs().sum()) > 0 for p in network.parameters())


def test_one_image_at_a_time():
    network = SmallResNet((4, 6, 8)).eval()
    images = torch.randn(2, 3, 16, 16)
    for both, one in zip(network(images), network(images[:1]), strict=True):
        torch.testing.assert_close(both[:1], one)
