import math

import pytest
import torch

from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import AlignShoulders

NTU = Skeleton.get("ntu25")
LEFT, RIGHT = 4, 8


def authors_code(x):
    """CrosSCLR's loop over one person's frames, x [T, V, 3], from its description."""
    axis = x[:, RIGHT] - x[:, LEFT]
    axis = torch.stack([axis[:, 0], torch.zeros(len(x)), axis[:, 2]], dim=1)
    theta = torch.arccos(axis[:, 0] / (axis.norm(dim=1) + 1e-4))
    if axis[:, 2].sum() >= 0:
        theta = -theta
    out = torch.empty_like(x)
    for t, angle in enumerate(theta.tolist()):
        cos, sin = math.cos(angle), math.sin(angle)
        turn = torch.tensor([[cos, 0, -sin], [0, 1, 0], [sin, 0, cos]])
        out[t] = x[t] @ turn.T
    return out


def test_shoulders_along_x():
    x = torch.randn(2, 25, 40, 3, dtype=torch.double)
    out = AlignShoulders(LEFT, RIGHT)(NTU.to_data(x)).x.view_as(x)
    axis = out[:, RIGHT] - out[:, LEFT]
    assert (axis[..., 0] > 0).all()
    assert axis[..., 2].abs().max() < 1e-9
    # A rotation about y: nothing else changes.
    assert torch.equal(out[..., 1], x[..., 1])
    flat, turned = x[..., [0, 2]], out[..., [0, 2]]
    gram = torch.einsum("mitc,mjtc->mtij", flat, flat)
    torch.testing.assert_close(torch.einsum("mitc,mjtc->mtij", turned, turned), gram)
    # Not a reflection.
    cross = flat[:, 1, :, 0] * flat[:, 2, :, 1] - flat[:, 1, :, 1] * flat[:, 2, :, 0]
    after = turned[:, 1, :, 0] * turned[:, 2, :, 1] - turned[:, 1, :, 1] * turned[:, 2, :, 0]
    torch.testing.assert_close(cross, after)


def test_as_the_authors_do():
    x = torch.randn(3, 25, 40, 3)
    out = AlignShoulders(LEFT, RIGHT, sign="clip")(NTU.to_data(x)).x.view_as(x)
    for person in range(3):
        expected = authors_code(x[person].transpose(0, 1)).transpose(0, 1)
        torch.testing.assert_close(out[person], expected, atol=1e-3, rtol=0)
    # Where the sign never changes both are the same, but for the authors' 1e-4.
    steady = x[:1].clone()
    steady[:, RIGHT] = steady[:, LEFT] + torch.tensor([0.3, 0.1, 0.2]) * (1 + torch.rand(40, 1))
    data = NTU.to_data(steady)
    both = [AlignShoulders(LEFT, RIGHT, sign=sign)(data).x for sign in ("frame", "clip")]
    torch.testing.assert_close(*both, atol=1e-2, rtol=0)


def test_no_direction():
    x = torch.zeros(2, 25, 4, 3)
    x[0, :, :, 1] = torch.rand(25, 4)
    data = NTU.to_data(x)
    assert torch.equal(AlignShoulders(LEFT, RIGHT)(data).x, data.x)
    assert AlignShoulders(LEFT, RIGHT, "clip")(data).x.isfinite().all()


def test_target_pose_and_refusals():
    pose = NTU.to_data(torch.randn(25, 3), target=torch.randn(25, 3))
    for sign in ("frame", "clip"):
        out = AlignShoulders(LEFT, RIGHT, sign)(pose)
        assert abs(out.x[RIGHT, 2] - out.x[LEFT, 2]) < 0.05
        assert out.target.shape == (25, 3)
    assert (
        str(AlignShoulders(4, 8)) == "AlignShoulders(left=4, right=8, sign='frame', frame='each')"
    )
    with pytest.raises(ValueError, match=r"sign must be one of"):
        AlignShoulders(4, 8, "both")
    with pytest.raises(ValueError, match=r"got 25 joints with 2 channels"):
        AlignShoulders(4, 8)(NTU.to_data(torch.randn(25, 3, 2)))
    with pytest.raises(ValueError, match=r"got 25 joints"):
        AlignShoulders(4, 30)(NTU.to_data(torch.randn(25, 3, 3)))


def test_all_frames_as_the_first():
    """Turns of the body stay; each body has its own first frame."""
    x = torch.randn(2, 25, 40, 3, dtype=torch.double)
    data = AlignShoulders(LEFT, RIGHT, frame="first")(
        NTU.to_data(x[:, :, :30], target=x[:, :, 30:])
    )
    out = torch.cat([data.x, data.target], dim=1).view_as(x)
    each = AlignShoulders(LEFT, RIGHT)(NTU.to_data(x)).x.view_as(x)
    torch.testing.assert_close(out[:, :, 0], each[:, :, 0])
    # One rotation about y for each body.
    step = [v[..., 0] + 1j * v[..., 2] for v in (x, out)]
    turn = step[1] / step[0]
    torch.testing.assert_close(turn, turn[:, :1, :1].expand_as(turn))
    torch.testing.assert_close(out[..., 1], x[..., 1])
    with pytest.raises(ValueError, match="frame must be one of"):
        AlignShoulders(LEFT, RIGHT, frame="last")
