import pytest
import torch

from pyg_skeleton.metrics import MeanGraphs


def test_means_of_batches():
    torch.manual_seed(0)
    graph, label = torch.randn(12, 4, 4), torch.tensor([0, 2, 2, 0, 0, 2, 0, 2, 2, 2, 0, 2])
    metric = MeanGraphs(num_classes=3, num_joints=4)
    for start in range(0, 12, 5):
        metric.update(graph[start : start + 5], label[start : start + 5])
    means = metric.compute()
    torch.testing.assert_close(means[0], graph[label == 0].double().mean(0))
    torch.testing.assert_close(means[2], graph[label == 2].double().mean(0))
    assert means[1].isnan().all()
    metric.reset()
    metric.update(graph[:1], label[:1])
    assert torch.equal(metric.compute()[0], graph[0].double())


def test_gradients_do_not_pile_up():
    metric = MeanGraphs(1, 2)
    metric.update(torch.ones(1, 2, 2, requires_grad=True), torch.tensor([0]))
    assert not metric.compute().requires_grad


def test_wrong_input():
    metric = MeanGraphs(2, 4)
    with pytest.raises(ValueError, match=r"graph must be \[N, 4, 4\], got \[2, 3, 4, 4\]; average"):
        metric.update(torch.zeros(2, 3, 4, 4), torch.tensor([0, 1]))
    with pytest.raises(ValueError, match="label must be from 0 to 1, got 0 to 2"):
        metric.update(torch.zeros(2, 4, 4), torch.tensor([0, 2]))
    bad = torch.zeros(2, 4, 4)
    bad[1, 0, 0] = torch.nan
    with pytest.raises(ValueError, match="the graph of clip 1 is not finite"):
        metric.update(bad, torch.tensor([0, 1]))
