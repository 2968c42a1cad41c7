import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.autograd import gradcheck, gradgradcheck

from pyg_skeleton.skeleton.rotation import (
    axis_angle_to_matrix,
    axis_angle_to_quaternion,
    euler_to_matrix,
    matrix_to_axis_angle,
    matrix_to_euler,
    matrix_to_quaternion,
    quaternion_to_axis_angle,
    quaternion_to_matrix,
)

PI = math.pi


def double(*rows: list[float]) -> Tensor:
    return torch.tensor(rows, dtype=torch.float64)


def literature_matrix(r: np.ndarray) -> np.ndarray:
    """Rodrigues as the protocol writes it, one vector at a time, with its epsilon."""
    theta = np.linalg.norm(r)
    u = r / (theta + np.finfo(np.float32).eps)
    k = np.array([[0, -u[2], u[1]], [u[2], 0, -u[0]], [-u[1], u[0], 0]])
    return np.eye(3) + np.sin(theta) * k + (1 - np.cos(theta)) * k @ k


def literature_euler(matrix: np.ndarray) -> list[float]:
    """The Euler angles as the protocol writes them, branch by branch."""
    if abs(matrix[0, 2]) == 1:
        delta = math.atan2(matrix[0, 1], matrix[0, 2])
        return [delta, PI / 2 if matrix[0, 2] == -1 else -PI / 2, 0.0]
    e2 = -math.asin(matrix[0, 2])
    c = math.cos(e2)
    e1 = math.atan2(matrix[1, 2] / c, matrix[2, 2] / c)
    return [e1, e2, math.atan2(matrix[0, 1] / c, matrix[0, 0] / c)]


coordinate = st.floats(-6.0, 6.0, allow_subnormal=False) | st.sampled_from(
    [0.0, 1e-300, 1e-12, 1e-6, 0.05, 0.1, PI / 2, PI, 2 * PI]
)
vectors = st.tuples(coordinate, coordinate, coordinate)
scales = st.sampled_from([1.0, 1e-2, 1e-5, 1e-9, 0.0])


@pytest.mark.parametrize(
    ("vector", "euler"),
    [
        ((0.1, 0.2, 0.3), (-0.069642, -0.211771, -0.293846)),
        ((1.0, -2.0, 0.5), (-2.304479, 0.521147, -1.978179)),
        ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0)),
        ((3.5, 0.2, -1.0), (2.606539, 0.547394, -0.039437)),
    ],
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_published_test_vectors(vector, euler, dtype):
    out = matrix_to_euler(axis_angle_to_matrix(torch.tensor(vector, dtype=dtype)))
    assert out.dtype == dtype
    assert out.tolist() == pytest.approx(euler, abs=1e-6 if dtype == torch.float64 else 2e-6)


@given(vectors)
def test_equals_the_protocol_step_by_step(vector):
    matrix = literature_matrix(np.array(vector))
    ours = axis_angle_to_matrix(double(list(vector)))
    np.testing.assert_allclose(ours[0].numpy(), matrix, atol=5e-7)
    exact = ours[0].numpy()
    if abs(exact[0, 2]) < 1 - 1e-9:  # nearer to the pole arcsin itself has lost its digits
        np.testing.assert_allclose(
            np.exp(1j * matrix_to_euler(ours)[0].numpy()),
            np.exp(1j * np.array(literature_euler(exact))),
            atol=1e-6,
        )


