import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from pyg_skeleton.metrics import mpjpe, n_mpjpe


def random_poses(seed, num_poses=5):
    generator = torch.Generator().manual_seed(seed)
    target = 300 * torch.randn(num_poses, 17, 3, generator=generator).double()
    return target + 80 * torch.randn(num_poses, 17, 3, generator=generator).double(), target


def test_the_scale_is_the_best_one():
    prediction, target = random_poses(0)
    prediction = 1.7 * prediction + 250  # nor does a shift matter
    errors = n_mpjpe(prediction, target).numpy()
    for p, g, error in zip(prediction.numpy(), target.numpy(), errors, strict=True):
        p, g = p - p[0], g - g[0]
        best = minimize_scalar(lambda s, p=p, g=g: ((s * p - g) ** 2).sum(), tol=1e-12)
        np.testing.assert_allclose(error, np.linalg.norm(best.x * p - g, axis=1).mean(), rtol=1e-6)


@settings(max_examples=30)
@given(scale=st.floats(1e-3, 1e3), seed=st.integers(0, 99))
def test_is_invariant_to_scale_and_perfect_for_a_scaled_target(scale, seed):
    prediction, target = random_poses(seed)
    torch.testing.assert_close(n_mpjpe(scale * prediction, target), n_mpjpe(prediction, target))
    assert n_mpjpe(scale * target, target).max() < 1e-9
    assert mpjpe(scale * target, target).min() >= abs(scale - 1) * 50


def test_a_reflected_pose_stays_wrong():
    _, target = random_poses(1)
    expected = mpjpe(torch.zeros_like(target), target)
    torch.testing.assert_close(n_mpjpe(-target, target), expected)


def test_a_pose_in_one_point():
    _, target = random_poses(2)
    point = torch.ones_like(target)
    torch.testing.assert_close(n_mpjpe(point, target), mpjpe(point, target))
    assert n_mpjpe(target, point).max() < 1e-9  # shrinks to it
