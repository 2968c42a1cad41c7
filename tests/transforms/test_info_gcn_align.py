import numpy as np
import pytest
import torch

from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import InfoGCNAlign


def reference(person):
    """One person [T, V, C]: the inverse of the basis of the first frame."""
    pose = person[0]
    v1 = pose[1] - pose[0]
    v1 = v1 / np.linalg.norm(v1)
    v2 = pose[12] - pose[16]
    v2 = v2 - (v2 @ v1) * v1
    v2 = v2 / np.linalg.norm(v2)
    basis = np.stack([v2, np.cross(v2, v1), v1], axis=1)
    return np.einsum("ij,tvj->tvi", np.linalg.inv(basis), person)


def test_each_person_on_their_own(ntu_clip):
    data = ntu_clip([1, 1, 1], [1, 0, 1])
    x = data.x.view(2, 25, 3, 3).transpose(1, 2).numpy()
    out = InfoGCNAlign()(data).x.view(2, 25, 3, 3).transpose(1, 2).numpy()
    for person, result in zip(x, out, strict=True):
        np.testing.assert_allclose(result, reference(person), atol=1e-9)
        spine = result[0, 1] - result[0, 0]
        np.testing.assert_allclose(spine[:2], 0, atol=1e-9)
        assert spine[2] > 0


def test_who_is_not_there_in_the_first_frame_becomes_zero(ntu_clip):
    out = InfoGCNAlign()(ntu_clip([1, 1], [0, 1])).x
    assert out[:25].any()
    assert not out[25:].any()


def test_hips_along_the_spine():
    x = torch.zeros(25, 2, 3)
    x[1, :, 2] = x[12, :, 2] = 1.0
    data = Skeleton.get("ntu25").to_data(x)
    assert torch.equal(InfoGCNAlign()(data).x, x)


def test_errors(ntu_clip):
    with pytest.raises(ValueError, match="needs 3 channels"):
        InfoGCNAlign()(Skeleton.get("ntu25").to_data(torch.zeros(25, 2, 2)))
    small = Skeleton("x", [str(i) for i in range(14)], [(i, 0) for i in range(1, 14)], 0)
    with pytest.raises(ValueError, match="got clips of 14 joints"):
        InfoGCNAlign()(small.to_data(torch.zeros(14, 2, 3)))
