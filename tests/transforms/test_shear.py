import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import Shear
from pyg_skeleton.transforms.shear import shear

BODY = Skeleton.get("shared15")


def matrix_of(before, after):
    return torch.linalg.lstsq(before.flatten(0, -2), after.flatten(0, -2)).solution.T


def make_clip(persons=1, frames=5):
    x = torch.randn(persons, 15, frames, 3, dtype=torch.double)
    return BODY.to_data(x, target=torch.randn(persons, 15, 2, 3, dtype=torch.double))


def test_shear_is_r_times_x():
    """The oracle of the facts: x' = R x."""
    matrix = torch.tensor([[1, 0.1, 0.2], [0.3, 1, 0.4], [0.5, 0.6, 1]], dtype=torch.double)
    x = torch.tensor([[1.0, 10.0, 100.0]], dtype=torch.double)
    clip = torch.tensor([0])
    expected = torch.tensor([[1 + 1 + 20, 0.3 + 10 + 40, 0.5 + 6 + 100]], dtype=torch.double)
    torch.testing.assert_close(shear(x, matrix[None], clip), expected)
    torch.testing.assert_close(shear(x[:, None], matrix[None], clip), expected[:, None])


def test_one_matrix_for_all_of_a_clip():
    data = make_clip(persons=2)
    before = data.x.clone()
    out = Shear(0.5)(data)
    assert torch.equal(data.x, before)
    matrix = matrix_of(data.x, out.x)
    torch.testing.assert_close(matrix.diagonal(), torch.ones(3, dtype=torch.double))
    assert (matrix - torch.eye(3)).abs().max() <= 0.5
    torch.testing.assert_close(data.x @ matrix.T, out.x)
    torch.testing.assert_close(data.target @ matrix.T, out.target)
    assert torch.equal(Shear(0)(data).x, data.x)


def test_batch_has_a_matrix_for_each_clip():
    clips = [make_clip(persons) for persons in (1, 2, 1)] * 100
    batch = next(iter(SkeletonLoader(clips, batch_size=300)))
    torch.manual_seed(0)
    out = Shear(1.0)(batch)
    found = []
    for clip in range(300):
        rows = batch.batch == clip
        matrix = matrix_of(batch.x[rows], out.x[rows])
        torch.testing.assert_close(batch.x[rows] @ matrix.T, out.x[rows])
        found.append(matrix)
    off = torch.stack(found)[:, ~torch.eye(3, dtype=torch.bool)]
    # 1,800 numbers, even over [-1, 1], the six of a clip on their own.
    assert off.abs().max() <= 1
    assert off.abs().max() > 0.95
    assert off.mean().abs() < 0.05
    assert off.std() == pytest.approx(3**-0.5, abs=0.02)
    assert (torch.corrcoef(off.T) - torch.eye(6)).abs().max() < 0.25
    assert out.graph == batch.graph


def test_pose_seed_and_refusal():
    pose = BODY.to_data(torch.randn(15, 3))
    torch.manual_seed(3)
    first = Shear()(pose).x
    torch.manual_seed(3)
    assert torch.equal(Shear()(pose).x, first)
    assert str(Shear()) == "Shear(amplitude=0.5)"
    with pytest.raises(ValueError, match=r"at least 0, got -1"):
        Shear(-1)
