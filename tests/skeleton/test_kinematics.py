import math
from types import SimpleNamespace

import pytest
import torch

from pyg_skeleton.skeleton.kinematics import forward_kinematics


def about_z(degrees: float) -> torch.Tensor:
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return torch.tensor([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]], dtype=torch.float64)


def random_rotations(*size: int) -> torch.Tensor:
    q, r = torch.linalg.qr(torch.randn(*size, 3, 3, dtype=torch.float64))
    q = q * r.diagonal(dim1=-2, dim2=-1).sign().unsqueeze(-2)
    return q * torch.linalg.det(q)[..., None, None]


def one_by_one(rotations, offsets, parents, root_position=None):
    """The recursion of the docstring, joint by joint."""
    turn, place = {}, {}

    def visit(v):
        if v in place:
            return
        p = parents[v]
        if p < 0:
            turn[v] = rotations[..., v, :, :]
            place[v] = offsets[..., v, :] if root_position is None else root_position
            return
        visit(p)
        turn[v] = turn[p] @ rotations[..., v, :, :]
        place[v] = place[p] + (turn[p] @ offsets[..., v, :, None]).squeeze(-1)

    for v in range(len(parents)):
        visit(v)
    return torch.stack([place[v] for v in range(len(parents))], -2)


def test_planar_chain_by_hand():
    rotations = torch.stack([about_z(90), about_z(-90), about_z(30)])
    offsets = torch.tensor([[5.0, 5.0, 5.0], [1.0, 0.0, 0.0], [2.0, 0.0, 0.0]], dtype=torch.float64)
    out = forward_kinematics(rotations, offsets, (-1, 0, 1), torch.zeros(3, dtype=torch.float64))
    expected = torch.tensor([[0, 0, 0], [0, 1, 0], [2, 1, 0]], dtype=torch.float64)
    torch.testing.assert_close(out, expected)
    # Without a root position the root stands at its own offset.
    torch.testing.assert_close(forward_kinematics(rotations, offsets, (-1, 0, 1)), expected + 5)


def test_identity_rotations_give_the_rest_pose():
    rest = torch.tensor([[0.0, 1.0, 0.0], [0.0, 2.0, 0.0], [1.0, 2.0, 0.0], [0.0, 3.0, 1.0]])
    parents = (-1, 0, 1, 1)
    offsets = rest - rest[[0, 0, 1, 1]]
    offsets[0] = rest[0]
    out = forward_kinematics(torch.eye(3).expand(4, 3, 3), offsets, parents)
    torch.testing.assert_close(out, rest)


@pytest.mark.parametrize("parents", [(-1, 0, 0, 1, 3, 2), (3, 0, 5, -1, 1, 3), (1, 2, 3, 4, 5, -1)])
def test_any_joint_order_equals_the_recursion(parents):
    torch.manual_seed(0)
    rotations = random_rotations(4, 2, 6)
    offsets = torch.randn(6, 3, dtype=torch.float64)
    root = torch.randn(4, 2, 3, dtype=torch.float64)
    out = forward_kinematics(rotations, offsets, parents, root)
    assert out.shape == (4, 2, 6, 3)
    torch.testing.assert_close(out, one_by_one(rotations, offsets, parents, root))
    many = offsets.expand(4, 1, 6, 3)
    torch.testing.assert_close(forward_kinematics(rotations, many, parents, root), out)
    body = SimpleNamespace(parents=parents)
    torch.testing.assert_close(forward_kinematics(rotations, offsets, body, root), out)


def test_bones_keep_their_length_and_a_joint_does_not_move_itself():
    torch.manual_seed(1)
    parents = (-1, 0, 1, 2, 1)
    offsets = torch.randn(5, 3, dtype=torch.float64)
    rotations = random_rotations(7, 5)
    out = forward_kinematics(rotations, offsets, parents)
    bones = (out[:, 1:] - out[:, list(parents[1:])]).norm(dim=-1)
    torch.testing.assert_close(bones, offsets[1:].norm(dim=-1).expand(7, 4))
    other = rotations.clone()
    other[:, 2] = random_rotations(7)
    moved = (forward_kinematics(other, offsets, parents) - out).norm(dim=-1).max(0).values > 1e-9
    assert moved.tolist() == [False, False, False, True, False]


def test_broadcasts_one_body_over_many_root_positions():
    rotations, offsets = torch.eye(3).expand(2, 3, 3), torch.ones(2, 3)
    out = forward_kinematics(rotations, offsets, (-1, 0), torch.zeros(6, 3))
    assert out.shape == (6, 2, 3)
    assert forward_kinematics(rotations[:1], offsets[:1], (-1,)).tolist() == [[1, 1, 1]]


def test_gradients():
    torch.manual_seed(2)
    inputs = (
        random_rotations(2, 5).requires_grad_(),
        torch.randn(5, 3, dtype=torch.float64, requires_grad=True),
        torch.randn(2, 3, dtype=torch.float64, requires_grad=True),
    )
    parents = (2, 0, -1, 2, 1)
    assert torch.autograd.gradcheck(
        lambda r, o, x: forward_kinematics(r, o, parents, x), inputs, fast_mode=False
    )


@pytest.mark.parametrize(
    ("parents", "match"),
    [
        ((0, 1, 2), r"exactly one root .* got roots \[\]"),
        ((-1, -1, 0), r"got roots \[0, 1\]"),
        ((-1, 2, 1), r"joints \[1, 2\] are not connected"),
        ((-1, 0, 7), r"joint 2 has parent 7"),
    ],
)
def test_not_a_tree(parents, match):
    with pytest.raises(ValueError, match=match):
        forward_kinematics(torch.eye(3).expand(3, 3, 3), torch.zeros(3, 3), parents)


def test_shapes_that_do_not_fit():
    eye, zero = torch.eye(3).expand(3, 3, 3), torch.zeros(3, 3)
    with pytest.raises(ValueError, match=r"rotations must be \[\.\.\., 2, 3, 3\].*\[3, 3, 3\]"):
        forward_kinematics(eye, zero, (-1, 0))
    with pytest.raises(ValueError, match=r"offsets must be .*got \[4, 3\]"):
        forward_kinematics(eye, torch.zeros(4, 3), (-1, 0, 1))
    with pytest.raises(ValueError, match=r"root_position must be \[\.\.\., 3\], got \[2\]"):
        forward_kinematics(eye, zero, (-1, 0, 1), torch.zeros(2))
