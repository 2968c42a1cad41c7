import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.spatial import procrustes
from scipy.spatial.transform import Rotation

from pyg_skeleton.metrics import mpjpe, n_mpjpe, pa_mpjpe, procrustes_align


def random_poses(seed, num_poses=6, noise=60.0):
    generator = torch.Generator().manual_seed(seed)
    target = 300 * torch.randn(num_poses, 17, 3, generator=generator).double()
    return target + noise * torch.randn(num_poses, 17, 3, generator=generator).double(), target


def rotations(num_poses, seed):
    return torch.from_numpy(Rotation.random(num_poses, seed).as_matrix())


def test_equals_scipy():
    # Close enough to the target that the best orthogonal matrix, which scipy takes, is a rotation.
    prediction, target = random_poses(0)
    prediction = 0.3 * prediction @ rotations(6, 1) + 1000
    errors = pa_mpjpe(prediction, target).numpy()
    for p, g, error in zip(prediction.numpy(), target.numpy(), errors, strict=True):
        one, two, _ = procrustes(g, p)  # both centered, the target of norm one
        expected = np.linalg.norm(one - two, axis=1).mean() * np.linalg.norm(g - g.mean(0))
        np.testing.assert_allclose(error, expected, rtol=1e-9)


def test_no_similarity_is_closer_not_even_for_mirrored_poses():
    _, target = random_poses(3, num_poses=4)
    other, _ = random_poses(4, num_poses=4)
    for prediction in (other, target * torch.tensor([-1.0, 1.0, 1.0])):
        aligned = procrustes_align(prediction, target)
        for p, g, found in zip(prediction.numpy(), target.numpy(), aligned.numpy(), strict=True):

            def square(x, p=p / 300, g=g / 300):
                turned = p @ Rotation.from_rotvec(x[:3]).as_matrix()
                return ((x[3] ** 2 * turned + x[4:] - g) ** 2).sum()

            starts = Rotation.random(12, 0).as_rotvec()
            best = min(minimize(square, np.r_[start, 1, 0, 0, 0]).fun for start in starts)
            assert ((found / 300 - g / 300) ** 2).sum() == pytest.approx(best, rel=1e-6)


def test_a_mirrored_pose_stays_wrong():
    _, target = random_poses(1)
    mirrored = target * torch.tensor([-1.0, 1.0, 1.0])
    assert pa_mpjpe(mirrored, target).min() > 100
    turned = target * torch.tensor([-1.0, 1.0, -1.0])
    assert pa_mpjpe(turned, target).max() < 1e-9


@settings(max_examples=40)
@given(
    scale=st.floats(1e-3, 1e3),
    shift=st.lists(st.floats(-5000, 5000), min_size=3, max_size=3),
    seed=st.integers(0, 999),
    noise=st.sampled_from([0.0, 60.0, 1000.0]),
)
def test_is_invariant_to_similarities_of_the_prediction(scale, shift, seed, noise):
    prediction, target = random_poses(seed, num_poses=3, noise=noise)
    moved = scale * prediction @ rotations(3, seed) + torch.tensor(shift, dtype=torch.float64)
    torch.testing.assert_close(
        pa_mpjpe(moved, target), pa_mpjpe(prediction, target), rtol=1e-6, atol=1e-6
    )
    turn = rotations(3, seed + 1)
    torch.testing.assert_close(
        pa_mpjpe(prediction, target @ turn + 70), pa_mpjpe(prediction, target), rtol=1e-6, atol=1e-6
    )


@settings(max_examples=20)
@given(seed=st.integers(0, 999), noise=st.sampled_from([10.0, 100.0, 1000.0]))
def test_the_more_is_aligned_the_smaller_is_the_square_error(seed, noise):
    prediction, target = random_poses(seed, noise=noise)
    aligned = (procrustes_align(prediction, target) - target).square().sum((1, 2))
    p, g = (x - x.mean(1, keepdim=True) for x in (prediction, target))
    scale = (p * g).sum((1, 2), keepdim=True) / p.square().sum((1, 2), keepdim=True)
    assert (aligned <= (scale.clamp(min=0) * p - g).square().sum((1, 2)) + 1e-6).all()


@pytest.mark.parametrize("rank", [0, 1, 2])
def test_flat_poses(rank):
    """All joints in a point, a line or a plane: of the prediction, of the target, of both."""
    prediction, target = random_poses(5)
    flat = torch.zeros(3, 3, dtype=torch.float64)
    flat[:rank] = rotations(1, 7)[0, :rank]
    poses = {"whole": (prediction, target), "flat": (prediction @ flat, target @ flat)}
    for p in poses:
        for g in poses:
            error = pa_mpjpe(poses[p][0], poses[g][1])
            assert error.isfinite().all()
            centered = poses[g][1] - poses[g][1].mean(1, keepdim=True)
            off = procrustes_align(poses[p][0], poses[g][1]) - poses[g][1]
            assert (off.square().sum((1, 2)) <= centered.square().sum((1, 2)) * (1 + 1e-9)).all()
    same = poses["flat"][1]
    mirrored = 3 * same @ rotations(6, 8) * torch.tensor([-1.0, 1.0, 1.0]) - 20
    assert pa_mpjpe(mirrored, same).max() < 1e-6  # in a plane mirroring is a rotation
    if rank == 0:
        center = target.mean(1, keepdim=True).expand_as(target)
        torch.testing.assert_close(procrustes_align(poses["flat"][0], target), center)


def test_nan_leaves_other_poses_alone():
    prediction, target = random_poses(6)
    expected = procrustes_align(prediction, target)
    prediction[2, 3, 0] = torch.nan
    prediction[4, 0] = torch.inf
    aligned = procrustes_align(prediction, target)
    nan = aligned.isnan().flatten(1).any(1)
    assert nan.tolist() == [False, False, True, False, True, False]
    torch.testing.assert_close(aligned[~nan], expected[~nan])


def test_between_the_other_protocols():
    prediction, target = random_poses(8)
    wrong = 1.2 * prediction
    assert (pa_mpjpe(wrong, target) < n_mpjpe(wrong, target)).all()
    assert (n_mpjpe(wrong, target) < mpjpe(wrong, target)).all()


def test_single_precision_in_double_out():
    prediction, target = random_poses(9)
    error = pa_mpjpe(prediction.float(), target.float())
    assert error.dtype == torch.float64
    torch.testing.assert_close(error, pa_mpjpe(prediction, target), rtol=1e-5, atol=1e-4)
