import numpy as np
import pytest
import torch

from pyg_skeleton.metrics import AUC, auc, pck_3d


def test_by_hand():
    target = torch.zeros(1, 4, 3)
    prediction = target.clone()
    prediction[0, 1:, 0] = torch.tensor([5.0, 147.0, 200.0])
    # Passed thresholds: 30 by the root, 10 to 150 by 5 mm, only 150 by 147 mm, none by 200 mm.
    assert auc(prediction, target).item() == pytest.approx((30 + 29 + 1 + 0) / 4 / 31)


def test_is_the_mean_of_pck():
    generator = torch.Generator().manual_seed(0)
    prediction, target = 60 * torch.randn(2, 8, 17, 3, generator=generator)
    thresholds = np.linspace(0, 150, 31)
    expected = np.mean([pck_3d(prediction, target, float(t)).mean() for t in thresholds])
    metric = AUC()
    metric.update(prediction, target)
    assert metric.compute().item() == pytest.approx(expected)
    assert 0 < expected < 1
