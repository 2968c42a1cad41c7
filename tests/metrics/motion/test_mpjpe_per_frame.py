import pytest
import torch

from pyg_skeleton.metrics import MPJPEPerFrame


def test_equals_the_definition():
    generator = torch.Generator().manual_seed(0)
    prediction, target = torch.randn(2, 6, 5, 4, 3, generator=generator)
    metric = MPJPEPerFrame(5)
    metric.update(prediction[:2], target[:2])
    metric.update(prediction[2:], target[2:])
    expected = [
        sum(
            float(torch.dist(prediction[i, t, v], target[i, t, v]))
            for i in range(6)
            for v in range(4)
        )
        / 24
        for t in range(5)
    ]
    assert metric.compute().tolist() == pytest.approx(expected)


def test_root_alignment_forgives_a_shift():
    target = torch.randn(2, 3, 4, 3)
    metric = MPJPEPerFrame(3, root=1)
    metric.update(target + torch.tensor([1.0, -2.0, 3.0]), target)
    assert metric.compute().tolist() == pytest.approx([0.0] * 3, abs=1e-6)


def test_mask():
    target = torch.zeros(1, 1, 2, 3)
    prediction = torch.tensor([[[[3.0, 4.0, 0.0], [torch.nan] * 3]]])
    metric = MPJPEPerFrame(1)
    metric.update(prediction, target, mask=torch.tensor([[[True, False]]]))
    assert metric.compute().item() == 5.0
