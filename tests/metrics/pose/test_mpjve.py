import numpy as np
import pytest
import torch

from pyg_skeleton.metrics import MPJVE, mpjve


def random_clips():
    generator = torch.Generator().manual_seed(0)
    prediction, target = 300 * torch.randn(2, 11, 17, 3, generator=generator).double()
    return prediction, target, torch.tensor([5, 5, 5, 5, 2, 8, 8, 8, 8, 8, 8])


def test_by_hand():
    target = torch.zeros(4, 2, 3)
    prediction = torch.zeros(4, 2, 3)
    prediction[:, 1, 0] = torch.tensor([0.0, 3.0, 3.0, 13.0])  # the other joint is the root
    assert mpjve(prediction, target, torch.zeros(4)).tolist() == [1.5, 0.0, 5.0]
    assert mpjve(prediction, target, torch.tensor([0, 0, 1, 1])).tolist() == [1.5, 5.0]


def test_equals_differences_of_each_sequence_by_itself():
    prediction, target, sequence = random_clips()
    expected = []
    for number in (5, 2, 8):
        p, g = (x[sequence == number].numpy() for x in (prediction, target))
        p, g = p - p[:, :1], g - g[:, :1]
        expected += list(np.linalg.norm(np.diff(p, axis=0) - np.diff(g, axis=0), axis=2).mean(1))
    assert len(expected) == 3 + 0 + 5
    np.testing.assert_allclose(mpjve(prediction, target, sequence).numpy(), expected)
    metric = MPJVE()
    metric.update(prediction, target, sequence)
    assert metric.compute().item() == pytest.approx(np.mean(expected))


def test_a_constant_offset_is_no_velocity():
    _, target, sequence = random_clips()
    offset = torch.randn(17, 3).double()
    assert mpjve(target + offset, target, sequence).max() < 1e-9


def test_reset_forgets_the_last_pose():
    prediction, target, sequence = random_clips()
    metric = MPJVE()
    metric.update(prediction[:2], target[:2], sequence[:2])
    metric.reset()
    metric.update(prediction[2:4], target[2:4], sequence[2:4])
    assert metric.count == 1
    assert metric.compute() == mpjve(prediction[2:4], target[2:4], sequence[2:4])[0]


def test_needs_sequences_in_order():
    prediction, target, sequence = random_clips()
    with pytest.raises(ValueError, match="sequence must hold the sequence of 11 poses, got none"):
        MPJVE().update(prediction, target)
    with pytest.raises(ValueError, match=r"sequence of 11 poses, got \[10\]"):
        MPJVE().update(prediction, target, sequence[:10])
    sequence[10] = 2
    with pytest.raises(ValueError, match="in the order of time, got a sequence in several pieces"):
        mpjve(prediction, target, sequence)