@pytest.mark.parametrize(("r02", "e1", "e2"), [(1.0, 0.0, -PI / 2), (-1.0, PI, PI / 2)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_gimbal_branch(r02, e1, e2, dtype):
    turn = 0.7
    c, s = math.cos(turn), math.sin(turn)
    matrix = torch.tensor([[0, 0, r02], [-r02 * s, c, 0], [-r02 * c, -s, 0]], dtype=dtype)
    assert torch.allclose(matrix @ matrix.T, torch.eye(3, dtype=dtype), atol=1e-6)
    matrix.requires_grad_()
    out = matrix_to_euler(matrix)
    assert out.tolist() == pytest.approx([e1, e2, 0.0])
    assert out.tolist() == pytest.approx(literature_euler(matrix.detach().double().numpy()))
    out.sum().backward()
    assert matrix.grad is not None
    assert matrix.grad.isfinite().all()

    exact = matrix_to_euler(matrix.detach(), gimbal="exact")
    assert torch.allclose(euler_to_matrix(exact), matrix.detach(), atol=1e-6)


def test_a_batch_may_hold_poles_and_others():
    matrix = torch.stack(
        [euler_to_matrix(double([0.3, -0.2, 0.1]))[0], double([0, 0, 1.0], [0, 1, 0], [-1, 0, 0])]
    )
    matrix.requires_grad_()
    out = matrix_to_euler(matrix)
    assert out[0].tolist() == pytest.approx([0.3, -0.2, 0.1])
    assert out[1].tolist() == pytest.approx([0.0, -PI / 2, 0.0])
    out.sum().backward()
    assert matrix.grad.isfinite().all()


@given(vectors, scales)
def test_matrix_is_a_rotation(vector, scale):
    matrix = axis_angle_to_matrix(double(list(vector)) * scale)[0]
    assert torch.allclose(matrix @ matrix.T, torch.eye(3).double(), atol=1e-12)
    assert torch.linalg.det(matrix).item() == pytest.approx(1)
    axis = double(list(vector))[0] * scale
    assert torch.allclose(matrix @ axis, axis, atol=1e-10)


@given(vectors, scales)
def test_matrix_equals_matrix_exponential(vector, scale):
    r = double(list(vector))[0] * scale
    x, y, z = r.tolist()
    skew = double([0, -z, y], [z, 0, -x], [-y, x, 0])
    assert torch.allclose(axis_angle_to_matrix(r), torch.matrix_exp(skew), atol=1e-12)


@given(vectors, scales)
def test_axis_angle_round_trips(vector, scale):
    r = double(list(vector)) * scale
    matrix = axis_angle_to_matrix(r)
    back = matrix_to_axis_angle(matrix)
    assert back.norm() <= PI + 1e-12
    assert torch.allclose(axis_angle_to_matrix(back), matrix, atol=1e-11)
    if r.norm() < 3:
        assert torch.allclose(back, r, atol=1e-12, rtol=1e-9)

    quaternion = axis_angle_to_quaternion(r)
    assert quaternion.norm().item() == pytest.approx(1)
    assert quaternion[0, 0] >= 0
    assert torch.allclose(quaternion_to_matrix(quaternion), matrix, atol=1e-12)
    assert torch.allclose(quaternion_to_matrix(matrix_to_quaternion(matrix)), matrix, atol=1e-12)
    back = quaternion_to_axis_angle(quaternion)
    assert torch.allclose(axis_angle_to_matrix(back), matrix, atol=1e-11)


@given(vectors)
def test_euler_round_trips(vector):
    e1, e2, e3 = vector
    matrix = euler_to_matrix(double([e1, e2, e3]))
    assert torch.allclose(
        euler_to_matrix(matrix_to_euler(matrix, gimbal="exact")), matrix, atol=1e-7
    )
    if abs(e1) < 3 and abs(e2) < 1.5 and abs(e3) < 3:
        assert torch.allclose(matrix_to_euler(matrix), double([e1, e2, e3]), atol=1e-9)


@given(vectors, st.floats(0.1, 10.0), st.booleans())
def test_quaternions_of_any_length_and_sign(vector, length, negative):
    quaternion = axis_angle_to_quaternion(double(list(vector)))
    other = quaternion * (-length if negative else length)
    assert torch.allclose(quaternion_to_matrix(other), quaternion_to_matrix(quaternion))
    back = axis_angle_to_matrix(quaternion_to_axis_angle(other))
    assert torch.allclose(back, quaternion_to_matrix(quaternion), atol=1e-11)


def test_half_turns_come_back():
    for axis in ([1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0], [0.6, 0, 0.8], [0.48, -0.6, 0.64]):
        r = double(axis) * PI
        matrix = axis_angle_to_matrix(r)
        assert torch.allclose(
            axis_angle_to_matrix(matrix_to_axis_angle(matrix)), matrix, atol=1e-12
        )


@pytest.mark.parametrize("scale", [1.0, 0.0999, 0.1001, 1e-3, 1e-8, 0.0])
@pytest.mark.parametrize(
    "function",
    [
        axis_angle_to_matrix,
        axis_angle_to_quaternion,
        lambda r: matrix_to_axis_angle(axis_angle_to_matrix(r)),
        lambda r: quaternion_to_axis_angle(axis_angle_to_quaternion(r)),
        lambda r: matrix_to_euler(axis_angle_to_matrix(r)),
        lambda r: euler_to_matrix(r),
    ],
    ids=["matrix", "quaternion", "via-matrix", "via-quaternion", "euler", "from-euler"],
)
def test_gradients(function, scale):
    r = (double([0.3, -0.8, 0.5], [1.0, 0.1, 0.0]) * scale).requires_grad_()
    assert gradcheck(function, (r,))
    assert gradgradcheck(function, (r,), atol=1e-4)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_gradients_at_zero_are_finite_and_right(dtype):
    r = torch.zeros(4, 3, dtype=dtype, requires_grad=True)
    back = matrix_to_axis_angle(axis_angle_to_matrix(r))
    (grad,) = torch.autograd.grad(back.sum(), r)
    assert torch.allclose(grad, torch.ones_like(grad))
    (grad,) = torch.autograd.grad(matrix_to_euler(axis_angle_to_matrix(r)).sum(), r)
    assert torch.allclose(grad, -torch.ones_like(grad))


def test_gradients_through_every_branch_of_the_quaternion():
    for vector in ([0.1, 0.2, 0.3], [3.0, 0.1, 0.2], [0.1, 3.0, 0.2], [0.1, 0.2, 3.0]):
        matrix = axis_angle_to_matrix(double(vector)).requires_grad_()
        assert gradcheck(matrix_to_quaternion, (matrix,))


@pytest.mark.parametrize("shape", [(), (0,), (5,), (2, 3, 4)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_leading_dimensions_and_dtype(shape, dtype):
    r = torch.randn(*shape, 3, dtype=dtype, generator=torch.Generator().manual_seed(0))
    matrix, quaternion = axis_angle_to_matrix(r), axis_angle_to_quaternion(r)
    assert matrix.shape == (*shape, 3, 3)
    assert quaternion.shape == (*shape, 4)
    for out, size in [
        (matrix_to_quaternion(matrix), (4,)),
        (matrix_to_axis_angle(matrix), (3,)),
        (quaternion_to_axis_angle(quaternion), (3,)),
        (quaternion_to_matrix(quaternion), (3, 3)),
        (matrix_to_euler(matrix), (3,)),
        (euler_to_matrix(r), (3, 3)),
    ]:
        assert out.shape == (*shape, *size)
        assert out.dtype == dtype


def test_float32_keeps_small_angles():
    r = torch.tensor([[1e-6, -2e-6, 3e-6], [1e-20, 0.0, 0.0]])
    assert torch.allclose(matrix_to_axis_angle(axis_angle_to_matrix(r)), r, rtol=1e-5, atol=0)


@pytest.mark.parametrize(
    ("function", "size", "expected"),
    [
        (axis_angle_to_matrix, (2, 4), "axis_angle must be [..., 3], got [2, 4]"),
        (axis_angle_to_quaternion, (), "axis_angle must be [..., 3], got []"),
        (quaternion_to_matrix, (3,), "quaternion must be [..., 4], got [3]"),
        (quaternion_to_axis_angle, (3,), "quaternion must be [..., 4], got [3]"),
        (matrix_to_quaternion, (3,), "matrix must be [..., 3, 3], got [3]"),
        (matrix_to_axis_angle, (3, 4), "matrix must be [..., 3, 3], got [3, 4]"),
        (matrix_to_euler, (4, 4), "matrix must be [..., 3, 3], got [4, 4]"),
        (euler_to_matrix, (2,), "euler must be [..., 3], got [2]"),
    ],
)
def test_wrong_shapes(function, size, expected):
    with pytest.raises(ValueError) as error:  # noqa: PT011
        function(torch.zeros(size))
    assert str(error.value) == expected


def test_other_wrong_input():
    with pytest.raises(ValueError, match=r"floating-point numbers, got torch\.int64"):
        axis_angle_to_matrix(torch.zeros(3, dtype=torch.long))
    with pytest.raises(ValueError, match="gimbal must be 'literature' or 'exact', got 'x'"):
        matrix_to_euler(torch.eye(3), gimbal="x")
