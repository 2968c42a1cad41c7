import re

import pytest
import torch
from torchmetrics import MetricCollection

from pyg_skeleton.metrics import AUC, MPJPE, MPJVE, NMPJPE, PAMPJPE, PCK3D

ALL = [MPJPE, PAMPJPE, NMPJPE, MPJVE, PCK3D, AUC]


@pytest.fixture
def poses():
    """Predictions and targets in millimeters, and two recordings."""
    generator = torch.Generator().manual_seed(0)
    target = 300 * torch.randn(12, 17, 3, generator=generator)
    prediction = target + 60 * torch.randn(12, 17, 3, generator=generator)
    return prediction, target, torch.tensor([4] * 7 + [9] * 5)


@pytest.mark.parametrize("kind", ALL)
def test_does_not_depend_on_the_batches(kind, poses):
    whole = kind()
    whole.update(*poses)
    for sizes in ([5, 5, 2], [7, 5], [1] * 12):
        metric = kind()
        for batch in zip(*(x.split(sizes) for x in poses), strict=True):
            metric.update(*batch)
        torch.testing.assert_close(metric.compute(), whole.compute())
        assert metric.compute().dtype == torch.float64


@pytest.mark.parametrize("kind", ALL)
def test_forward_gives_the_batch_and_goes_on(kind, poses):
    whole, metric, part = kind(), kind(), kind()
    whole.update(*poses)
    first, second = zip(*(x.split([5, 7]) for x in poses), strict=True)
    metric(*first)
    part.update(*second)
    torch.testing.assert_close(metric(*second), part.compute())
    torch.testing.assert_close(metric.compute(), whole.compute())
    metric.reset()
    metric.update(*second)
    torch.testing.assert_close(metric.compute(), part.compute())


@pytest.mark.parametrize("kind", ALL)
def test_perfect_and_higher_is_better(kind, poses):
    prediction, target, sequence = poses
    perfect, worse = kind(), kind()
    perfect.update(target, target, sequence)
    worse.update(prediction, target, sequence)
    best = {PCK3D: 1.0, AUC: 30 / 31}.get(kind, 0.0)
    assert perfect.compute().item() == pytest.approx(best, abs=1e-5)
    assert (worse.compute() < perfect.compute()) == kind.higher_is_better


def test_root_moves_what_it_aligns(poses):
    _, target, sequence = poses
    shift = torch.zeros(17, 3)
    shift[3] = torch.tensor([30.0, 40.0, 0.0])  # one joint is 50 mm off
    wrong = target + shift
    for kind, at_0, at_3 in ((MPJPE, 50 / 17, 800 / 17), (PCK3D, 1.0, 1.0)):
        for root, expected in ((0, at_0), (3, at_3)):
            metric = kind(root=root)
            metric.update(wrong, target, sequence)
            assert metric.compute().item() == pytest.approx(expected, rel=1e-6)


def test_a_collection_takes_them_all(poses):
    metrics = MetricCollection([kind() for kind in ALL])
    metrics.update(*poses)
    assert set(metrics.compute()) == {kind.__name__ for kind in ALL}


def test_labels_name_the_protocol():
    assert MPJPE().label(17, "root-relative") == "MPJPE (17 joints, root-aligned, root-relative) mm"
    assert PAMPJPE().label(16) == "PA-MPJPE (16 joints, rigidly aligned) mm"
    assert NMPJPE().label(16) == "N-MPJPE (16 joints, scaled) mm"
    assert MPJVE().label(17) == "MPJVE (17 joints, root-aligned) mm/frame"
    assert PCK3D(100).label(17) == "PCK@100mm (17 joints, root-aligned)"
    assert AUC().label(14) == "AUC@0-150mm (14 joints, root-aligned)"


@pytest.mark.parametrize("kind", ALL)
def test_wrong_shapes(kind, poses):
    prediction, target, sequence = poses
    both = "prediction and target must both be [N, V, 3], got"
    for bad, message in (
        ((prediction[:, :16], target), f"{both} [12, 16, 3] and [12, 17, 3]"),
        ((prediction[:1], target), f"{both} [1, 17, 3] and [12, 17, 3]"),
        ((prediction[..., :2], target[..., :2]), f"{both} [12, 17, 2] and [12, 17, 2]"),
        ((prediction[0], target[0]), f"{both} [17, 3] and [17, 3]"),
    ):
        with pytest.raises(ValueError, match=re.escape(message)):
            kind().update(*bad, sequence)
    if kind is not PAMPJPE:
        with pytest.raises(ValueError, match="root must be a joint from 0 to 16, got 17"):
            kind(root=17).update(*poses)
